/** Being unable to answer is an error; a package that does not verify is an answer. */
export class VitteError extends Error {
  /** @param {import("./index.d.ts").Diagnostic} diagnostic */
  constructor(diagnostic, options) {
    super(`${diagnostic.code}: ${diagnostic.message}`, options);
    this.name = "VitteError";
    this.code = diagnostic.code;
    this.diagnostic = diagnostic;
  }
}

/** Runs `work`; what core throws (a diagnostic) becomes a VitteError. */
export function guarded(work) {
  try {
    return work();
  } catch (thrown) {
    throw thrown && typeof thrown === "object" && typeof thrown.code === "string" && !(thrown instanceof Error)
      ? new VitteError(thrown)
      : thrown;
  }
}
