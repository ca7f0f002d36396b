// <vitte-verifier>: the whole page. Holds the state; the other elements show parts of it.
import { LitElement, css, html } from "lit";
import type { Contents, Diagnostic, Report } from "@vitte/package";
import { Checker } from "./checker.ts";
import { choose, language, LANGUAGES, text, type Language } from "./messages.ts";
import type { Reply, FailedIn, Registry } from "./protocol.ts";
import { shared } from "./style.ts";
import type { VitteContents } from "./vitte-contents.ts";
import type { VitteDrop } from "./vitte-drop.ts";
import type { VitteKeys } from "./vitte-keys.ts";
import type { Release, VitteRegistry } from "./vitte-registry.ts";
import type { Progress, VitteVerdict } from "./vitte-verdict.ts";

export class VitteVerifier extends LitElement {
  static override properties = {
    subject: { state: true }, contents: { state: true }, report: { state: true }, fault: { state: true }, failedIn: { state: true },
    progress: { state: true }, shown: { state: true }, milliseconds: { state: true }, hasNoMemory: { state: true }, unpinned: { state: true },
  };
  static override styles = [shared, css`
    h1 { font-size: 1.5rem; margin: 0; }
    .lead { margin: .2rem 0; }
    nav { float: right; display: flex; gap: .3rem; }
    nav [aria-pressed="true"] { font-weight: 600; border-color: currentColor; }
    .trust { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(22rem, 100%), 1fr)); gap: .8rem; align-items: start; margin-block: 1rem; }
    .trust > * { margin: 0; border: 1px solid var(--line); border-radius: .6rem; padding: .6rem .9rem; min-width: 0; }
    footer { border-top: 1px solid var(--line); padding-top: .5rem; }
  `];
  /** What is being checked: a file, or a release of the registry. */
  declare subject: File | Release | undefined;
  declare hasNoMemory: boolean;
  /** The registry that is queried, if its trust root came with a link and the reader has not pinned it. */
  declare unpinned: Registry | undefined;
  declare contents: Contents | undefined;
  declare report: Report | undefined;
  declare fault: Diagnostic | undefined;
  declare failedIn: FailedIn | undefined;
  declare progress: Progress | undefined;
  declare shown: { path: string; bytes: Uint8Array } | undefined;
  declare milliseconds: number;
  #checker = new Checker((reply) => this.#receive(reply));

  constructor() {
    super();
    document.title = text("web.title");
    this.milliseconds = 0;
    this.hasNoMemory = false;
    document.addEventListener("keydown", (event) => this.#key(event));
    // A package dropped beside the zone would otherwise replace the page.
    document.addEventListener("dragover", (event) => event.preventDefault());
    document.addEventListener("drop", (event) => {
      event.preventDefault();
      const file = event.dataTransfer?.files[0];
      if (file && !event.composedPath().some((node) => node instanceof Element && node.localName === "vitte-drop")) this.#check(file);
    });
  }

  #check(subject: File | Release): void {
    this.subject = subject;
    this.contents = this.report = this.fault = this.failedIn = this.shown = undefined;
    this.hasNoMemory = false;
    const keys = this.#keys?.keys ?? [];
    const known = this.renderRoot.querySelector<VitteRegistry>("vitte-registry");
    const linked = subject instanceof File ? undefined : subject.linked;
    const registry = linked ?? known?.registry;
    this.unpinned = linked && !known?.isPinned(linked.trustRoot) ? linked : undefined;
    if (subject instanceof File) {
      this.progress = { done: 0, total: subject.size };
      this.#checker.send({ type: "check", file: subject, keys, registry });
    } else if (registry) {
      this.progress = { asking: registry.address };
      const { package: name, version } = subject;
      this.#checker.send({ type: "release", package: name, version, registry });
    }
  }

  get #keys(): VitteKeys | null {
    return this.renderRoot.querySelector<VitteKeys>("vitte-keys");
  }

  /** Has the worker check the keys of an earlier visit. */
  override firstUpdated(): void {
    const kept = this.#keys?.keys ?? [];
    if (kept.length > 0) this.#checker.send({ type: "keys", kept });
  }

  #checkAgain(): void {
    if (this.subject) this.#check(this.subject);
  }

  /** What is checked, as the terminal's command calls it. */
  get #commandName(): string {
    if (this.subject === undefined || this.subject instanceof File) return this.subject?.name ?? "";
    const version = this.report?.release?.version ?? this.subject.version;
    return version ? `${this.subject.package}@${version}` : this.subject.package;
  }

  #receive(reply: Reply): void {
    switch (reply.type) {
      case "opened":
        this.contents = reply.contents;
        if (!reply.contents.release) this.progress = undefined;
        break;
      case "progress": this.progress = { done: reply.done, total: reply.total }; break;
      case "report":
        this.report = reply.report;
        this.milliseconds = reply.milliseconds;
        this.hasNoMemory = reply.hasNoMemory;
        this.progress = undefined;
        break;
      case "key": this.#keys?.add(reply.key); break;
      case "key-refused": this.#keys?.refuse(reply.diagnostic); break;
      case "keys": this.#keys?.keep(reply.keys); break;
      case "content": this.shown = { path: reply.path, bytes: reply.bytes }; break;
      case "failed":
        this.fault = reply.diagnostic;
        this.failedIn = reply.failedIn;
        this.progress = undefined;
        break;
    }
  }

  #key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const typing = event.composedPath()[0];
    if (typing instanceof HTMLTextAreaElement || typing instanceof HTMLInputElement) return;
    if (event.key === "o") this.renderRoot.querySelector<VitteDrop>("vitte-drop")?.choose();
    else if (event.key === "v") this.renderRoot.querySelector<VitteVerdict>("vitte-verdict")?.showSteps();
    else if (event.key === "f") this.renderRoot.querySelector<VitteContents>("vitte-contents")?.focusFiles();
    else if (event.key === "Escape") this.shown = undefined;
  }

  /** Draws everything again in another language; what was opened and checked stays. */
  #setLanguage(chosen: Language): void {
    choose(chosen);
    document.title = text("web.title");
    this.requestUpdate();
    for (const element of this.renderRoot.querySelectorAll("*")) {
      if (element instanceof LitElement) element.requestUpdate();
    }
  }

  #languages() {
    const all = Object.entries(LANGUAGES) as [Language, string][];
    return html`<nav id="languages" aria-label=${text("web.language")}>${all.map(([tag, name]) =>
      html`<button lang=${tag} aria-pressed=${language() === tag} @click=${() => this.#setLanguage(tag)}>${name}</button>`)}</nav>`;
  }

  override render() {
    const place = this.report?.reason?.place;
    const damaged = new Set(place?.in === "frame" ? place.files : place?.in === "file" ? [place.path] : []);
    return html`
      <header>${this.#languages()}<h1>${text("web.title")}</h1><p class="lead">${text("web.lead")}. ${text("web.privacy")}.</p></header>
      <main>
        <vitte-drop @vitte-file=${(event: CustomEvent<File>) => this.#check(event.detail)}></vitte-drop>
        <div class="trust">
          <vitte-keys @vitte-keys=${() => this.#checkAgain()}
            @vitte-key-text=${(event: CustomEvent<string>) => this.#checker.send({ type: "key", text: event.detail })}></vitte-keys>
          <vitte-registry @vitte-registry=${() => this.#checkAgain()}
            @vitte-release=${(event: CustomEvent<Release>) => this.#check(event.detail)}></vitte-registry>
        </div>
        <vitte-verdict .report=${this.report} .progress=${this.progress} .fault=${this.fault} .failedIn=${this.failedIn}
          .milliseconds=${this.milliseconds} .hasNoMemory=${this.hasNoMemory} .unpinned=${this.unpinned} .name=${this.#commandName}></vitte-verdict>
        ${this.contents ? html`<vitte-contents .contents=${this.contents} .damaged=${damaged} .shown=${this.shown}
          .verified=${this.report?.status === "verified" && !this.unpinned}
          @vitte-read=${(event: CustomEvent<string | undefined>) => {
            this.shown = undefined;
            if (event.detail !== undefined) this.#checker.send({ type: "read", path: event.detail });
          }}></vitte-contents>` : ""}
      </main>
      <footer><p>${text("web.keyboard")}</p></footer>`;
  }
}
