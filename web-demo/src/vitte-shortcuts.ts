// <vitte-shortcuts>: the list of keyboard shortcuts, and the switch that turns single keys off.
import { LitElement, css, html } from "lit";
import { text } from "./messages.ts";
import { shared } from "./style.ts";

const PLACE = "vitte.shortcuts";
const LIST = [["o", "web.shortcut_open"], ["v", "web.shortcut_checks"], ["f", "web.shortcut_files"], ["?", "web.shortcut_list"], ["Esc", "web.shortcut_close"]] as const;

function remembered(): boolean {
  try {
    return localStorage.getItem(PLACE) !== "off";
  } catch {
    return true;
  }
}

export class VitteShortcuts extends LitElement {
  static override properties = { isOn: { state: true } };
  static override styles = [shared, css`
    kbd { border: 1px solid var(--line); border-radius: .3rem; padding: 0 .35rem; font-family: ui-monospace, monospace; }
    dl { margin-bottom: .5rem; }
  `];
  /** Whether single keys are shortcuts. Speech input and a resting hand may press them by mistake. */
  declare isOn: boolean;

  constructor() {
    super();
    this.isOn = remembered();
  }

  /** Opens the list and moves the focus there. */
  show(): void {
    const details = this.renderRoot.querySelector("details");
    if (!details) return;
    details.open = true;
    details.querySelector("summary")?.focus();
  }

  #set(isOn: boolean): void {
    this.isOn = isOn;
    try {
      localStorage.setItem(PLACE, isOn ? "on" : "off");
    } catch {
      // No storage for this page: the choice lasts as long as it is open.
    }
  }

  override render() {
    return html`<details><summary>${text("web.shortcuts_heading")}</summary>
      <dl>${LIST.map(([key, id]) => html`<dt><kbd>${key}</kbd></dt><dd>${text(id)}</dd>`)}</dl>
      <label><input type="checkbox" id="shortcuts" .checked=${this.isOn}
        @change=${(event: Event) => this.#set((event.target as HTMLInputElement).checked)}> ${text("web.shortcuts_on")}</label></details>`;
  }
}
