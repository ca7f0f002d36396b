import type { Code } from "./codes.js";
import type { Diagnostic } from "./index.js";

/** A message of core or of this package in French; `undefined` for any other text. */
export function french(text: string): string | undefined;

/** What a code means, in French: its title, and what to do. */
export function frenchMeaning(code: Code): { title: string; fix: string };

/** A diagnostic with its message, label, notes and help in French. Texts that are not in the table stay English. */
export function inFrench(diagnostic: Diagnostic): Diagnostic;
