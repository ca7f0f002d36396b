import type { Policy, Report, Source } from "./index.js";

/**
 * `<vitte-verify src="hello-1.0.0.vitmod" registry="https://…/" trust-root="…">`: checks a package in this browser and shows the
 * verdict, with the steps behind it. Attributes `src`, `registry`, `trust-root`, `package`, `version` and `lang`; what stands
 * inside is shown until there is a verdict. Events `vitte-report` and `vitte-error`; parts `chip`, `reason`, `help`, `steps`, `step`,
 * each with the state beside it; variables `--vitte-good`, `-warn`, `-bad`, `-neutral`, `-surface`.
 */
export class VitteVerify extends HTMLElement {
  /** Whom to trust; without it, the attributes say. */
  policy: Policy | undefined;
  /** The package, if it is not at the address `src`. */
  source: Source | undefined;
  readonly state: "idle" | "checking" | "could_not_check" | Report["status"];
  readonly report: Report | undefined;
  readonly error: unknown;
  /** Checks now: the report, or `undefined` if there is none. */
  check(): Promise<Report | undefined>;
  cancel(): void;
}

declare global {
  interface HTMLElementTagNameMap {
    "vitte-verify": VitteVerify;
  }
  interface HTMLElementEventMap {
    "vitte-report": CustomEvent<Report>;
    "vitte-error": CustomEvent<unknown>;
  }
}
