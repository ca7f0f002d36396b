// Core's and this package's messages in French. The modules contain English only, which keeps them small: a message is
// matched against the rows of the message table, and formatted again from the row's French with the same arguments.
import { read } from "./french-table.js";

/** Longer texts are not messages. */
const LONGEST = 100_000;
/** An argument is translated too if a template matches it that has two words and at least this length. */
const SHORTEST = 6;

let table;
/** Sorted by the length of their literal text: the first match leaves the least to its arguments. */
let templates;

function load() {
  if (table) return;
  table = read();
  table.terms = new Map(table.terms);
  const all = table.messages.flatMap(([forms, french, count]) => forms.map((form, at) => templateOf(form, at, french, count)));
  templates = all.filter(({ hasWords }) => hasWords);
  templates.sort((one, other) => other.length - one.length);
}

/** A form as literal, argument, literal, …, literal. */
function partsOf(form) {
  const parts = [""];
  for (const [token] of form.matchAll(/\{\{|\}\}|\{\w+\}|[^{}]+/g)) {
    if (/^\{\w/.test(token)) parts.push(token.slice(1, -1), "");
    else parts[parts.length - 1] += token === "{{" ? "{" : token === "}}" ? "}" : token;
  }
  return parts;
}

function templateOf(form, at, french, count) {
  const parts = partsOf(form);
  const literals = parts.filter((_, index) => index % 2 === 0);
  // A quoted argument is a name, a path or code; it is never translated.
  const quoted = new Set(parts.filter((_, index) => index % 2 === 1 && /[`"]$/.test(parts[index - 1])));
  const text = literals.join("x");
  // A template that is nothing but an argument would match every text.
  const hasWords = literals.some((literal) => /\p{L}{2}/u.test(literal));
  const isSentence = text.length >= SHORTEST && /\S\s+\S/.test(text);
  return { parts, quoted, hasWords, isSentence, length: literals.join("").length, isOther: at === 1, count, french };
}

/** The arguments by which a template gives `text`; `undefined` if it does not match. Linear in the length of the text. */
function match({ parts }, text) {
  const found = new Map();
  if (!text.startsWith(parts[0])) return undefined;
  if (parts.length === 1) return text === parts[0] ? found : undefined;
  const last = parts[parts.length - 1];
  const end = text.length - last.length;
  if (!text.endsWith(last)) return undefined;
  let at = parts[0].length;
  for (let index = 1; index < parts.length; index += 2) {
    const next = index + 2 < parts.length ? text.indexOf(parts[index + 1], at) : end;
    if (next < at || next > end) return undefined;
    const value = text.slice(at, next);
    if ((found.get(parts[index]) ?? value) !== value) return undefined;
    found.set(parts[index], value);
    at = next + parts[index + 1].length;
  }
  return found;
}

function translate(text, isArgument) {
  if (text.length > LONGEST) return undefined;
  for (const template of templates) {
    if (isArgument && !template.isSentence) continue;
    const found = match(template, text);
    if (found) return format(template, found);
  }
  return undefined;
}

function format({ isOther, count, french, quoted }, found) {
  const isPlural = isOther && Number(found.get(count) ?? 2) >= 2;
  const value = (name) => {
    // The singular form may not contain the number.
    const given = found.get(name) ?? (name === count ? "1" : "");
    if (quoted.has(name)) return given;
    return (table.termArguments.includes(name) ? table.terms.get(given) : undefined) ?? translate(given, true) ?? given;
  };
  return partsOf(french[isPlural ? 1 : 0]).map((part, index) => (index % 2 === 0 ? part : value(part))).join("");
}

/** A message of core or of this package in French; `undefined` for any other text. */
export function french(text) {
  load();
  return translate(text, false);
}

/** What a code means, in French: `{ title, fix }`. */
export function frenchMeaning(code) {
  load();
  const [title, fix] = table.codes[code];
  return { title, fix };
}

/** A diagnostic with its message, label, notes and help in French. Texts that are not in the table stay English. */
export function inFrench(diagnostic) {
  const { message, label, notes, help } = diagnostic;
  const one = (text) => french(text) ?? text;
  return {
    ...diagnostic,
    message: one(message),
    ...(label === undefined ? {} : { label: one(label) }),
    ...(notes === undefined ? {} : { notes: notes.map((note) => ({ ...note, text: one(note.text) })) }),
    help: help.map(one),
  };
}
