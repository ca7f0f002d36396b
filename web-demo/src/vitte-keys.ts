// <vitte-keys>: the public keys the reader trusts. Fires `vitte-keys` with their PEM texts, and `vitte-key-text` with a
// text to be parsed as a key; the result comes back through `add` or `refuse`. Only parsed keys are ever stored.
import { LitElement, css, html } from "lit";
import type { Diagnostic, PublicKey } from "@vitte/package";
import { meaning, sentence, text } from "./messages.ts";
import { shared } from "./style.ts";

const PLACE = "vitte.trusted-keys";
/** At most so many bytes of a file are read; a key has some hundred. */
const LONGEST = 64 * 1024;

/** The form of a public key in PEM. Anything else that was stored, such as a private key, is removed at once. */
const PUBLIC = /^-----BEGIN PUBLIC KEY-----\s[A-Za-z0-9+/=\s]{1,400}-----END PUBLIC KEY-----\s*$/;

/** The keys of an earlier visit. A page from disk may have no storage; then it starts with none. */
function remembered(): string[] {
  try {
    const stored = localStorage.getItem(PLACE);
    if (stored === null) return [];
    const keys = keysIn(stored);
    if (JSON.stringify(keys) !== stored) store(keys);
    return keys;
  } catch {
    return [];
  }
}

function keysIn(stored: string): string[] {
  try {
    const kept: unknown = JSON.parse(stored);
    return Array.isArray(kept) ? kept.filter((key) => typeof key === "string" && PUBLIC.test(key)) : [];
  } catch {
    return [];
  }
}

function store(keys: string[]): void {
  try {
    localStorage.setItem(PLACE, JSON.stringify(keys));
  } catch {
    // No storage for this page: the keys last as long as it is open.
  }
}

export class VitteKeys extends LitElement {
  static override properties = { keys: { state: true }, refused: { state: true } };
  static override styles = [shared, css`
    textarea { width: 100%; box-sizing: border-box; font-family: ui-monospace, monospace; color: inherit; background: var(--paper); border: 1px solid var(--line); border-radius: .4rem; }
    ul { list-style: none; padding: 0; }
    li { margin-block: .3rem; }
    .row { display: flex; gap: .6rem; margin-top: .5rem; flex-wrap: wrap; }
    #refused { color: var(--bad); font-weight: 600; }
  `];
  declare keys: string[];
  /** Why the last text was refused. */
  declare refused: Diagnostic | undefined;

  constructor() {
    super();
    this.keys = remembered();
  }

  #set(keys: string[]): void {
    this.keys = keys;
    store(keys);
    this.dispatchEvent(new CustomEvent("vitte-keys", { detail: keys, bubbles: true, composed: true }));
  }

  #read(given: string): void {
    this.refused = undefined;
    if (given.trim()) this.dispatchEvent(new CustomEvent("vitte-key-text", { detail: given, bubbles: true, composed: true }));
  }

  /** Adds a parsed key. */
  add({ pem }: PublicKey): void {
    this.refused = undefined;
    if (!this.keys.includes(pem)) this.#set([...this.keys, pem]);
  }

  /** Shows why a text is not a public key; for a private key, that nothing of it was stored. */
  refuse(diagnostic: Diagnostic): void {
    this.refused = diagnostic;
  }

  #refusal({ code, message, data }: Diagnostic): string {
    if (data.private === true) return `${text("web.key_private")}. ${text("web.key_private_help")}`;
    return text("web.key_refused", sentence(message) ?? meaning(code));
  }

  /** Of the keys of an earlier visit, keeps those that are valid. */
  keep(keys: PublicKey[]): void {
    const kept = [...new Set(keys.map(({ pem }) => pem))];
    if (JSON.stringify(kept) !== JSON.stringify(this.keys)) this.#set(kept);
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
        <textarea id="pem" rows="3" spellcheck="false" autocomplete="off" aria-describedby="help"></textarea>
        <div role="alert">${this.refused ? html`<p id="refused">${this.#refusal(this.refused)}.</p>` : ""}</div>
        <div class="row">
          <button id="add" @click=${() => {
            const area = this.renderRoot.querySelector<HTMLTextAreaElement>("#pem");
            if (area) {
              this.#read(area.value);
              area.value = "";
            }
          }}>${text("web.keys_add")}</button>
          <label class="button">${text("web.choose_key")}
            <input class="hidden" type="file" id="key" @change=${async (event: Event) => {
              const input = event.target as HTMLInputElement;
              const file = input.files?.[0];
              if (file) this.#read(await file.slice(0, LONGEST).text());
              input.value = "";
            }}>
          </label>
        </div>
      </details>`;
  }
}
