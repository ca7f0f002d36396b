// <vitte-link>: what a link to this page asks for. Its author chose the registry and the trust root, not the reader: nothing
// is requested until the reader agrees, and the trust root counts only once it is pinned. Fires `vitte-release` with the
// release, `vitte-pin` with the registry, and `vitte-dismiss`.
import { LitElement, css, html } from "lit";
import { text } from "./messages.ts";
import type { Registry } from "./protocol.ts";
import { shared } from "./style.ts";
import { normalDigest, releaseOf, TRUST_ROOT } from "./vitte-registry.ts";

/** A registry and trust root named by a link. */
export type Link = Registry & { package: string };

/** What the page's address names: `?registry=ADDRESS&trust-root=DIGEST&package=NAME@VERSION`. */
export function fromAddress(): { link: Link | undefined; package: string } {
  const query = new URLSearchParams(location.search || location.hash.slice(1));
  const address = (query.get("registry") ?? "").trim();
  const trustRoot = normalDigest(query.get("trust-root") ?? "");
  const name = (query.get("package") ?? "").trim();
  return address || trustRoot ? { link: { address, trustRoot, package: name }, package: "" } : { link: undefined, package: name };
}

/** The host of an address: the part that matters and that a long address can hide. */
function hostOf(address: string): string {
  try {
    return new URL(address).host;
  } catch {
    return address;
  }
}

export class VitteLink extends LitElement {
  static override properties = { link: { attribute: false }, pinned: { type: Boolean } };
  static override styles = [shared, css`
    #linked { border: 1px solid var(--line); border-left: 4px solid var(--warn); border-radius: .6rem; padding: .6rem .9rem; }
    #linked p { margin: .4rem 0; }
    .row { display: flex; gap: .6rem; flex-wrap: wrap; }
  `];
  declare link: Link;
  /** Whether the reader has pinned its trust root. */
  declare pinned: boolean;

  #fire(name: string, detail?: unknown): void {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }

  override render() {
    const { address, trustRoot, package: name } = this.link;
    return html`<section id="linked" aria-label=${text("web.link_heading")}>
      <p><strong>${text("web.link_heading")}</strong></p>
      <dl>
        ${address ? html`<dt>${text("web.link_registry")}</dt><dd class="mono" id="linked-registry">${address}</dd>` : ""}
        ${trustRoot ? html`<dt>${text("web.link_trust_root")}</dt><dd class="mono" id="linked-trust-root">${trustRoot}</dd>` : ""}
        ${name ? html`<dt>${text("web.link_package")}</dt><dd class="mono">${name}</dd>` : ""}</dl>
      <p>${text("web.link_nothing_yet")}. ${text(this.pinned ? "web.link_pinned" : "web.link_unpinned")}.</p>
      <div class="row">
        ${address && name ? html`<button id="link-ask" @click=${() => this.#fire("vitte-release", { ...releaseOf(name), linked: { address, trustRoot } })}>${text("web.link_ask", hostOf(address))}</button>` : ""}
        ${TRUST_ROOT.test(trustRoot) && !this.pinned ? html`<button id="link-pin" @click=${() => this.#fire("vitte-pin", { address, trustRoot })}>${text("web.link_pin")}</button>` : ""}
        <button id="link-dismiss" @click=${() => this.#fire("vitte-dismiss")}>${text("web.link_dismiss")}</button>
      </div></section>`;
  }
}
