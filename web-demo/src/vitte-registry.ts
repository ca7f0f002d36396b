// <vitte-registry>: the registry that is asked, and a release of it to check. Fires `vitte-registry` when another one
// is to be asked, and `vitte-release` with a package and a version.
import { LitElement, css, html } from "lit";
import { text } from "./messages.ts";
import type { Registry } from "./protocol.ts";
import { shared } from "./style.ts";

const PLACE = "vitte.registry";

export type Release = { package: string; version: string | undefined };

/** What the page's address names: `?registry=ADDRESS&trust-root=DIGEST&package=NAME@VERSION`. */
function asked(): { registry: Registry | undefined; package: string } {
  const query = new URLSearchParams(location.search || location.hash.slice(1));
  const address = query.get("registry") ?? "";
  const trustRoot = query.get("trust-root") ?? "";
  return { registry: address || trustRoot ? { address, trustRoot } : undefined, package: query.get("package") ?? "" };
}

/** The registry of an earlier visit; a page from disk may have no storage. */
function remembered(): Registry {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(PLACE) ?? "{}");
    const member = (name: string) => {
      const value = (kept as Record<string, unknown> | null)?.[name];
      return typeof value === "string" ? value : "";
    };
    return { address: member("address"), trustRoot: member("trustRoot") };
  } catch {
    return { address: "", trustRoot: "" };
  }
}

export class VitteRegistry extends LitElement {
  static override properties = { registry: { state: true }, package: { state: true }, linked: { state: true } };
  static override styles = [shared, css`
    form { display: grid; gap: .2rem; }
    input { font: inherit; font-family: ui-monospace, monospace; color: inherit; background: var(--paper); border: 1px solid var(--line); border-radius: .4rem; padding: .35rem .5rem; width: 100%; box-sizing: border-box; margin-bottom: .5rem; }
    #linked { margin: 0 0 .4rem; color: var(--warn); }
    .row { display: flex; gap: .6rem; flex-wrap: wrap; }
  `];
  declare registry: Registry;
  declare package: string;
  /** Whether a link named a trust root that the reader has not entered here before. */
  declare linked: boolean;

  constructor() {
    super();
    const { registry, package: name } = asked();
    const known = remembered();
    this.registry = registry ?? known;
    this.linked = this.registry.trustRoot !== known.trustRoot;
    this.package = name;
  }

  #set(registry: Registry): void {
    this.registry = registry;
    this.linked = false;
    try {
      localStorage.setItem(PLACE, JSON.stringify(registry));
    } catch {
      // No storage for this page: the registry lasts as long as it is open.
    }
    this.dispatchEvent(new CustomEvent("vitte-registry", { detail: registry, bubbles: true, composed: true }));
  }

  #release(event: Event): void {
    event.preventDefault();
    const name = this.package.trim();
    if (!name || !this.registry.address) return;
    const at = name.lastIndexOf("@");
    const detail: Release = at > 0
      ? { package: name.slice(0, at), version: name.slice(at + 1) }
      : { package: name, version: undefined };
    this.dispatchEvent(new CustomEvent("vitte-release", { detail, bubbles: true, composed: true }));
  }

  /** Checks the release that the page's address names, if it names one. */
  override firstUpdated(): void {
    if (this.package) this.renderRoot.querySelector<HTMLFormElement>("form")?.requestSubmit();
  }

  #value(event: Event): string {
    return (event.target as HTMLInputElement).value.trim();
  }

  override render() {
    const { address, trustRoot } = this.registry;
    return html`
      ${this.linked ? html`<p id="linked">${text("web.registry_linked")}.</p>` : ""}
      <details>
        <summary>${text("web.registry_heading")} <span class="note">${address || text("web.registry_no")}</span></summary>
        <p id="help">${text("web.registry_help")}.</p>
        <p id="own-page" class="note">${text("web.registry_own_page")}. ${text("web.registry_elsewhere")}.</p>
        <form @submit=${(event: Event) => this.#release(event)} aria-describedby="help own-page">
          <label for="address">${text("web.registry_address")}</label>
          <input id="address" type="url" inputmode="url" autocomplete="off" spellcheck="false" .value=${address}
            @input=${(event: Event) => { this.registry = { ...this.registry, address: this.#value(event) }; }}
            @change=${() => this.#set(this.registry)}>
          <label for="trust-root">${text("web.registry_trust_root")}</label>
          <input id="trust-root" autocomplete="off" spellcheck="false" .value=${trustRoot}
            @input=${(event: Event) => { this.registry = { ...this.registry, trustRoot: this.#value(event) }; }}
            @change=${() => this.#set(this.registry)}>
          <label for="package">${text("web.registry_package")}</label>
          <input id="package" autocomplete="off" spellcheck="false" .value=${this.package}
            @input=${(event: Event) => { this.package = this.#value(event); }}>
          <div class="row">
            <button id="check" ?disabled=${!address || !this.package}>${text("web.registry_check")}</button>
            <button id="forget" type="button" ?disabled=${!address && !trustRoot}
              @click=${() => this.#set({ address: "", trustRoot: "" })}>${text("web.registry_forget")}</button>
          </div>
        </form>
      </details>`;
  }
}
