// <vitte-contents>: the manifest and the tree of files; a file's content on request. Fires `vitte-read` with a path.
import { LitElement, css, html, nothing } from "lit";
import type { Contents, FileEntry } from "@vitte/package";
import { size, text } from "./messages.ts";
import { shared } from "./style.ts";

/** Longer texts are cut on screen: millions of characters would freeze the page. */
const SHOWN = 256 * 1024;

/** From so many files on, a folder is drawn only when opened: thousands of rows would freeze the page. */
const MANY = 200;
/** So many files and folders of a folder are drawn at first, and with each "more". */
const STEP = 100;

/** `path` ends with `/`, but for the root's. */
type Folder = { path: string; folders: Map<string, Folder>; files: FileEntry[] };

/** Another tool's archive has entries of folders. They are drawn as folders, and not as files without a name. */
const isFolder = ({ path, type }: FileEntry) => type === "folder" || path.endsWith("/");

function folders(files: FileEntry[]): Folder {
  const root: Folder = { path: "", folders: new Map(), files: [] };
  for (const file of files) {
    let at = root;
    const parts = file.path.split("/").filter((part) => part !== "" && part !== ".");
    for (const part of isFolder(file) ? parts : parts.slice(0, -1)) {
      let next = at.folders.get(part);
      if (!next) at.folders.set(part, (next = { path: `${at.path}${part}/`, folders: new Map(), files: [] }));
      at = next;
    }
    if (!isFolder(file)) at.files.push(file);
  }
  return root;
}

export class VitteContents extends LitElement {
  static override properties = {
    contents: { attribute: false },
    damaged: { attribute: false },
    verified: { attribute: false },
    shown: { attribute: false },
  };
  static override styles = [shared, css`
    ul { list-style: none; padding-left: 1.1rem; margin: 0; }
    .file { background: none; border: 0; padding: .1rem .2rem; text-align: left; color: var(--link); font-family: ui-monospace, monospace; }
    .file[aria-expanded="true"] { font-weight: 700; }
    .good { color: var(--good); } .bad { color: var(--bad); }
    summary h2 { display: inline; }
    section { margin-block: 1rem; }
  `];
  declare contents: Contents;
  declare damaged: Set<string>;
  declare verified: boolean;
  declare shown: { path: string; bytes: Uint8Array } | undefined;

  /** What is drawn of the contents: the tree, the open folders, and how many rows of each. */
  #drawn: { of: Contents; root: Folder; opened: Set<Folder>; shown: Map<Folder, number> } | undefined;
  /** The folders that contain damaged files, and the set of files they were computed from. */
  #damagedFolders: { of: Set<string>; folders: Set<string> } | undefined;

  /** Moves the focus to the first file. */
  focusFiles(): void {
    this.renderRoot.querySelector<HTMLElement>(".file")?.focus();
  }

  /** The arrow keys move between the files and folders that are drawn. */
  #arrow(event: KeyboardEvent): void {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const rows = [...this.renderRoot.querySelectorAll<HTMLElement>("#files summary, #files .file:not([disabled]), #files [data-more]")]
      .filter((row) => row.checkVisibility());
    const at = rows.indexOf(event.target as HTMLElement);
    if (step === undefined || at < 0) return;
    event.preventDefault();
    rows[at + step]?.focus();
  }

  #requestFile(path: string | undefined): void {
    this.dispatchEvent(new CustomEvent("vitte-read", { detail: path, bubbles: true, composed: true }));
  }

  #mark(path: string) {
    if (this.damaged.has(path)) return html`<span class="bad" data-mark="damaged">✘ ${text("web.file_damaged")}</span>`;
    if (this.verified) return html`<span class="good" data-mark="matches" title=${text("web.file_matches")}>✔<span class="hidden">${text("web.file_matches")}</span></span>`;
    return nothing;
  }

  #content(shown: { path: string; bytes: Uint8Array }) {
    const cut = shown.bytes.subarray(0, SHOWN);
    if (cut.includes(0)) return html`<p>${text("web.file_binary", size(shown.bytes.length))}</p>`;
    const words = new TextDecoder().decode(cut);
    return html`${shown.bytes.length > SHOWN ? html`<p>${text("web.file_cut", size(SHOWN))}</p>` : ""}
      <pre id="content" tabindex="0">${words}</pre>`;
  }

  #file(file: FileEntry) {
    const name = file.path.slice(file.path.lastIndexOf("/") + 1);
    const open = this.shown?.path === file.path;
    return html`<li>
      <button class="file" data-path=${file.path} aria-expanded=${open} aria-label=${text("web.file_open", file.path)}
        ?disabled=${file.type !== "file"}
        @click=${() => this.#requestFile(open ? undefined : file.path)}>${name}</button>
      <span class="note">${file.type === "file" ? size(file.size) : text("web.foreign_kind", file.type)}${file.executable ? `, ${text("web.file_executable")}` : ""}</span>
      ${this.#mark(file.path)}
      ${open && this.shown ? this.#content(this.shown) : ""}</li>`;
  }

  #draw() {
    if (this.#drawn?.of !== this.contents) {
      this.#drawn = { of: this.contents, root: folders(this.contents.files), opened: new Set(), shown: new Map() };
    }
    return this.#drawn;
  }

  /** Whether a folder contains damaged files. Computed once for all folders: there may be as many as files. */
  #isDamaged(folder: Folder): boolean {
    if (this.#damagedFolders?.of !== this.damaged) {
      const folders = new Set<string>();
      for (const path of this.damaged) {
        for (let end = path.indexOf("/"); end >= 0; end = path.indexOf("/", end + 1)) folders.add(path.slice(0, end + 1));
      }
      this.#damagedFolders = { of: this.damaged, folders };
    }
    return this.#damagedFolders.folders.has(folder.path);
  }

  #inner(name: string, folder: Folder): unknown {
    const { opened } = this.#draw();
    if (this.contents.files.length <= MANY) {
      return html`<li><details open><summary>${name}/</summary>${this.#folder(folder)}</details></li>`;
    }
    const open = opened.has(folder);
    const toggled = ({ currentTarget }: Event) => {
      const { open } = currentTarget as HTMLDetailsElement;
      if (open === opened.has(folder)) return;
      if (open) opened.add(folder);
      else opened.delete(folder);
      this.requestUpdate();
    };
    const damaged = this.#isDamaged(folder);
    return html`<li><details ?open=${open} @toggle=${toggled}>
      <summary>${name}/${damaged ? html` <span class="bad">✘ ${text("web.file_damaged")}</span>` : ""}</summary>
      ${open ? this.#folder(folder) : ""}</details></li>`;
  }

  #folder(folder: Folder): unknown {
    const { shown } = this.#draw();
    const allowed = shown.get(folder) ?? STEP;
    const folders = [...folder.folders].slice(0, allowed);
    const files = folder.files.slice(0, allowed);
    const rest = folder.folders.size - folders.length + folder.files.length - files.length;
    const more = () => {
      shown.set(folder, allowed + STEP);
      this.requestUpdate();
    };
    return html`<ul>
      ${folders.map(([name, inner]) => this.#inner(name, inner))}
      ${files.map((file) => this.#file(file))}
      ${rest > 0 ? html`<li><button data-more @click=${more}>${text("web.files_more", Math.min(rest, STEP))}</button></li>` : ""}</ul>`;
  }

  override render() {
    const { release, files, manifest, tree } = this.contents;
    return html`
      ${release ? html`<section><h2>${text("web.package_heading")}</h2><dl>
        <dt>${text("web.field_name")}</dt><dd id="name">${release.package}</dd>
        <dt>${text("web.field_version")}</dt><dd>${release.version}</dd>
        <dt>${text("web.field_kind")}</dt><dd>${release.kind}</dd>
        <dt>${text("web.field_size")}</dt><dd>${size(this.contents.unpacked)}</dd>
        ${tree ? html`<dt>${text("web.field_tree")}</dt><dd class="mono">${tree}</dd>` : ""}</dl></section>`
      : html`<p>${text("web.foreign")}</p>`}
      ${manifest ? html`<section><details><summary><h2>${text("web.manifest_heading")}</h2></summary><pre id="manifest" tabindex="0">${manifest}</pre></details></section>` : ""}
      <section id="files" @keydown=${(event: KeyboardEvent) => this.#arrow(event)}>
        <h2>${text("web.files_heading", files.filter((file) => !isFolder(file)).length)}</h2>${this.#folder(this.#draw().root)}</section>`;
  }
}
