// <vitte-drop>: where a package is dropped or opened. Fires `vitte-file` with the File.
import { LitElement, css, html } from "lit";
import { text } from "./messages.ts";
import { shared } from "./style.ts";

export class VitteDrop extends LitElement {
  static override properties = { over: { state: true } };
  static override styles = [shared, css`
    .zone { border: 2px dashed var(--line); border-radius: .8rem; padding: 1.6rem; text-align: center; }
    .zone.over { border-color: var(--link); background: var(--soft); }
    p { margin: 0 0 .8rem; }
  `];
  declare over: boolean;

  constructor() {
    super();
    this.over = false;
  }

  /** Opens the system's file chooser. */
  choose(): void {
    this.renderRoot.querySelector<HTMLInputElement>("input")?.click();
  }

  #give(file: File | undefined | null): void {
    if (file) this.dispatchEvent(new CustomEvent("vitte-file", { detail: file, bubbles: true, composed: true }));
  }

  override render() {
    return html`
      <div class="zone ${this.over ? "over" : ""}" part="zone"
        @dragover=${(event: DragEvent) => { event.preventDefault(); this.over = true; }}
        @dragleave=${() => { this.over = false; }}
        @drop=${(event: DragEvent) => {
          event.preventDefault();
          this.over = false;
          this.#give(event.dataTransfer?.files[0]);
        }}>
        <p>${text("web.drop_here")}</p>
        <label class="button">${text("web.choose")}
          <input class="hidden" type="file" id="package" @change=${(event: Event) => {
            const input = event.target as HTMLInputElement;
            this.#give(input.files?.[0]);
            input.value = "";
          }}>
        </label>
      </div>`;
  }
}
