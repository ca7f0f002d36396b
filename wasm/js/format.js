// Diagnostics as the terminal prints them: message with its code, place with an excerpt and carets, values, reasons, hints.
import { shown } from "./faults.js";

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const TAB = "    ";

/** Characters that a terminal or a reader could take for something else, written out. */
const escape = (text) => String(text).replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (c) => (c === "\n" || c === "\t" ? c : `\\u{${c.codePointAt(0).toString(16)}}`));
/** Hides what comes before the host of an address, as the terminal does: it may be a password or a token. */
const redacted = (text, mask) => text.replaceAll(/([A-Za-z0-9]+:\/\/)([^\s/?#"'`<>]*)@/g, (whole, scheme, user) => (scheme === "ssh://" && !user.includes(":") ? whole : `${scheme}${mask(user)}@`));
/** The same for one line of output; a second one is set in. */
const line = (text) => escape(redacted(String(text), () => "***")).replaceAll("\n", "\n  ");
const widthOf = (text) => [...text.replaceAll("\t", TAB)].length;

/** A source text by lines, addressed by bytes as diagnostics are. */
class Source {
  #bytes;
  #starts = [0];

  constructor(text) {
    // With as many bytes as there were: places stay where they are.
    this.#bytes = encoder.encode(redacted(text, (user) => "*".repeat(encoder.encode(user).length)));
    this.#bytes.forEach((byte, at) => byte === 10 && this.#starts.push(at + 1));
  }

  /** The number of the line that has this byte, from 0. */
  #lineOf(offset) {
    let at = this.#starts.length - 1;
    while (this.#starts[at] > offset) at -= 1;
    return at;
  }

  #text(start, end) {
    return decoder.decode(this.#bytes.subarray(start, end));
  }

  line(number) {
    const end = this.#starts[number + 1];
    return this.#text(this.#starts[number], end === undefined ? undefined : end - 1).replace(/\r$/, "");
  }

  /** Where a span is drawn: its line, its column in characters from 1, the width of what is before it and of itself. */
  place({ start, end }) {
    const [from, to] = [this.#whole(start, -1), this.#whole(Math.max(start, end), 1)];
    const number = this.#lineOf(from);
    const before = this.#text(this.#starts[number], from);
    const next = this.#starts[number + 1] ?? this.#bytes.length + 1;
    const text = this.#text(from, Math.min(to, next - 1)).replace(/\r$/, "");
    const last = this.#lineOf(Math.max(from, to - 1));
    const rest = last > number ? this.#text(this.#starts[last], to) : undefined;
    return { number, column: [...before].length + 1, before: widthOf(before), width: Math.max(1, widthOf(text)), last, rest };
  }

  /** The offset within the text and not within a character. */
  #whole(offset, step) {
    let at = Math.min(offset, this.#bytes.length);
    while (at > 0 && at < this.#bytes.length && this.#bytes[at] >>> 6 === 2) at += step;
    return at;
  }
}

/** The marks below one line: carets and dashes, the last label beside them, the others below, from right to left. */
function marksOf(annotations) {
  const sorted = annotations.toSorted((one, other) => one.before - other.before);
  const put = (row, at, text) => row.slice(0, at).padEnd(at) + text + row.slice(at + text.length);
  let marks = "";
  for (const { before, width, mark } of sorted) marks = put(marks, before, mark.repeat(width));
  const labelled = sorted.filter(({ label }) => label !== undefined);
  const last = labelled.at(-1);
  const rows = [];
  if (last && last.before >= Math.max(...sorted.map(({ before }) => before))) {
    rows.push(`${marks} ${last.label}`);
    labelled.pop();
  } else rows.push(marks);
  if (labelled.length === 0) return rows;
  const pipes = (some) => some.reduce((row, { before }) => put(row, before, "|"), "");
  rows.push(pipes(labelled));
  while (labelled.length > 0) {
    const one = labelled.pop();
    rows.push(put(pipes(labelled), one.before, one.label));
  }
  return rows;
}

/** The excerpt: its heading and rows, and the width of the numbers. */
function excerptOf({ place, label, notes = [] }, text, file) {
  const source = new Source(text);
  const primary = { ...source.place(place), mark: "^", label: label === undefined ? undefined : line(label) };
  const others = notes.filter(({ span }) => span).map((note) => ({ ...source.place(note.span), mark: "-", label: line(note.text) }));
  const byLine = Map.groupBy?.([primary, ...others], ({ number }) => number) ?? grouped([primary, ...others]);
  const numbers = [...byLine.keys()].sort((one, other) => one - other);
  const digits = String(Math.max(...numbers) + 1).length;
  const gutter = " ".repeat(digits);
  const rows = [`${gutter}--> ${file ?? ""}:${primary.number + 1}:${primary.column}`, `${gutter} |`];
  let before;
  const show = (number) => {
    const text = escape(source.line(number)).replaceAll("\t", TAB);
    rows.push(`${String(number + 1).padEnd(digits)} |${text && ` ${text}`}`);
  };
  for (const number of numbers) {
    if (before !== undefined && number - before === 2) show(number - 1);
    else if (before !== undefined && number - before > 2) rows.push("...");
    show(number);
    for (const row of marksOf(byLine.get(number))) rows.push(`${gutter} | ${row}`);
    before = number;
  }
  return { rows, gutter };
}

function grouped(annotations) {
  const found = new Map();
  for (const one of annotations) found.set(one.number, [...(found.get(one.number) ?? []), one]);
  return found;
}

/** A place that is not in a source text, in words. */
function placeOf(place) {
  switch (place.in) {
    case "offset": return shown.atOffset(place.offset);
    case "line": return shown.atLine(place.line);
    case "file": return shown.atFile(escape(place.path));
    case "frame": {
      const [number, { frames, files }] = [place.frame + 1, place];
      return files.length > 0 ? shown.atFrameFiles(number, frames, files.length, escape(files[0]), escape(files.at(-1))) : shown.atFrame(number, frames);
    }
    default: return undefined;
  }
}

/** One diagnostic. */
export function formatDiagnostic(diagnostic, { source, file, level = "error" } = {}) {
  const { code, message, place, label, notes = [], help = [], data = {} } = diagnostic;
  const title = `${level}[${code}]: ${line(message)}`;
  const isExcerpt = place.in === "source" && source !== undefined;
  let [rows, gutter] = [[], ""];
  const below = [];
  if (isExcerpt) ({ rows, gutter } = excerptOf(diagnostic, source, file === undefined ? undefined : escape(file)));
  else {
    const parts = [file === undefined ? undefined : escape(file), placeOf(place)].filter((part) => part !== undefined);
    if (parts.length > 0) rows.push(`--> ${parts.join(": ")}`);
    if (label !== undefined) below.push(line(label));
  }
  for (const [key, say] of [["expected", shown.expected], ["got", shown.got]]) {
    if (typeof data[key] === "string" && !message.includes(data[key])) below.push(line(say(data[key])));
  }
  for (const note of notes.filter(({ span }) => !span || source === undefined)) below.push(line(note.text));
  for (const hint of help) below.push(`help: ${line(hint)}`);
  if (below.length > 0 && (isExcerpt || rows.length === 0)) rows.push(`${gutter} |`);
  for (const text of below) {
    const [first, ...more] = text.split("\n");
    rows.push(`${gutter} = ${first}`, ...more.map((next) => `${gutter}   ${/^help: /.test(first) ? "      " : ""}${next}`));
  }
  return [title, ...rows].join("\n");
}
