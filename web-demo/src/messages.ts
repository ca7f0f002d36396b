// All text of the page comes from core's message table, in the reader's language.
import table from "virtual:messages";
import { french, frenchMeaning } from "../../wasm/js/french.js";
import type { Code } from "../../wasm/js/codes.js";

export const LANGUAGES = { en: "English", fr: "Français" } as const;
export type Language = keyof typeof LANGUAGES;

const isLanguage = (tag: string | null): tag is Language => tag !== null && Object.hasOwn(LANGUAGES, tag);

/** Where the reader's choice is stored. A page from disk may have no storage; then it lasts as long as the page. */
const STORED = "vitte-language";
function stored(): string | null {
  try {
    return localStorage.getItem(STORED);
  } catch {
    return null;
  }
}

/** The language chosen before, else the first of the browser's that is supported, else English. */
function preferred(): Language {
  const before = stored();
  if (isLanguage(before)) return before;
  return navigator.languages.map((tag) => tag.split("-")[0] ?? "").find(isLanguage) ?? "en";
}

let chosen: Language = preferred();
document.documentElement.lang = chosen;

/** The language of the page. */
export function language(): Language {
  return chosen;
}

/** Sets the language and stores the choice. Elements have to be drawn again. */
export function choose(language: Language): void {
  chosen = language;
  document.documentElement.lang = language;
  try {
    localStorage.setItem(STORED, language);
  } catch {
    // No storage: the choice lasts as long as the page.
  }
}

/** The text of message `id`, its arguments filled in. */
export function text(id: string, ...values: (string | number)[]): string {
  const message = table[id];
  if (!message) throw new Error(`there is no message ${id}`);
  const [one, other] = chosen === "fr" ? message.french : message.forms;
  const count = Number(message.count === undefined ? 1 : values[message.arguments.indexOf(message.count)]);
  const isOne = chosen === "fr" ? count < 2 : count === 1;
  const form = other !== undefined && !isOne ? other : one;
  return (form ?? id).replaceAll(/\{(\w+)\}/g, (_, name: string) => String(values[message.arguments.indexOf(name)] ?? ""));
}

/** What comes between a word and what it introduces. */
export function colon(): string {
  return chosen === "fr" ? "\u202f:" : ":";
}

/** What a check is called; core's own English where the page has no word for it. */
export function check(id: string, english: string): string {
  const message = `verify.check_${id.replaceAll("-", "_")}`;
  return chosen === "fr" && table[message] ? text(message) : english;
}

/** A sentence of core, which is English, in the page's language; `undefined` if there is only the English one. */
export function sentence(english: string): string | undefined {
  return chosen === "fr" ? french(english) : english;
}

/** What a code means and what to do about it, where core's own sentence is in English only. */
export function meaning(code: Code): string {
  const { title, fix } = frenchMeaning(code);
  return `${title}. ${fix}`;
}

const UNITS = ["B", "KiB", "MiB", "GiB"];

/** A size for people: `41 KiB`. */
export function size(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${UNITS[unit]}`;
}
