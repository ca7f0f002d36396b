// <vitte-verdict>: the chip, and the steps behind it. Each state has words and a sign, not only a colour.
import { LitElement, css, html, nothing } from "lit";
import type { Diagnostic, Report, Step } from "@vitte/package";
import { check, colon, meaning, sentence, size, text } from "./messages.ts";
import type { FailedIn, Registry } from "./protocol.ts";
import { shared } from "./style.ts";

export type Progress = { done: number; total: number | undefined } | { asking: string };

/** At most so many files of a damaged frame are listed: it may have sixty thousand, which would freeze the page. */
const LISTED = 100;

const SIGN = { passed: "✔", failed: "✘", "not-asked": "–", "not-reached": "–" } as const;
const WORD = { passed: "web.step_passed", failed: "web.step_failed", "not-asked": "web.step_not_asked", "not-reached": "web.step_not_reached" } as const;

export class VitteVerdict extends LitElement {
  static override properties = {
    report: { attribute: false },
    progress: { attribute: false },
    fault: { attribute: false },
    failedIn: { attribute: false },
    milliseconds: { attribute: false },
    hasNoMemory: { attribute: false },
    unpinned: { attribute: false },
    name: { attribute: false },
  };
  static override styles = [shared, css`
    .chip { display: inline-flex; gap: .5rem; padding: .4rem .9rem; border-radius: 1rem; border: 1px solid currentColor; font-weight: 600; background: var(--soft); }
    .verified { color: var(--good); background: var(--good-soft); }
    .unsigned, .untrusted { color: var(--warn); background: var(--warn-soft); }
    .tampered, .unreadable { color: var(--bad); background: var(--bad-soft); }
    .reason { border-left: 4px solid var(--bad); padding-left: .8rem; margin-block: .8rem; }
    .reason.warn { border-color: var(--warn); }
    ol { list-style: none; padding: 0; margin: .3rem 0; }
    li:not(.plain) { display: grid; grid-template-columns: 1.5rem 1fr; gap: .3rem; padding-block: .1rem; }
    .passed .sign { color: var(--good); }
    .failed .sign, .failed .what { color: var(--bad); }
    summary { margin-top: .8rem; }
    h2 { margin-top: .9rem; }
    ul { list-style: none; padding: 0; margin: .2rem 0; }
    .not-asked, .not-reached { opacity: .8; }
  `];
  declare report: Report | undefined;
  declare progress: Progress | undefined;
  declare fault: Diagnostic | undefined;
  /** With a fault: whether the archive itself is malformed, or a file of the registry. */
  declare failedIn: FailedIn | undefined;
  declare milliseconds: number;
  declare hasNoMemory: boolean;
  /** The registry that was queried, if the reader has not pinned its trust root: then the chip is never green. */
  declare unpinned: Registry | undefined;
  /** What is verified, as the terminal's command calls it. */
  declare name: string;

  /** Opens the list of steps and moves the focus there. */
  showSteps(): void {
    const steps = this.renderRoot.querySelector("details");
    if (steps) {
      steps.open = true;
      steps.querySelector("summary")?.focus();
    }
  }

  #words(report: Report): string {
    if (report.status === "tampered" && report.failedIn === "registry") return "web.state_refused";
    return report.reason?.code === "VP0529" ? "web.state_unproven" : `web.state_${report.status}`;
  }

  /** The registry and trust root behind a verified release, if the reader has not pinned that trust root. */
  #unpinned() {
    if (this.report?.status !== "verified" || !this.unpinned) return "";
    const { address, trustRoot } = this.unpinned;
    return html`<div class="reason warn" id="unpinned"><p>${text("web.unpinned_reason")}.</p><dl>
      <dt>${text("web.link_registry")}</dt><dd class="mono">${address}</dd>
      <dt>${text("web.link_trust_root")}</dt><dd class="mono">${trustRoot}</dd></dl></div>`;
  }

  /** What no page can promise about a registry: the registry may have served the page. */
  #bounds({ steps }: Report) {
    return steps.some((step) => step.id === "trust-root")
      ? html`<p id="bounds" class="note">${text("web.registry_own_page")}. ${text("web.registry_elsewhere")}.</p>`
      : "";
  }

  #chip() {
    if (this.report?.status === "verified" && this.unpinned) {
      return html`<span class="chip untrusted" data-state="untrusted"><span aria-hidden="true">!</span> ${text("web.state_unpinned")}</span>`;
    }
    if (this.report) {
      const { status } = this.report;
      const sign = status === "verified" ? "✔" : status === "tampered" ? "✘" : "!";
      return html`<span class="chip ${status}" data-state=${status}><span aria-hidden="true">${sign}</span>
        ${text(this.#words(this.report))}${status === "verified" ? html`, ${text("web.took", Math.round(this.milliseconds))}` : ""}</span>`;
    }
    if (this.fault) {
      const state = this.failedIn === "archive" ? "unreadable" : "could_not_check";
      return html`<span class="chip ${state}" data-state=${state}><span aria-hidden="true">✘</span>${text(`web.state_${state}`)}</span>`;
    }
    if (this.progress) {
      return html`<span class="chip" data-state="checking">
        ${"asking" in this.progress
          ? text("web.asking", this.progress.asking)
          : text("web.checking", size(this.progress.done), size(this.progress.total ?? this.progress.done))}</span>`;
    }
    return nothing;
  }

  /** What is wrong. A sentence that is in English only comes after what its code means. */
  #sentence({ code, message }: Diagnostic) {
    return sentence(message) ?? html`${meaning(code)}.<br><span class="note" lang="en">${message}</span>`;
  }

  #reason(fault: Diagnostic) {
    const place = fault.place;
    const warn = this.report && this.report.status !== "tampered" ? "warn" : "";
    return html`<div class="reason ${warn}" id="reason">
      <p><strong>${fault.code}</strong> ${this.#sentence(fault)}</p>
      ${place.in === "frame" ? html`<p>${text("web.frame_label", place.frame + 1, place.frames)}${colon()}
        ${text("web.frame_files", place.files.length)}</p>
        <ul>${place.files.slice(0, LISTED).map((path) => html`<li class="plain"><code>${path}</code></li>`)}
          ${place.files.length > LISTED ? html`<li class="plain">${text("web.frame_files_more", place.files.length - LISTED)}</li>` : ""}</ul>` : ""}
      ${typeof fault.data.before === "string" && typeof fault.data.now === "string" ? html`<p>${text("web.evidence_heading")}.</p>
        <p>${text("web.evidence_before")}</p><pre id="before" tabindex="0">${fault.data.before}</pre>
        <p>${text("web.evidence_now")}</p><pre id="now" tabindex="0">${fault.data.now}</pre>` : ""}
      ${typeof fault.data.offered === "string" ? html`<p id="offered">${text("web.offered", fault.data.offered)}.</p>` : ""}
      ${fault.data.expected !== undefined ? html`<dl>
        <dt>${text("web.expected")}</dt><dd class="mono">${fault.data.expected}</dd>
        <dt>${text("web.received")}</dt><dd class="mono">${fault.data.got}</dd></dl>` : ""}
      ${fault.help.map((help) => html`<p>${sentence(help) ?? help}</p>`)}
    </div>`;
  }

  #step(step: Step) {
    return html`<li class=${step.verdict} data-step=${step.id}><span class="sign" aria-hidden="true">${SIGN[step.verdict]}</span>
      <span class="what">${check(step.id, step.text)}${step.found && step.verdict === "passed" ? html`${colon()} <span class="mono">${sentence(step.found) ?? step.found}</span>` : ""} <span class="hidden">${text(WORD[step.verdict])}</span></span></li>`;
  }

  #log({ log }: Report) {
    if (!log) return "";
    const { releaseStatus: status } = log;
    return html`<h2>${text("web.log_heading")}</h2><dl id="log">
      <dt>${text("web.log_entry_label")}</dt><dd>${text("web.log_entry", log.index, log.size, log.registry)}</dd>
      <dt>${text("web.log_time")}</dt><dd><time datetime=${new Date(log.time * 1000).toISOString()}>${new Date(log.time * 1000).toUTCString()}</time></dd>
      ${status ? html`<dt>${text("web.log_status_label")}</dt><dd id="release-status">${text("web.log_status", status.action, status.code, status.text)}</dd>` : ""}
      <dt>${text("web.log_witness_label")}</dt><dd>${text(log.witnessed ? "web.log_witnessed" : "web.log_unwitnessed")}</dd></dl>`;
  }

  override render() {
    const fault = this.report?.reason ?? this.fault;
    return html`
      <div role="status" aria-live="polite">${this.#chip()}</div>
      ${fault ? this.#reason(fault) : ""}
      ${this.#unpinned()}
      ${this.report ? this.#bounds(this.report) : ""}
      ${this.report?.signers.length ? html`<h2>${text("web.signer_heading")}</h2>
        <ul id="signers">${this.report.signers.map((signer) => html`<li class="plain"><span class="mono" title=${signer.keyid}>${signer.short}</span></li>`)}</ul>` : ""}
      ${this.report ? this.#log(this.report) : ""}
      ${this.hasNoMemory ? html`<p id="no-memory">${text("web.no_memory")}.</p>` : ""}
      ${this.report ? html`<details open><summary>${text("web.steps_heading")}</summary>
        <ol>${this.report.steps.map((step) => this.#step(step))}</ol>
        <p>${text("web.command_label")}${colon()} <code>${text("web.command", this.name)}</code></p></details>` : ""}`;
  }
}
