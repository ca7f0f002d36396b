// <vitte-drop>: where packages are dropped or opened. Fires `vitte-files` with the Files, and `vitte-folder` with the name
// of a folder, which is no package.
import { LitElement, css, html } from "lit";
import { text } from "./messages.ts";
import { shared } from "./style.ts";

/** The files that were dropped, and the name of the first folder among them. */
export function dropped(data: DataTransfer | null): { files: File[]; folder: string | undefined } {
  const items = [...(data?.items ?? [])].filter(({ kind }) => kind === "file");
  const folders = items.map((item) => item.webkitGetAsEntry?.()).filter((entry) => entry?.isDirectory);
  const names = new Set(folders.map((entry) => entry?.name));
  return { files: [...(data?.files ?? [])].filter(({ name }) => !names.has(name)), folder: folders[0]?.name };
}

export class VitteDrop extends LitElement {
  static override properties = { over: { type: Boolean }, folded: { type: Boolean }, folder: { attribute: false } };
  static override styles = [shared, css`
    .zone { border: 2px dashed var(--line); border-radius: .8rem; padding: 1.6rem; text-align: center; }
    .zone.folded { display: flex; gap: .4rem 1rem; align-items: center; flex-wrap: wrap; padding: .5rem .9rem; text-align: left; }
    .zone.over { border-color: var(--link); background: var(--soft); }
    p { margin: 0 0 .8rem; }
    .folded p { margin: 0; flex: 1 1 12rem; }
    #folder { color: var(--warn); font-weight: 600; margin: .5rem 0 0; }
  `];
  /** Whether something is dragged over the page. */
  declare over: boolean;
  /** One line instead of an inviting field: something is shown already. */
  declare folded: boolean;
  /** The folder that was dropped last. */
  declare folder: string | undefined;

  constructor() {
    super();
    this.over = this.folded = false;
  }

  /** Opens the system's file chooser. */
  choose(): void {
    this.renderRoot.querySelector<HTMLInputElement>("input")?.click();
  }

  override render() {
    return html`
      <div class="zone ${this.over ? "over" : ""} ${this.folded ? "folded" : ""}" part="zone">
        <p>${text(this.folded ? "web.drop_another" : "web.drop_here")}</p>
        <label class="button">${text(this.folded ? "web.choose_another" : "web.choose")}
          <input class="hidden" type="file" id="package" multiple @change=${(event: Event) => {
            const input = event.target as HTMLInputElement;
            const files = [...(input.files ?? [])];
            input.value = "";
            if (files.length > 0) this.dispatchEvent(new CustomEvent("vitte-files", { detail: files, bubbles: true, composed: true }));
          }}>
        </label>
      </div>
      <div role="alert">${this.folder === undefined ? "" : html`<p id="folder">${text("web.drop_folder", this.folder)}.</p>`}</div>`;
  }
}
