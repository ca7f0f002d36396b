// <vitte-verdict>: the card with the verdict, and the steps behind it. Each state has words and a sign, not only a colour.
import { LitElement, css, html, nothing } from "lit";
import type { Diagnostic, Report, Step } from "@vitte/package";
import { check, colon, meaning, sentence, size, text } from "./messages.ts";
import type { Registry } from "./protocol.ts";
import { SIGN_OF_STATE, wordsOf, type State } from "./state.ts";
import { shared } from "./style.ts";

export type Progress = { done: number; total: number | undefined } | { asking: string };

/** At most so many files of a damaged frame are listed: it may have sixty thousand, which would freeze the page. */
const LISTED = 100;

const SIGN = { passed: "✔", failed: "✘", "not-asked": "–", "not-reached": "–" } as const;
const WORD = { passed: "web.step_passed", failed: "web.step_failed", "not-asked": "web.step_not_asked", "not-reached": "web.step_not_reached" } as const;

/** What is known: nothing yet, that a check is under way, or its outcome. */
export type Outcome = State | "checking" | undefined;

export class VitteVerdict extends LitElement {
  static override properties = {
    outcome: { attribute: false },
    report: { attribute: false },
    progress: { attribute: false },
    isSlow: { type: Boolean },
    fault: { attribute: false },
    milliseconds: { attribute: false },
    hasNoMemory: { attribute: false },
    unpinned: { attribute: false },
    subject: { attribute: false },
    detail: { attribute: false },
    command: { attribute: false },
    copied: { state: true },
  };
  static override styles = [shared, css`
    .card { border: 2px solid var(--line); border-radius: .8rem; padding: .9rem 1.1rem; background: var(--soft); }
    .card.verified { border-color: var(--good); background: var(--good-soft); }
    .card.unsigned, .card.untrusted { border-color: var(--warn); background: var(--warn-soft); }
    .card.tampered, .card.unreadable { border-color: var(--bad); background: var(--bad-soft); }
    .card > p { margin: .3rem 0; }
    .subject { font-size: 1.25rem; font-weight: 600; overflow-wrap: anywhere; }
    .state { font-size: 1.5rem; font-weight: 700; margin: 0; }
    .verified .state { color: var(--good); }
    .unsigned .state, .untrusted .state { color: var(--warn); }
    .tampered .state, .unreadable .state { color: var(--bad); }
    .row { display: flex; gap: .6rem; flex-wrap: wrap; margin-top: .7rem; align-items: center; }
    progress { width: 100%; }
    .reason { border-left: 4px solid var(--bad); padding-left: .8rem; margin-block: .8rem; }
    .reason.warn { border-color: var(--warn); }
    .reason.neutral { border-color: var(--line); }
    ol { list-style: none; padding: 0; margin: .3rem 0; }
    li:not(.plain) { display: grid; grid-template-columns: 1.5rem 1fr; gap: .3rem; padding-block: .1rem; }
    .passed .sign { color: var(--good); }
    .failed .sign, .failed .what { color: var(--bad); }
    .warn .failed .sign, .warn .failed .what { color: var(--warn); }
    summary { margin-top: .8rem; }
    h3 { margin: .9rem 0 .3rem; font-size: 1.05rem; }
    ul { list-style: none; padding: 0; margin: .2rem 0; }
    #command { white-space: pre-wrap; }
  `];
  declare outcome: Outcome;
  declare report: Report | undefined;
  declare progress: Progress | undefined;
  /** Whether the check takes so long that its progress is worth showing. */
  declare isSlow: boolean;
  declare fault: Diagnostic | undefined;
  declare milliseconds: number;
  declare hasNoMemory: boolean;
  /** The registry that was queried, if the reader has not pinned its trust root: then the card is never green. */
  declare unpinned: Registry | undefined;
  /** What is verified: its name and version, as far as they are known, or the file's name. */
  declare subject: string;
  /** The file's name and size. */
  declare detail: string;
  /** The lines that do the same check in a terminal. */
  declare command: string;
  declare copied: boolean;

  /** Opens the list of steps and moves the focus there. */
  showSteps(): void {
    const steps = this.renderRoot.querySelector("details");
    if (steps) {
      steps.open = true;
      steps.querySelector("summary")?.focus();
    }
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

  /** The state in words, as the card and the announcement say it. */
  get words(): string {
    if (this.outcome === undefined) return "";
    if (this.outcome === "checking") return text("web.checking_now");
    if (this.#isUnpinned) return text("web.state_unpinned");
    return text(wordsOf(this.outcome, this.report));
  }

  get #isUnpinned(): boolean {
    return this.report?.status === "verified" && this.unpinned !== undefined;
  }

  /** The state, as the card shows it. */
  get #shown(): State | "checking" | undefined {
    return this.#isUnpinned ? "untrusted" : this.outcome;
  }

  get #isWarning(): boolean {
    return this.#shown === "unsigned" || this.#shown === "untrusted";
  }

  /** What the verdict means, in one sentence. */
  #meaning(outcome: State) {
    if (outcome === "verified" && !this.#isUnpinned) {
      return html`<p>${text("web.say_verified", this.report?.signers.map(({ short }) => short).join(", ") ?? "")}.</p>`;
    }
    if (outcome === "untrusted" && this.report?.reason?.class !== "key-not-authorised") return "";
    return outcome === "unreadable" || outcome === "verified" ? "" : html`<p>${text(`web.say_${outcome}`)}.</p>`;
  }

  #fire(name: string): void {
    this.dispatchEvent(new CustomEvent(name, { bubbles: true, composed: true }));
  }

  #checking() {
    const { progress } = this;
    if (!progress || !this.isSlow) return "";
    const asking = "asking" in progress;
    const words = asking ? text("web.asking", progress.asking) : text("web.checking", size(progress.done), size(progress.total ?? progress.done));
    return html`<p id="progress"><label for="bar">${words}</label></p>
      ${asking || progress.total === undefined ? html`<progress id="bar"></progress>` : html`<progress id="bar" max=${progress.total} value=${progress.done}></progress>`}
      <div class="row"><button id="cancel" @click=${() => this.#fire("vitte-cancel")}>${text("web.cancel")}</button></div>`;
  }

  #card() {
    const { outcome } = this;
    const state = this.#shown;
    if (!outcome || !state) return nothing;
    const took = outcome === "verified" && !this.#isUnpinned ? `, ${text("web.took", Math.round(this.milliseconds))}` : "";
    return html`<section class="card ${state}" aria-labelledby="state">
      <p class="subject" id="subject">${this.subject}</p>
      <h2 class="state" id="state" data-state=${state}><span aria-hidden="true">${state === "checking" ? "…" : SIGN_OF_STATE[state]}</span>
        ${this.words}${took}</h2>
      ${outcome === "checking" ? this.#checking() : this.#meaning(outcome)}
      ${this.detail && this.detail !== this.subject ? html`<p class="note">${this.detail}</p>` : ""}
      ${this.report ? html`<div class="row"><button id="save" @click=${() => this.#fire("vitte-save")}>${text("web.save_report")}</button></div>` : ""}
    </section>`;
  }

  /** What is wrong. A sentence that is in English only comes after what its code means. */
  #sentence({ code, message }: Diagnostic) {
    return sentence(message) ?? html`${meaning(code)}.<br><span class="note" lang="en">${message}</span>`;
  }

  #reason(fault: Diagnostic) {
    const place = fault.place;
    const colour = this.#isWarning ? "warn" : this.#shown === "could_not_check" ? "neutral" : "";
    const { expected, got } = fault.data;
    return html`<div class="reason ${colour}" id="reason">
      <p><strong>${fault.code}</strong> ${this.#sentence(fault)}</p>
      ${place.in === "frame" ? html`<p>${text("web.frame_label", place.frame + 1, place.frames)}${colon()}
        ${text("web.frame_files", place.files.length)}</p>
        <ul>${place.files.slice(0, LISTED).map((path) => html`<li class="plain"><code>${path}</code></li>`)}
          ${place.files.length > LISTED ? html`<li class="plain">${text("web.frame_files_more", place.files.length - LISTED)}</li>` : ""}</ul>` : ""}
      ${typeof fault.data.before === "string" && typeof fault.data.now === "string" ? html`<p>${text("web.evidence_heading")}.</p>
        <p>${text("web.evidence_before")}</p><pre id="before" tabindex="0">${fault.data.before}</pre>
        <p>${text("web.evidence_now")}</p><pre id="now" tabindex="0">${fault.data.now}</pre>` : ""}
      ${typeof fault.data.offered === "string" ? html`<p id="offered">${text("web.offered", fault.data.offered)}.</p>` : ""}
      ${expected !== undefined ? html`<dl>
        <dt>${text("web.expected")}</dt><dd class="mono">${expected}</dd>
        <dt>${text("web.received")}</dt><dd class="mono" id="got">${got === undefined || got === "" ? text("web.nothing_received") : got}</dd></dl>` : ""}
      ${fault.help.map((help) => html`<p>${sentence(help) ?? help}</p>`)}
    </div>`;
  }

  #step(step: Step) {
    const words = text(WORD[step.verdict]);
    const isOpen = step.verdict === "not-asked" || step.verdict === "not-reached";
    return html`<li class=${step.verdict} data-step=${step.id}><span class="sign" aria-hidden="true">${SIGN[step.verdict]}</span>
      <span class="what">${check(step.id, step.text)}${step.found && step.verdict === "passed" ? html`${colon()} <span class="mono">${sentence(step.found) ?? step.found}</span>` : ""} <span class=${isOpen ? "note" : "hidden"}>${isOpen ? html`(${words})` : words}</span></span></li>`;
  }

  #log({ log }: Report) {
    if (!log) return "";
    const { releaseStatus: status } = log;
    return html`<h3>${text("web.log_heading")}</h3><dl id="log">
      <dt>${text("web.log_entry_label")}</dt><dd>${text("web.log_entry", log.index, log.size, log.registry)}</dd>
      <dt>${text("web.log_time")}</dt><dd><time datetime=${new Date(log.time * 1000).toISOString()}>${new Date(log.time * 1000).toUTCString()}</time></dd>
      ${status ? html`<dt>${text("web.log_status_label")}</dt><dd id="release-status">${text("web.log_status", status.action, status.code, status.text)}</dd>` : ""}
      <dt>${text("web.log_witness_label")}</dt><dd>${text(log.witnessed ? "web.log_witnessed" : "web.log_unwitnessed")}</dd></dl>`;
  }

  /** What to paste into a terminal: after a verdict, and all the more where there can be none. */
  #command() {
    if (!this.command || this.outcome === "checking" || this.outcome === undefined) return "";
    return html`<h3>${text("web.command_label")}</h3><pre id="command" tabindex="0">${this.command}</pre>
      <div class="row"><button id="copy" @click=${async () => {
        await navigator.clipboard?.writeText(this.command).then(() => { this.copied = true; }, () => {});
      }}>${text("web.copy")}</button> <span role="status">${this.copied ? text("web.copied") : ""}</span></div>`;
  }

  override willUpdate(changed: Map<string, unknown>): void {
    if (changed.has("command")) this.copied = false;
  }

  override render() {
    const fault = this.report?.reason ?? this.fault;
    return html`
      ${this.#card()}
      ${fault ? this.#reason(fault) : ""}
      ${this.#unpinned()}
      ${this.report ? this.#bounds(this.report) : ""}
      ${this.report?.signers.length ? html`<h3>${text("web.signer_heading")}</h3>
        <ul id="signers">${this.report.signers.map((signer) => html`<li class="plain"><span class="mono" title=${signer.keyid}>${signer.short}</span></li>`)}</ul>` : ""}
      ${this.report ? this.#log(this.report) : ""}
      ${this.hasNoMemory ? html`<p id="no-memory">${text("web.no_memory")}.</p>` : ""}
      ${this.report ? html`<details open><summary>${text("web.steps_heading")}</summary>
        <ol class=${this.#isWarning ? "warn" : ""}>${this.report.steps.map((step) => this.#step(step))}</ol></details>` : ""}
      ${this.#command()}`;
  }
}
