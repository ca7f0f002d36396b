// <vitte-registry>: the registry to query, a release of it to check, and what a link to this page asks for.
// Fires `vitte-registry` when the registry changes, and `vitte-release` with a release.
import { LitElement, css, html } from "lit";
import { text } from "./messages.ts";
import type { Registry } from "./protocol.ts";
import { shared } from "./style.ts";

const PLACE = "vitte.registry";
const TRUST_ROOT = /^[0-9a-f]{64}$/;

/** A release to check, from the registry a link named or from the reader's own. */
export type Release = { package: string; version: string | undefined; linked?: Registry };

/** A registry and trust root named by a link: its author chose them, not the reader. */
type Link = Registry & { package: string };

/** What the page's address names: `?registry=ADDRESS&trust-root=DIGEST&package=NAME@VERSION`. */
function fromAddress(): { link: Link | undefined; package: string } {
  const query = new URLSearchParams(location.search || location.hash.slice(1));
  const address = (query.get("registry") ?? "").trim();
  const trustRoot = normalDigest(query.get("trust-root") ?? "");
  const name = (query.get("package") ?? "").trim();
  return address || trustRoot ? { link: { address, trustRoot, package: name }, package: "" } : { link: undefined, package: name };
}

/** A digest in the form that is compared: without prefix, in lower case. */
function normalDigest(given: string): string {
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

/** The host of an address: the part that matters and that a long address can hide. */
function hostOf(address: string): string {
  try {
    return new URL(address).host;
  } catch {
    return address;
  }
}

function releaseOf(name: string): Release {
  const at = name.lastIndexOf("@");
  return at > 0 ? { package: name.slice(0, at), version: name.slice(at + 1) } : { package: name, version: undefined };
}

export class VitteRegistry extends LitElement {
  static override properties = { registry: { state: true }, package: { state: true }, link: { state: true } };
  static override styles = [shared, css`
    form { display: grid; gap: .2rem; }
    input { font: inherit; font-family: ui-monospace, monospace; color: inherit; background: var(--paper); border: 1px solid var(--line); border-radius: .4rem; padding: .35rem .5rem; width: 100%; box-sizing: border-box; margin-bottom: .5rem; }
    #linked { border-left: 4px solid var(--warn); padding-left: .8rem; margin-bottom: .8rem; }
    #linked p { margin: .4rem 0; }
    .row { display: flex; gap: .6rem; flex-wrap: wrap; }
  `];
  /** The reader's own registry: entered here, or pinned. */
  declare registry: Registry;
  declare package: string;
  /** What a link asks for. Nothing is requested until the reader agrees, and its trust root counts only once pinned. */
  declare link: Link | undefined;

  constructor() {
    super();
    const { link, package: name } = fromAddress();
    this.registry = remembered();
    this.link = link;
    this.package = name;
  }

  /** Whether the reader has pinned this trust root: entered it here, or accepted it from a link. */
  isPinned(trustRoot: string): boolean {
    return trustRoot !== "" && trustRoot === this.registry.trustRoot;
  }

  #set(registry: Registry): void {
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

  #checkLinked({ package: name, address, trustRoot }: Link): void {
    this.#fire({ ...releaseOf(name), linked: { address, trustRoot } });
  }

  #linked(link: Link) {
    const { address, trustRoot, package: name } = link;
    const pinned = this.isPinned(trustRoot);
    return html`<section id="linked" aria-label=${text("web.link_heading")}>
      <p><strong>${text("web.link_heading")}</strong></p>
      <dl>
        ${address ? html`<dt>${text("web.link_registry")}</dt><dd class="mono" id="linked-registry">${address}</dd>` : ""}
        ${trustRoot ? html`<dt>${text("web.link_trust_root")}</dt><dd class="mono" id="linked-trust-root">${trustRoot}</dd>` : ""}
        ${name ? html`<dt>${text("web.link_package")}</dt><dd class="mono">${name}</dd>` : ""}</dl>
      <p>${text("web.link_nothing_yet")}. ${text(pinned ? "web.link_pinned" : "web.link_unpinned")}.</p>
      <div class="row">
        ${address && name ? html`<button id="link-ask" @click=${() => this.#checkLinked(link)}>${text("web.link_ask", hostOf(address))}</button>` : ""}
        ${TRUST_ROOT.test(trustRoot) && !pinned ? html`<button id="link-pin" @click=${() => this.#set({ address, trustRoot })}>${text("web.link_pin")}</button>` : ""}
        <button id="link-dismiss" @click=${() => { this.link = undefined; }}>${text("web.link_dismiss")}</button>
      </div></section>`;
  }

  #value(event: Event): string {
    return (event.target as HTMLInputElement).value.trim();
  }

  override render() {
    const { address, trustRoot } = this.registry;
    return html`
      ${this.link ? this.#linked(this.link) : ""}
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
