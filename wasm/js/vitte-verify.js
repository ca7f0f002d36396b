// <vitte-verify>: what a package is, by a check in this browser, in a chip with the steps behind it.
import { words } from "./element-words.js";
import { openRelease, verify, VitteError } from "./surface.js";

/** Milliseconds before a check that goes on is shown as that: most are over by then. */
const PATIENCE = 300;
const SIGNS = { verified: "✔", tampered: "✘", unsigned: "!", untrusted: "!", could_not_check: "?", checking: "…" };
const MARKS = { passed: "✔", failed: "✘", "not-asked": "–", "not-reached": "–" };

let sheet;
/** The style, which no content security policy forbids. Colours and spaces are variables of the page's, if it has them. */
function style() {
  if (sheet) return sheet;
  sheet = new CSSStyleSheet();
  sheet.replaceSync(`
    :host { display: inline-block; max-width: 100%; }
    :host([hidden]) { display: none; }
    [part~="chip"] { display: inline-flex; gap: .5rem; padding: .25rem .75rem; border: 1px solid currentColor; border-radius: 1rem; font-weight: 600; color: var(--vitte-neutral, #4d5560); background: var(--vitte-surface, #fff); }
    [part~="verified"] { color: var(--vitte-good, #116329); }
    [part~="unsigned"], [part~="untrusted"] { color: var(--vitte-warn, #7a4d00); }
    [part~="tampered"] { color: var(--vitte-bad, #b3261e); }
    [part="reason"] { margin: .5rem 0; }
    ol { list-style: none; margin: .5rem 0; padding: 0; }
    li { display: grid; grid-template-columns: 1.5rem 1fr; }
    summary:focus-visible { outline: 2px solid currentColor; outline-offset: 2px; }
    .hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
    @media (prefers-color-scheme: dark) {
      [part~="chip"] { color: var(--vitte-neutral, #c3c9d1); background: var(--vitte-surface, #15181c); }
      [part~="verified"] { color: var(--vitte-good, #6ddc8b); }
      [part~="unsigned"], [part~="untrusted"] { color: var(--vitte-warn, #f0b95b); }
      [part~="tampered"] { color: var(--vitte-bad, #ff9d94); }
    }`);
  return sheet;
}

function element(name, attributes = {}, ...content) {
  const made = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
  made.append(...content);
  return made;
}

/** Checks the package at `src`, or a release of `registry`, and shows the verdict. */
export class VitteVerify extends HTMLElement {
  static observedAttributes = ["src", "registry", "trust-root", "package", "version", "lang"];

  /** Whom to trust, as `verify` takes it; without it, the attributes say. */
  #policy;
  /** The package, if it is not at an address. */
  #source;
  #state = "idle";
  #report;
  #error;
  #running;
  #planned = false;
  #internals;

  constructor() {
    super();
    this.#internals = this.attachInternals?.();
  }

  get policy() {
    return this.#policy;
  }

  set policy(policy) {
    this.#policy = policy;
    this.#plan();
  }

  get source() {
    return this.#source;
  }

  set source(source) {
    this.#source = source;
    this.#plan();
  }

  /** `idle`, `checking`, the status of the report, or `could_not_check`. */
  get state() {
    return this.#state;
  }

  get report() {
    return this.#report;
  }

  get error() {
    return this.#error;
  }

  connectedCallback() {
    this.#plan();
  }

  disconnectedCallback() {
    this.cancel();
  }

  attributeChangedCallback(name) {
    if (name === "lang") this.#draw();
    else this.#plan();
  }

  /** Ends a check that is under way: then nothing is shown. */
  cancel() {
    this.#running?.abort();
    this.#running = undefined;
    if (this.#state === "checking") this.#become("idle");
  }

  /** Checks now. @returns {Promise<import("./index.d.ts").Report | undefined>} the report; `undefined` if there is none */
  async check() {
    this.#running?.abort();
    const running = (this.#running = new AbortController());
    [this.#report, this.#error] = [undefined, undefined];
    const patience = setTimeout(() => this.#become("checking"), PATIENCE);
    let outcome;
    try {
      const report = await this.#verdict(running.signal);
      outcome = { report, state: report.status };
    } catch (error) {
      outcome = { error, state: "could_not_check" };
    } finally {
      clearTimeout(patience);
    }
    if (this.#running !== running) return undefined;
    [this.#report, this.#error, this.#running] = [outcome.report, outcome.error, undefined];
    this.#become(outcome.state);
    const { report, error } = outcome;
    this.dispatchEvent(new CustomEvent(report ? "vitte-report" : "vitte-error", { detail: report ?? error, bubbles: true, composed: true }));
    return report;
  }

  async #verdict(signal) {
    const policy = this.#policy ?? this.#stated();
    const source = this.#source ?? this.getAttribute("src");
    if (source !== null && source !== undefined) {
      return verify(typeof source === "string" ? new URL(source, document.baseURI) : source, policy, { signal });
    }
    const release = await openRelease(policy, { signal });
    try {
      return await release.verify(undefined, { signal });
    } finally {
      release.dispose();
    }
  }

  /** The policy that the attributes say. */
  #stated() {
    const members = { registryAt: "registry", trustRoot: "trust-root", package: "package", version: "version" };
    const stated = Object.entries(members).map(([member, attribute]) => [member, this.getAttribute(attribute)]);
    return Object.fromEntries(stated.filter(([, value]) => value !== null && value !== ""));
  }

  /** Checks once all attributes and properties are there. */
  #plan() {
    if (this.#planned || !this.isConnected) return;
    this.#planned = true;
    queueMicrotask(() => {
      this.#planned = false;
      const isAsked = this.#source !== undefined || this.hasAttribute("src") || this.hasAttribute("package") || this.#policy?.package !== undefined;
      if (this.isConnected && isAsked) void this.check();
    });
  }

  #become(state) {
    const states = this.#internals?.states;
    // Older browsers take only names that begin with two dashes.
    try {
      states?.delete(this.#state);
      states?.add(state);
    } catch {
      // Parts and the property tell the state as well.
    }
    this.#state = state;
    this.#draw();
  }

  #words() {
    const tag = (this.getAttribute("lang") ?? this.closest("[lang]")?.lang ?? "en").split("-")[0];
    return words[tag] ?? words.en;
  }

  #sentence(text) {
    const { status, failedIn, reason } = this.#report ?? {};
    if (status === "tampered" && failedIn === "registry") return text.state_refused;
    if (status === "untrusted" && reason.class === "no-proof") return text.state_unproven;
    return text[`state_${this.#state}`] ?? text.checking.split(",")[0];
  }

  #draw() {
    if (this.#state === "idle" && !this.shadowRoot) return;
    const root = this.shadowRoot ?? this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [style()];
    // Nothing is known: what the page has in this place is shown.
    if (this.#state === "idle") return root.replaceChildren(element("slot"));
    const text = this.#words();
    const sign = element("span", { "aria-hidden": "true" }, SIGNS[this.#state]);
    const chip = element("span", { part: `chip ${this.#state}` }, sign, element("span", {}, this.#sentence(text)));
    const shown = [element("div", { role: "status" }, chip)];
    const fault = this.#report?.reason ?? this.#error?.diagnostic;
    if (fault) shown.push(element("p", { part: "reason", lang: "en" }, `${fault.code}: ${fault.message}`));
    else if (this.#error) shown.push(element("p", { part: "reason", lang: "en" }, String(this.#error.message ?? this.#error)));
    for (const help of this.#error instanceof VitteError ? this.#error.diagnostic.help : []) shown.push(element("p", { part: "help", lang: "en" }, help));
    if (this.#report) shown.push(this.#steps(text));
    root.replaceChildren(...shown);
  }

  #steps(text) {
    const items = this.#report.steps.map(({ verdict, text: what, found }) => element("li", { part: `step ${verdict}` },
      element("span", { "aria-hidden": "true" }, MARKS[verdict]),
      element("span", {}, found ? `${what}: ${found} ` : `${what} `, element("span", { class: "hidden" }, text[`step_${verdict.replace("-", "_")}`]))));
    return element("details", { part: "steps" }, element("summary", {}, text.steps_heading), element("ol", { lang: "en" }, ...items));
  }
}
