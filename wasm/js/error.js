import * as faults from "./faults.js";

/** Thrown when something cannot be checked. A package that fails verification is a report, not an error. */
export class VitteError extends Error {
  /** @param {import("./index.d.ts").Diagnostic} diagnostic */
  constructor(diagnostic, options) {
    // A console prints no more than this: the way out belongs to it.
    super([`${diagnostic.code}: ${diagnostic.message}`, ...diagnostic.help.map((hint) => `  help: ${hint}`)].join("\n"), options);
    this.name = "VitteError";
    this.code = diagnostic.code;
    this.diagnostic = diagnostic;
  }
}

/**
 * Runs `work`; a diagnostic that core throws becomes a VitteError.
 * @param {"registry" | "archive"} [failedIn] Where the fault is when `work` throws, if the caller knows.
 */
export function guarded(work, failedIn) {
  try {
    return work();
  } catch (thrown) {
    if (thrown instanceof WebAssembly.RuntimeError) throw faults.moduleStopped(thrown.message);
    const isDiagnostic = thrown && typeof thrown === "object" && typeof thrown.code === "string" && !(thrown instanceof Error);
    if (!isDiagnostic) throw thrown;
    const error = new VitteError(thrown);
    if (failedIn) error.failedIn = failedIn;
    throw error;
  }
}
