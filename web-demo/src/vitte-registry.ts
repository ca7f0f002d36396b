// <vitte-registry>: the reader's registry, and a release of it to check. Fires `vitte-registry` when the registry changes,
// and `vitte-release` with a release.
import { LitElement, css, html } from "lit";
import { text } from "./messages.ts";
import type { Registry } from "./protocol.ts";
import { shared } from "./style.ts";

const PLACE = "vitte.registry";
export const TRUST_ROOT = /^[0-9a-f]{64}$/;

/** A release to check, from the registry a link named or from the reader's own. */
export type Release = { package: string; version: string | undefined; linked?: Registry };

/** A digest in the form that is compared: without prefix, in lower case. */
export function normalDigest(given: string): string {
  return given.trim().toLowerCase().replace(/^sha256:/, "");
}

/** The registry of an earlier visit; a page from disk may have no storage. */
function remembered(): Registry {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(PLACE) ?? "{}");
    const member = (name: string) => {
      const value = (kept as Record<string, unknown> | null)?.[name];
      return typeof value === "string" ? value : "";
    };
    const trustRoot = normalDigest(member("trustRoot"));
    return { address: member("address"), trustRoot: TRUST_ROOT.test(trustRoot) ? trustRoot : "" };
  } catch {
    return { address: "", trustRoot: "" };
  }
}

/** Whether the policy of this page lets it ask that address. */
const isRefused = (address: string) => /^http:/i.test(address) && !/^http:\/\/(127\.0\.0\.1|localhost)([:/]|$)/i.test(address);

/** A release by the name that a reader types. */
export function releaseOf(name: string): Release {
  const at = name.lastIndexOf("@");
  return at > 0 ? { package: name.slice(0, at), version: name.slice(at + 1) } : { package: name, version: undefined };
}

export class VitteRegistry extends LitElement {
  static override properties = { registry: { state: true }, package: { state: true } };
  static override styles = [shared, css`
    form { display: grid; gap: .2rem; }
    .wrong { color: var(--warn); font-weight: 600; margin: 0 0 .5rem; }
    input { font: inherit; font-family: ui-monospace, monospace; color: inherit; background: var(--paper); border: 1px solid var(--line); border-radius: .4rem; padding: .35rem .5rem; width: 100%; box-sizing: border-box; margin-bottom: .5rem; }
    .row { display: flex; gap: .6rem; flex-wrap: wrap; }
  `];
  /** The reader's own registry: entered here, or pinned. */
  declare registry: Registry;
  declare package: string;

  constructor() {
    super();
    this.registry = remembered();
    this.package = "";
  }

  /** Whether the reader has pinned this trust root: entered it here, or accepted it from a link. */
  isPinned(trustRoot: string): boolean {
    return trustRoot !== "" && trustRoot === this.registry.trustRoot;
  }

  /** Makes this the reader's registry. */
  set(registry: Registry): void {
    this.registry = { ...registry, trustRoot: normalDigest(registry.trustRoot) };
    try {
      localStorage.setItem(PLACE, JSON.stringify(this.registry));
    } catch {
      // No storage for this page: the registry lasts as long as it is open.
    }
    this.dispatchEvent(new CustomEvent("vitte-registry", { detail: this.registry, bubbles: true, composed: true }));
  }

  #fire(release: Release): void {
    this.dispatchEvent(new CustomEvent("vitte-release", { detail: release, bubbles: true, composed: true }));
  }

  #release(event: Event): void {
    event.preventDefault();
    const name = this.package.trim();
    if (name && this.registry.address) this.#fire(releaseOf(name));
  }

  #value(event: Event): string {
    return (event.target as HTMLInputElement).value.trim();
  }

  override render() {
    const { address, trustRoot } = this.registry;
    return html`
      <details>
        <summary>${text("web.registry_heading")} <span class="note">${address || text("web.registry_no")}</span></summary>
        <p id="help">${text("web.registry_help")}.</p>
        <p id="own-page" class="note">${text("web.registry_own_page")}. ${text("web.registry_elsewhere")}.</p>
        <form @submit=${(event: Event) => this.#release(event)} aria-describedby="help own-page">
          <label for="address">${text("web.registry_address")}</label>
          <input id="address" type="url" inputmode="url" autocomplete="off" spellcheck="false" .value=${address}
            @input=${(event: Event) => { this.registry = { ...this.registry, address: this.#value(event) }; }}
            @change=${() => this.set(this.registry)}>
          ${isRefused(address) ? html`<p class="wrong" id="insecure" role="alert">${text("web.registry_insecure")}.</p>` : ""}
          <label for="trust-root">${text("web.registry_trust_root")}</label>
          <input id="trust-root" autocomplete="off" spellcheck="false" .value=${trustRoot}
            @input=${(event: Event) => { this.registry = { ...this.registry, trustRoot: this.#value(event) }; }}
            @change=${() => this.set(this.registry)}>
          ${trustRoot && !TRUST_ROOT.test(normalDigest(trustRoot)) ? html`<p class="wrong" id="not-a-digest" role="alert">${text("web.registry_not_a_digest")}.</p>` : ""}
          <label for="package">${text("web.registry_package")}</label>
          <input id="package" autocomplete="off" spellcheck="false" .value=${this.package}
            @input=${(event: Event) => { this.package = this.#value(event); }}>
          <div class="row">
            <button id="check" ?disabled=${!address || !this.package}>${text("web.registry_check")}</button>
            <button id="forget" type="button" ?disabled=${!address && !trustRoot}
              @click=${() => this.set({ address: "", trustRoot: "" })}>${text("web.registry_forget")}</button>
          </div>
        </form>
      </details>`;
  }
}
