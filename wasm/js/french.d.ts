import type { Code } from "./codes.js";
import type { Diagnostic } from "./index.js";

/** A sentence of core or of this package in French; `undefined` for any other text. */
export function french(text: string): string | undefined;

/** What a code means, in French, whatever was examined: its title and what to do. */
export function frenchMeaning(code: Code): { title: string; fix: string };

/** A diagnostic with its message, label, notes and help in French. A text that has no French stays as it is. */
export function inFrench(diagnostic: Diagnostic): Diagnostic;
