// What the elements share in looks: colours come from the page's variables.
import { css } from "lit";

export const shared = css`
  :host { display: block; margin-block: 1rem; }
  details[open] > summary { margin-bottom: .5rem; }
  h2 { font-size: 1.1rem; margin: 0 0 .4rem; }
  button, label.button {
    font: inherit; color: var(--ink); background: var(--soft); border: 1px solid var(--line); border-radius: .4rem;
    padding: .35rem .8rem; cursor: pointer; display: inline-block;
  }
  :focus-visible, label.button:focus-within { outline: 3px solid var(--link); outline-offset: 2px; }
  code, pre, .mono { font-family: ui-monospace, monospace; overflow-wrap: anywhere; }
  pre { background: var(--soft); padding: .6rem; border-radius: .4rem; overflow: auto; max-height: 30rem; margin: 0; }
  dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1rem; margin: 0; }
  dd { margin: 0; }
  .note { opacity: .85; font-weight: 400; overflow-wrap: anywhere; }
  button:disabled { opacity: .55; cursor: default; }
  summary { cursor: pointer; font-weight: 600; }
  .hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
`;
