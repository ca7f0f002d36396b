// <vitte-keys>: the public keys the reader trusts, each for some packages. Fires `vitte-keys` with them, and
// `vitte-key-text` with a text to be parsed as a key; the result comes back through `add` or `refuse`. Only parsed keys
// are ever stored.
import { LitElement, css, html } from "lit";
import type { Diagnostic, PublicKey } from "@vitte/package";
import { meaning, sentence, text } from "./messages.ts";
import type { TrustedKey } from "./protocol.ts";
import { shared } from "./style.ts";

const PLACE = "vitte.trusted-keys";
/** At most so many bytes of a file are read; a key has some hundred. */
const LONGEST = 64 * 1024;

/** The form of a public key in PEM. Anything else that was stored, such as a private key, is removed at once. */
const PUBLIC = /^-----BEGIN PUBLIC KEY-----\s[A-Za-z0-9+/=\s]{1,400}-----END PUBLIC KEY-----\s*$/;

/** A text that is to be read as a key, and what it is to be trusted for. */
export type KeyText = { text: string; scope: string };

/** The keys of an earlier visit. A page from disk may have no storage; then it starts with none. */
function remembered(): TrustedKey[] {
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

function keysIn(stored: string): TrustedKey[] {
  try {
    const kept: unknown = JSON.parse(stored);
    return Array.isArray(kept) ? kept.map(keyIn).filter((key) => key !== undefined) : [];
  } catch {
    return [];
  }
}

/** A stored key. Earlier pages stored the text alone, of a key that counted for every package. */
function keyIn(kept: unknown): TrustedKey | undefined {
  const { key, for: scope } = typeof kept === "string" ? { key: kept, for: "*" } : (kept ?? {}) as Record<string, unknown>;
  if (typeof key !== "string" || typeof scope !== "string") return undefined;
  return PUBLIC.test(key) && /^[\w.*/-]{1,200}$/.test(scope) ? { key, for: scope } : undefined;
}

function store(keys: TrustedKey[]): void {
  try {
    localStorage.setItem(PLACE, JSON.stringify(keys));
  } catch {
    // No storage for this page: the keys last as long as it is open.
  }
}

/** Whether a file that was dropped on the page is meant as a key and not as a package. */
export async function isKeyFile(file: File): Promise<boolean> {
  if (file.size > LONGEST) return false;
  const begin = await file.slice(0, 64).text().catch(() => "");
  return /^\s*-----BEGIN /.test(begin);
}

const same = (one: TrustedKey, other: TrustedKey) => one.key === other.key && one.for === other.for;

export class VitteKeys extends LitElement {
  static override properties = {
    keys: { state: true }, refused: { state: true }, pending: { state: true }, suggested: { attribute: false }, fingerprints: { state: true },
  };
  static override styles = [shared, css`
    textarea, #for { width: 100%; box-sizing: border-box; font: inherit; font-family: ui-monospace, monospace; color: inherit; background: var(--paper); border: 1px solid var(--line); border-radius: .4rem; padding: .35rem .5rem; margin-bottom: .5rem; }
    ul { list-style: none; padding: 0; }
    li { margin-block: .3rem; }
    .row { display: flex; gap: .6rem; flex-wrap: wrap; }
    #refused { color: var(--bad); font-weight: 600; }
  `];
  declare keys: TrustedKey[];
  /** Why the last text was refused. */
  declare refused: { diagnostic: Diagnostic; isKey: boolean } | undefined;
  /** A key without the packages it is for. */
  declare pending: PublicKey | undefined;
  /** The packages that a key is probably for: the namespace of the package that is shown. */
  declare suggested: string | undefined;
  /** Fingerprints of the keys by their texts, as far as they were checked. */
  declare fingerprints: ReadonlyMap<string, string>;

  /** What was suggested last. */
  #offered = "";

  constructor() {
    super();
    this.keys = remembered();
    this.fingerprints = new Map();
  }

  #set(keys: TrustedKey[]): void {
    this.keys = keys;
    store(keys);
    this.dispatchEvent(new CustomEvent("vitte-keys", { detail: keys, bubbles: true, composed: true }));
  }

  get #scope(): HTMLInputElement | null {
    return this.renderRoot.querySelector<HTMLInputElement>("#for");
  }

  #read(given: string): void {
    this.refused = this.pending = undefined;
    const detail: KeyText = { text: given, scope: this.#scope?.value.trim() ?? "" };
    if (given.trim()) this.dispatchEvent(new CustomEvent("vitte-key-text", { detail, bubbles: true, composed: true }));
  }

  /** Reads the key in a file, such as one that was dropped on the page. */
  async open(file: File): Promise<void> {
    const details = this.renderRoot.querySelector("details");
    if (details) details.open = true;
    this.#read(await file.slice(0, LONGEST).text().catch(() => ""));
  }

  #named({ pem, short }: PublicKey): void {
    this.fingerprints = new Map([...this.fingerprints, [pem, short]]);
  }

  /** Adds a parsed key, once it is known what it is for. */
  add(key: PublicKey, scope: string): void {
    this.refused = undefined;
    this.#named(key);
    this.pending = scope ? undefined : key;
    if (!scope) return this.#scope?.focus();
    const added = { key: key.pem, for: scope };
    if (!this.keys.some((one) => same(one, added))) this.#set([...this.keys, added]);
  }

  /** Shows why a text is not a public key; for a private key, that nothing of it was stored. */
  refuse(diagnostic: Diagnostic, isKey: boolean): void {
    this.refused = { diagnostic, isKey };
  }

  #refusal({ diagnostic: { code, message, data }, isKey }: { diagnostic: Diagnostic; isKey: boolean }): string {
    if (data.private === true) return `${text("web.key_private")}. ${text("web.key_private_help")}`;
    return text(isKey ? "web.scope_refused" : "web.key_refused", sentence(message) ?? meaning(code));
  }

  /** Of the keys of an earlier visit, keeps those that are valid. */
  keep(keys: (PublicKey & { for: string })[]): void {
    for (const key of keys) this.#named(key);
    const kept = keys.map(({ pem, for: scope }) => ({ key: pem, for: scope }))
      .filter((key, index, all) => all.findIndex((other) => same(other, key)) === index);
    if (JSON.stringify(kept) !== JSON.stringify(this.keys)) this.#set(kept);
  }

  /** Suggests what a key is for, unless the reader has entered something else. */
  override updated(changed: Map<string, unknown>): void {
    const field = this.#scope;
    if (!field || !this.suggested || !changed.has("suggested")) return;
    if (field.value === "" || field.value === this.#offered) field.value = this.#offered = this.suggested;
  }

  #add(): void {
    const area = this.renderRoot.querySelector<HTMLTextAreaElement>("#pem");
    const given = area?.value ?? "";
    if (area) area.value = "";
    if (given.trim()) this.#read(given);
    else if (this.pending) this.#read(this.pending.pem);
  }

  #key(trusted: TrustedKey) {
    const name = this.fingerprints.get(trusted.key) ?? text("web.keys_unchecked");
    const scope = trusted.for === "*" ? text("web.keys_every") : text("web.keys_scope", trusted.for);
    return html`<li><code>${name}</code> <span class="scope">${scope}</span>
      <button aria-label=${text("web.keys_remove", `${name} ${scope}`)}
        @click=${() => this.#set(this.keys.filter((key) => !same(key, trusted)))}>✕</button></li>`;
  }

  override render() {
    return html`
      <details>
        <summary>${text("web.keys_heading")} <span class="note">${this.keys.length === 0 ? text("web.keys_no") : this.keys.length}</span></summary>
        <p id="help">${this.keys.length === 0 ? html`${text("web.keys_none")}. ` : ""}${text("web.keys_help")}.</p>
        <ul>${this.keys.map((key) => this.#key(key))}</ul>
        <label for="pem">${text("web.keys_paste")}</label>
        <textarea id="pem" rows="3" spellcheck="false" autocomplete="off" aria-describedby="help"></textarea>
        <label for="for">${text("web.keys_for")}</label>
        <input id="for" autocomplete="off" spellcheck="false" autocapitalize="off">
        <div role="alert">${this.refused ? html`<p id="refused">${this.#refusal(this.refused)}.</p>` : ""}
          ${this.pending ? html`<p id="pending">${text("web.keys_for_missing", this.pending.short)}.</p>` : ""}</div>
        <div class="row">
          <button id="add" @click=${() => this.#add()}>${text("web.keys_add")}</button>
          <label class="button">${text("web.choose_key")}
            <input class="hidden" type="file" id="key" @change=${async (event: Event) => {
              const input = event.target as HTMLInputElement;
              const file = input.files?.[0];
              if (file) await this.open(file);
              input.value = "";
            }}>
          </label>
        </div>
      </details>`;
  }
}
