// <vitte-verifier>: the whole page. Holds the state; the other elements show parts of it.
import { LitElement, css, html } from "lit";
import type { Contents, Diagnostic, Report } from "@vitte/package";
import { Checker } from "./checker.ts";
import { command, keysFor } from "./command.ts";
import { choose, language, LANGUAGES, sentence, size, text, type Language } from "./messages.ts";
import type { Reply, FailedIn, Registry, Trust } from "./protocol.ts";
import { SIGN_OF_STATE, stateOf } from "./state.ts";
import { shared } from "./style.ts";
import type { Row } from "./vitte-batch.ts";
import type { VitteContents } from "./vitte-contents.ts";
import { dropped, type VitteDrop } from "./vitte-drop.ts";
import { isKeyFile, type KeyText, type VitteKeys } from "./vitte-keys.ts";
import { fromAddress, type Link } from "./vitte-link.ts";
import type { Release, VitteRegistry } from "./vitte-registry.ts";
import type { VitteShortcuts } from "./vitte-shortcuts.ts";
import type { Outcome, Progress, VitteVerdict } from "./vitte-verdict.ts";

/** Milliseconds before the progress of a check is shown and announced: most are over by then. */
const PATIENCE = 300;

export class VitteVerifier extends LitElement {
  static override properties = {
    subject: { state: true }, contents: { state: true }, report: { state: true }, fault: { state: true }, failedIn: { state: true },
    progress: { state: true }, shown: { state: true }, milliseconds: { state: true }, hasNoMemory: { state: true }, unpinned: { state: true },
    isSlow: { state: true }, rows: { state: true }, noStart: { state: true }, over: { state: true }, folder: { state: true },
    announced: { state: true }, link: { state: true },
  };
  static override styles = [shared, css`
    h1 { font-size: 1.5rem; margin: 0; }
    .lead { margin: .2rem 0; }
    nav { float: right; display: flex; gap: .3rem; }
    nav [aria-pressed="true"] { font-weight: 600; border-color: currentColor; }
    .trust { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(22rem, 100%), 1fr)); gap: .8rem; align-items: start; margin-block: 1rem; }
    .trust > * { margin: 0; border: 1px solid var(--line); border-radius: .6rem; padding: .6rem .9rem; min-width: 0; }
    #no-start { border-left: 4px solid var(--bad); padding-left: .8rem; }
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
  declare isSlow: boolean;
  declare shown: { path: string; bytes: Uint8Array } | undefined;
  declare milliseconds: number;
  /** Several files, if there are several. */
  declare rows: Row[];
  /** Why nothing can be checked here: the worker or its module did not start. */
  declare noStart: Diagnostic | undefined;
  declare over: boolean;
  declare folder: string | undefined;
  /** What a screen reader announces: that a check takes its time, and how it ended. */
  declare announced: string;
  declare link: Link | undefined;
  #checker = new Checker((reply) => this.#receive(reply));
  #slow: ReturnType<typeof setTimeout> | undefined;
  /** What the present check relies on. */
  #trust: Trust = { keys: [], registry: undefined };
  /** The requests whose answers are verdicts of rows, and the request for a file's content. */
  #judging = new Map<number, Row>();
  #reading = 0;
  #package: string;

  constructor() {
    super();
    this.milliseconds = 0;
    this.hasNoMemory = this.isSlow = this.over = false;
    this.rows = [];
    this.announced = "";
    const { link, package: name } = fromAddress();
    this.link = link;
    this.#package = name;
    document.addEventListener("keydown", (event) => this.#key(event));
    // A package dropped beside the zone would otherwise replace the page.
    document.addEventListener("dragover", (event) => {
      event.preventDefault();
      this.over = true;
    });
    document.addEventListener("dragleave", (event) => {
      if (event.relatedTarget === null) this.over = false;
    });
    document.addEventListener("drop", (event) => {
      event.preventDefault();
      this.over = false;
      const { files, folder } = dropped(event.dataTransfer);
      this.folder = folder;
      void this.#open(files);
    });
  }

  /** Opens what was dropped or chosen: a public key, a package, or several packages. */
  async #open(files: File[]): Promise<void> {
    const [first] = files;
    if (!first) return;
    if (files.length === 1 && await isKeyFile(first)) return void this.#keys?.open(first);
    if (files.length === 1) {
      this.rows = [];
      return this.#check(first);
    }
    this.#checkAll(files);
  }

  #checkAll(files: File[]): void {
    this.#clear(undefined);
    this.#judging.clear();
    this.rows = files.map((file) => ({ file, done: false }));
    this.#trust = this.#trusted();
    this.#checker.send({ type: "cancel", all: true });
    if (this.noStart) this.rows = files.map((file) => ({ file, done: true, fault: this.noStart as Diagnostic }));
    else for (const row of this.rows) this.#judging.set(this.#checker.send({ type: "judge", file: row.file, trust: this.#trust }), row);
  }

  #judged(job: number, outcome: Partial<Row>): boolean {
    const row = this.#judging.get(job);
    if (!row) return false;
    this.#judging.delete(job);
    this.rows = this.rows.map((one) => (one.file === row.file ? { ...one, done: true, ...outcome } : one));
    if (this.#judging.size === 0) this.announced = text("web.batch_heading", this.rows.length);
    return true;
  }

  #trusted(): Trust {
    return { keys: this.#keys?.keys ?? [], registry: this.#registry?.registry };
  }

  /** Takes away all that is known, before something else is checked. */
  #clear(subject: File | Release | undefined): void {
    this.subject = subject;
    this.contents = this.report = this.fault = this.failedIn = this.shown = this.progress = this.unpinned = this.folder = undefined;
    this.hasNoMemory = this.isSlow = false;
    clearTimeout(this.#slow);
  }

  #check(subject: File | Release): void {
    this.#clear(subject);
    this.#checker.send({ type: "cancel", all: this.rows.length === 0 });
    this.#trust = this.#trusted();
    if (!(subject instanceof File)) {
      const registry = subject.linked ?? this.#trust.registry;
      this.#trust = { keys: [], registry };
      this.unpinned = subject.linked && !this.#registry?.isPinned(subject.linked.trustRoot) ? subject.linked : undefined;
      if (!registry) return;
    }
    if (this.noStart) return void (this.fault = this.noStart);
    this.#slow = setTimeout(() => {
      this.isSlow = true;
      this.announced = text("web.checking_subject", this.#title);
    }, PATIENCE);
    const { registry } = this.#trust;
    if (subject instanceof File) {
      this.progress = { done: 0, total: subject.size };
      this.#checker.send({ type: "check", file: subject, trust: this.#trust });
    } else if (registry) {
      this.progress = { asking: registry.address };
      const { package: name, version } = subject;
      this.#checker.send({ type: "release", package: name, version, registry });
    }
  }

  #cancel(): void {
    this.#checker.send({ type: "cancel", all: false });
    this.#clear(this.subject);
    this.announced = text("web.cancelled");
  }

  get #keys(): VitteKeys | null {
    return this.renderRoot.querySelector<VitteKeys>("vitte-keys");
  }

  get #registry(): VitteRegistry | null {
    return this.renderRoot.querySelector<VitteRegistry>("vitte-registry");
  }

  get #verdict(): VitteVerdict | null {
    return this.renderRoot.querySelector<VitteVerdict>("vitte-verdict");
  }

  /** Has the worker check the keys of an earlier visit. */
  override firstUpdated(): void {
    const kept = this.#keys?.keys ?? [];
    if (kept.length > 0) this.#checker.send({ type: "keys", kept });
    const registry = this.#registry;
    if (registry) registry.package = this.#package;
    // What a link asks for counts as pinned only if this page knows it: that is known now.
    if (this.link) this.requestUpdate();
  }

  /** What is trusted has changed: what is shown may have another verdict. */
  #checkAgain(): void {
    const { subject } = this;
    if (this.rows.length > 0) this.#checkAll(this.rows.map(({ file }) => file));
    if (subject) this.#check(subject);
    this.requestUpdate();
  }

  /** The name of what is checked: the package's, as far as it is known, or the file's. */
  get #title(): string {
    const known = this.report?.release ?? this.contents?.release;
    if (known) return `${known.package} ${known.version}`;
    if (this.subject === undefined || this.subject instanceof File) return this.subject?.name ?? "";
    const { package: name, version } = this.subject;
    return version ? `${name} ${version}` : name;
  }

  get #detail(): string {
    return this.subject instanceof File ? `${this.subject.name}, ${size(this.subject.size)}` : "";
  }

  get #command(): string {
    const { subject } = this;
    if (!subject) return "";
    const { keys, registry } = this.#trust;
    if (subject instanceof File) return command({ file: subject.name }, keysFor(keys, this.contents?.release?.package), registry);
    return command({ package: subject.package, version: this.report?.release?.version ?? subject.version }, [], registry);
  }

  get #outcome(): Outcome {
    if (this.report || this.fault) return stateOf(this.report, this.failedIn === "archive");
    return this.progress ? "checking" : undefined;
  }

  /** The check is over, one way or another. */
  #end(): void {
    this.progress = undefined;
    this.isSlow = false;
    clearTimeout(this.#slow);
    // Said once the card has its words.
    void this.updateComplete.then(() => this.#verdict?.updateComplete).then(() => {
      if (this.contents && !this.contents.release) this.announced = text("web.foreign");
      const words = this.#verdict?.words;
      if (words && this.#outcome !== "checking") this.announced = `${this.#title}, ${words}`;
    });
  }

  #receive(reply: Reply): void {
    switch (reply.type) {
      case "started": this.noStart = reply.fault; break;
      case "opened":
        this.contents = reply.contents;
        if (!reply.contents.release) this.#end();
        break;
      case "progress": this.progress = { done: reply.done, total: reply.total }; break;
      case "report":
        this.report = reply.report;
        this.milliseconds = reply.milliseconds;
        this.hasNoMemory = reply.hasNoMemory;
        this.#end();
        break;
      case "judged": this.#judged(reply.job, { report: reply.report }); break;
      case "key": this.#keys?.add(reply.key, reply.scope); break;
      case "key-refused": this.#keys?.refuse(reply.diagnostic, reply.isKey); break;
      case "keys": this.#keys?.keep(reply.keys); break;
      case "content": this.shown = { path: reply.path, bytes: reply.bytes }; break;
      case "slice": break; // The checker answers it.
      case "failed":
        if (this.#judged(reply.job, { fault: reply.diagnostic, unreadable: reply.failedIn === "archive" })) break;
        // A file that is damaged does not open, and the verdict said so. One that cannot be read is another than was checked.
        if (reply.job === this.#reading && this.report && reply.failedIn !== "archive") {
          this.report = undefined;
          this.fault = { ...reply.diagnostic, help: [`${text("web.changed")}.`] };
        } else this.fault = reply.diagnostic;
        this.failedIn = reply.failedIn;
        this.#end();
        break;
    }
  }

  #read(path: string | undefined): void {
    this.shown = undefined;
    if (this.report) this.fault = undefined;
    if (path !== undefined) this.#reading = this.#checker.send({ type: "read", path });
  }

  /** The report as a file, with what it was made by. */
  #save(): void {
    const { keys, registry } = this.#trust;
    const { subject } = this;
    const of = subject instanceof File ? { file: subject.name, bytes: subject.size } : { package: subject?.package };
    const trust = registry?.address || registry?.trustRoot ? { registry: registry.address, trustRoot: registry.trustRoot, pinned: !this.unpinned } : { keys };
    const saved = { ...of, checked: new Date().toISOString(), trust, report: this.report };
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([`${JSON.stringify(saved, undefined, 2)}\n`], { type: "application/json" }));
    link.download = `${this.#title.replaceAll(/[^A-Za-z0-9.-]+/g, "-")}.report.json`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  }

  #key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const typing = event.composedPath()[0];
    // A chooser of files and a tick box take no text: after one was used, the keys go on working.
    const takesText = typing instanceof HTMLInputElement && typing.type !== "file" && typing.type !== "checkbox";
    if (takesText || typing instanceof HTMLTextAreaElement) return;
    const shortcuts = this.renderRoot.querySelector<VitteShortcuts>("vitte-shortcuts");
    if (event.key === "Escape") this.shown = undefined;
    if (!shortcuts?.isOn) return;
    if (event.key === "o") this.renderRoot.querySelector<VitteDrop>("vitte-drop")?.choose();
    else if (event.key === "v") this.#verdict?.showSteps();
    else if (event.key === "f") this.renderRoot.querySelector<VitteContents>("vitte-contents")?.focusFiles();
    else if (event.key === "?") shortcuts.show();
    else return;
    event.preventDefault();
  }

  /** Draws everything again in another language; what was opened and checked stays. */
  #setLanguage(chosen: Language): void {
    choose(chosen);
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

  #noStart() {
    if (!this.noStart) return "";
    return html`<div id="no-start" role="alert"><p><strong>${text("web.no_start")}.</strong></p>
      <p>${sentence(this.noStart.message) ?? this.noStart.message}</p>
      <p>${text("web.no_start_terminal")}: <code>vitte package verify FILE</code></p></div>`;
  }

  /** The tab says the verdict as well. */
  override updated(): void {
    const outcome = this.#outcome;
    const shown = outcome === "verified" && this.unpinned ? "untrusted" : outcome;
    document.title = shown === undefined ? text("web.title")
      : `${shown === "checking" ? "…" : SIGN_OF_STATE[shown]} ${this.#title} – ${this.#verdict?.words || text("web.title")}`;
  }

  override render() {
    const place = this.report?.reason?.place;
    const damaged = new Set(place?.in === "frame" ? place.files : place?.in === "file" ? [place.path] : []);
    const isEmpty = this.subject === undefined && this.rows.length === 0;
    const name = this.contents?.release?.package;
    const suggested = name?.includes("/") ? `${name.slice(0, name.indexOf("/"))}/*` : name;
    return html`
      <header>${this.#languages()}<h1>${text("web.title")}</h1>
        ${isEmpty ? html`<p class="lead">${text("web.lead")}. ${text("web.privacy")}.</p>` : ""}</header>
      <main>
        <div role="status" class="hidden" id="announced">${this.announced}</div>
        ${this.#noStart()}
        ${this.link ? html`<vitte-link .link=${this.link} ?pinned=${this.#registry?.isPinned(this.link.trustRoot) ?? false}
          @vitte-release=${(event: CustomEvent<Release>) => this.#check(event.detail)}
          @vitte-pin=${(event: CustomEvent<Registry>) => this.#registry?.set(event.detail)}
          @vitte-dismiss=${() => { this.link = undefined; }}></vitte-link>` : ""}
        <vitte-drop ?over=${this.over} ?folded=${!isEmpty} .folder=${this.folder}
          @vitte-files=${(event: CustomEvent<File[]>) => void this.#open(event.detail)}></vitte-drop>
        ${this.rows.length > 0 ? html`<vitte-batch .rows=${this.rows} .shown=${this.subject}
          @vitte-show=${(event: CustomEvent<File>) => this.#check(event.detail)}></vitte-batch>` : ""}
        <vitte-verdict .outcome=${this.#outcome} .report=${this.report} .progress=${this.progress} ?isSlow=${this.isSlow} .fault=${this.fault}
          .milliseconds=${this.milliseconds} .hasNoMemory=${this.hasNoMemory} .unpinned=${this.unpinned} .subject=${this.#title}
          .detail=${this.#detail} .command=${this.#command}
          @vitte-save=${() => this.#save()} @vitte-cancel=${() => this.#cancel()}></vitte-verdict>
        <div class="trust" role="group" aria-label=${text("web.trust_heading")}>
          <vitte-keys .suggested=${suggested} @vitte-keys=${() => this.#checkAgain()}
            @vitte-key-text=${({ detail }: CustomEvent<KeyText>) => this.#checker.send({ type: "key", ...detail })}></vitte-keys>
          <vitte-registry @vitte-registry=${() => this.#checkAgain()}
            @vitte-release=${(event: CustomEvent<Release>) => this.#check(event.detail)}></vitte-registry>
        </div>
        ${this.contents ? html`<vitte-contents .contents=${this.contents} .damaged=${damaged} .shown=${this.shown}
          .verified=${this.report?.status === "verified" && !this.unpinned}
          @vitte-read=${(event: CustomEvent<string | undefined>) => this.#read(event.detail)}></vitte-contents>` : ""}
      </main>
      <footer><vitte-shortcuts></vitte-shortcuts></footer>`;
  }
}
