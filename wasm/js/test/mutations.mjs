// Archives that were altered, and what the terminal says about each: everything else is held against that.
import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { binary } from "./fixture.mjs";

/** Numbers that look random and are the same every time (mulberry32). */
function numbers(seed) {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

const joined = (...parts) => new Uint8Array(Buffer.concat(parts));

/** Where the parts of an archive begin: its head, table of contents, signatures, frames. Archive format document, section 2. */
function parts(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const starts = [0];
  // Skippable frames up to the signatures, then the content frames.
  let at = 9;
  starts.push(at);
  while (at + 8 <= bytes.length && view.getUint32(at, true) >>> 4 === 0x184d2a5) {
    at += 8 + view.getUint32(at + 4, true);
    starts.push(at);
  }
  return starts;
}

/**
 * Some 340 ways to alter the package `bytes`: bytes flipped all over and in every part of its front, bytes put in, taken
 * out, appended and cut off, parts exchanged with those of `other`. Each `{ name, bytes }`.
 */
export function mutations(bytes, other) {
  const random = numbers(20260829);
  const found = [];
  const add = (name, altered) => found.push({ name: `${found.length} ${name}`, bytes: altered });
  const flip = (at, bit) => {
    const altered = bytes.slice();
    altered[at] ^= 1 << bit;
    return altered;
  };
  // All over, evenly: no part of the archive is left out.
  const flips = 240;
  for (let n = 0; n < flips; n += 1) {
    const at = Math.floor((n * bytes.length) / flips) + random(Math.max(1, Math.floor(bytes.length / flips)));
    if (at < bytes.length) add(`byte ${at} flipped`, flip(at, random(8)));
  }
  // The bytes around every border, where the lengths and digests of the parts are.
  const borders = parts(bytes);
  for (const border of borders) {
    for (const step of [-3, -1, 0, 1, 4, 5, 8, 9, 12, 20, 40]) {
      const at = border + step;
      if (at >= 0 && at < bytes.length) add(`byte ${at} beside a border flipped`, flip(at, random(8)));
    }
  }
  for (const extra of [1, 2, 8, 11, 512, 4096]) {
    add(`${extra} zeros appended`, joined(bytes, new Uint8Array(extra)));
    add(`${extra} bytes appended`, joined(bytes, Uint8Array.from({ length: extra }, () => random(256))));
  }
  add("the archive twice", joined(bytes, bytes));
  add("another behind it", joined(bytes, other));
  add("a skippable frame appended", joined(bytes, Uint8Array.of(0x5e, 0x2a, 0x4d, 0x18, 0, 0, 0, 0)));
  for (let n = 0; n < 40; n += 1) {
    const length = Math.floor((n * bytes.length) / 40);
    add(`cut to ${length} bytes`, bytes.slice(0, length));
  }
  for (const missing of [1, 2, 10, 11, 12, 19]) add(`${missing} bytes cut off`, bytes.slice(0, bytes.length - missing));
  for (let n = 0; n < 20; n += 1) {
    const at = random(bytes.length);
    add(`a byte put in at ${at}`, joined(bytes.subarray(0, at), Uint8Array.of(random(256)), bytes.subarray(at)));
    add(`a byte taken out at ${at}`, joined(bytes.subarray(0, at), bytes.subarray(at + 1)));
  }
  for (let n = 0; n < 20; n += 1) {
    const [from, to, length] = [random(bytes.length - 32), random(bytes.length - 32), 1 + random(31)];
    const altered = bytes.slice();
    altered.set(bytes.subarray(to, to + length), from);
    altered.set(bytes.subarray(from, from + length), to);
    add(`${length} bytes at ${from} and ${to} exchanged`, altered);
  }
  // The front of one with the content of the other, at every border of both.
  const others = parts(other);
  for (let n = 1; n < Math.min(borders.length, others.length); n += 1) {
    add(`another archive from border ${n}`, joined(bytes.subarray(0, borders[n]), other.subarray(others[n])));
    add(`another archive up to border ${n}`, joined(other.subarray(0, others[n]), bytes.subarray(borders[n])));
  }
  for (let n = 0; n < 16; n += 1) {
    const [at, length] = [random(bytes.length - 64), 1 + random(63)];
    const altered = bytes.slice();
    altered.fill(0, at, at + length);
    add(`${length} zeros at ${at}`, altered);
  }
  return found;
}

const run = promisify(execFile);

/** Class by code. */
const table = JSON.parse(readFileSync(new URL("../../pkg/words.json", import.meta.url))).codes;
const classes = new Map(table.map((entry) => [entry.code, entry.class]));

/** The program's last word on a file: `{ exit, code, class, status }`; code and class are null if it verifies. */
export async function terminal(file, home, ...args) {
  const env = { ...process.env, VITTE_HOME: home, CI: "1" };
  const said = await run(binary(), ["verify", file, ...args, "--json"], { env, encoding: "utf8" })
    .then(({ stdout }) => ({ exit: 0, stdout }), ({ code, stdout }) => ({ exit: code, stdout }));
  const { diagnostics: [fault], result } = JSON.parse(said.stdout);
  return { exit: said.exit, code: fault?.code ?? null, class: fault ? classes.get(fault.code) : null, status: result?.status ?? null };
}

/** Every mutation with what the terminal says about it, some at a time; each is a file in `folder` too. */
export async function judgedByTerminal(found, folder, home, ...args) {
  mkdirSync(folder, { recursive: true });
  const waiting = [...found.entries()];
  const judged = [];
  const worker = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [number, { name, bytes }] = next;
      const path = join(folder, `${number}.vitmod`);
      writeFileSync(path, bytes);
      judged[number] = { name, bytes, path, said: await terminal(path, home, ...args) };
    }
  };
  await Promise.all([worker(), worker(), worker()]);
  return judged;
}
