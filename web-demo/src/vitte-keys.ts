// <vitte-keys>: the public keys the reader trusts. Fires `vitte-keys` with their PEM texts.
import { LitElement, css, html } from "lit";
import { text } from "./messages.ts";
import { shared } from "./style.ts";

const PLACE = "vitte.trusted-keys";

/** The keys of an earlier visit; a page from disk may have no storage, then it starts with none. */
function remembered(): string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(PLACE) ?? "[]");
    return Array.isArray(kept) ? kept.filter((key) => typeof key === "string") : [];
  } catch {
    return [];
  }
}

export class VitteKeys extends LitElement {
  static override properties = { keys: { state: true } };
  static override styles = [shared, css`
    textarea { width: 100%; box-sizing: border-box; font-family: ui-monospace, monospace; color: inherit; background: var(--paper); border: 1px solid var(--line); border-radius: .4rem; }
    ul { list-style: none; padding: 0; }
    li { margin-block: .3rem; }
    .row { display: flex; gap: .6rem; margin-top: .5rem; flex-wrap: wrap; }
  `];
  declare keys: string[];

  constructor() {
    super();
    this.keys = remembered();
  }

  #set(keys: string[]): void {
    this.keys = keys;
    try {
      localStorage.setItem(PLACE, JSON.stringify(keys));
    } catch {
      // No storage for this page: the keys last as long as it is open.
    }
    this.dispatchEvent(new CustomEvent("vitte-keys", { detail: keys, bubbles: true, composed: true }));
  }

  #add(pem: string): void {
    const key = pem.trim();
    if (key && !this.keys.includes(key)) this.#set([...this.keys, key]);
  }

  override render() {
    const name = (pem: string) => pem.split("\n").filter((line) => !line.startsWith("-----")).join("").slice(-16);
    return html`
      <details>
        <summary>${text("web.keys_heading")} <span class="note">${this.keys.length === 0 ? text("web.keys_no") : this.keys.length}</span></summary>
        <p id="help">${this.keys.length === 0 ? html`${text("web.keys_none")}. ` : ""}${text("web.keys_help")}</p>
        <ul>${this.keys.map((pem) => html`<li><code>${name(pem)}</code>
          <button aria-label=${text("web.keys_remove", name(pem))}
            @click=${() => this.#set(this.keys.filter((key) => key !== pem))}>✕</button></li>`)}</ul>
        <label for="pem">${text("web.keys_paste")}</label>
        <textarea id="pem" rows="3" spellcheck="false" aria-describedby="help"></textarea>
        <div class="row">
          <button id="add" @click=${() => {
            const area = this.renderRoot.querySelector<HTMLTextAreaElement>("#pem");
            if (area) {
              this.#add(area.value);
              area.value = "";
            }
          }}>${text("web.keys_add")}</button>
          <label class="button">${text("web.choose_key")}
            <input class="hidden" type="file" id="key" @change=${async (event: Event) => {
              const input = event.target as HTMLInputElement;
              const file = input.files?.[0];
              if (file) this.#add(await file.text());
              input.value = "";
            }}>
          </label>
        </div>
      </details>`;
  }
}
