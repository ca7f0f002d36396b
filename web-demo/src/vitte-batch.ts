// <vitte-batch>: several files, each with its verdict. Fires `vitte-show` with the one to be shown in full.
import { LitElement, css, html } from "lit";
import type { Diagnostic, Report } from "@vitte/package";
import { text } from "./messages.ts";
import { shared } from "./style.ts";
import { SIGN_OF_STATE, stateOf, wordsOf, type State } from "./state.ts";

/** One of several files: what came of it, once it was checked. A report that is not there is another tool's archive. */
export type Row = { file: File; done: boolean; report?: Report | undefined; fault?: Diagnostic; unreadable?: boolean };

export class VitteBatch extends LitElement {
  static override properties = { rows: { attribute: false }, shown: { attribute: false } };
  static override styles = [shared, css`
    .scroll { overflow-x: auto; }
    table { border-collapse: collapse; width: 100%; }
    th, td { text-align: left; padding: .3rem .6rem .3rem 0; border-bottom: 1px solid var(--line); vertical-align: top; overflow-wrap: anywhere; }
    th { font-weight: 600; }
    td button { padding: .1rem .5rem; text-align: left; overflow-wrap: anywhere; }
    .verified { color: var(--good); } .tampered, .unreadable { color: var(--bad); } .unsigned, .untrusted { color: var(--warn); }
  `];
  declare rows: Row[];
  /** The file that is shown in full. */
  declare shown: File | undefined;

  #verdict({ done, report, fault, unreadable }: Row) {
    if (!done) return html`<td data-row="waiting" class="note">${text("web.batch_waiting")}</td>`;
    if (!report && !fault) return html`<td data-row="foreign">${text("web.batch_foreign")}</td>`;
    const state: State = stateOf(report, unreadable === true);
    const reason = report?.reason ?? fault;
    return html`<td data-row=${state} class=${state}><span aria-hidden="true">${SIGN_OF_STATE[state]}</span>
      ${text(wordsOf(state, report))}${reason ? html` <strong>${reason.code}</strong>` : ""}</td>`;
  }

  #row(row: Row) {
    const { file, report } = row;
    const { package: name, version } = report?.release ?? {};
    return html`<tr>
      <td><button aria-pressed=${this.shown === file} aria-label=${text("web.batch_show", file.name)} ?disabled=${!row.done}
        @click=${() => this.dispatchEvent(new CustomEvent("vitte-show", { detail: file, bubbles: true, composed: true }))}>${file.name}</button></td>
      ${this.#verdict(row)}
      <td>${name ? `${name} ${version}` : ""}</td></tr>`;
  }

  override render() {
    const done = this.rows.filter((row) => row.done).length;
    return html`<section aria-labelledby="heading"><h2 id="heading">${text("web.batch_heading", done)}${done < this.rows.length ? ` / ${this.rows.length}` : ""}</h2>
      <div class="scroll"><table>
        <thead><tr><th scope="col">${text("web.batch_file")}</th><th scope="col">${text("web.batch_verdict")}</th><th scope="col">${text("web.batch_package")}</th></tr></thead>
        <tbody>${this.rows.map((row) => this.#row(row))}</tbody></table></div></section>`;
  }
}
