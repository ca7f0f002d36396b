// Every word of the page comes from the one message table of core, in the reader's language.
import table, { titles } from "virtual:messages";

export const LANGUAGES = { en: "English", fr: "Français" } as const;
export type Language = keyof typeof LANGUAGES;

const isLanguage = (tag: string | null): tag is Language => tag !== null && Object.hasOwn(LANGUAGES, tag);

/** Where the reader's choice is kept. A page from disk may have no storage: then it holds until the page is left. */
const KEPT = "vitte-language";
function kept(): string | null {
  try {
    return localStorage.getItem(KEPT);
  } catch {
    return null;
  }
}

/** The language chosen before, else the first of the browser's that there are words in, else English. */
function preferred(): Language {
  const before = kept();
  if (isLanguage(before)) return before;
  return navigator.languages.map((tag) => tag.split("-")[0] ?? "").find(isLanguage) ?? "en";
}

let chosen: Language = preferred();
document.documentElement.lang = chosen;

/** The language of the page. */
export function language(): Language {
  return chosen;
}

/** Chooses the language and remembers it. Who shows words draws them again. */
export function choose(language: Language): void {
  chosen = language;
  document.documentElement.lang = language;
  try {
    localStorage.setItem(KEPT, language);
  } catch {
    // Nothing can be kept here: it holds until the page is left.
  }
}

/** The text of message `id`, its arguments filled in. A plural is chosen by its first argument. */
export function text(id: string, ...values: (string | number)[]): string {
  const message = table[id];
  if (!message) throw new Error(`there is no message ${id}`);
  const [one, other] = chosen === "fr" ? message.french : message.forms;
  const count = Number(values[0]);
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

/** What a code means, where that is not said by core's English sentence already. */
export function meaning(code: string): string | undefined {
  return chosen === "fr" ? titles[code] : undefined;
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
