// What a WebAssembly module is made of: bytes of code by the crate that each function's name begins with, of core by module.
// The names are in what cargo builds (target/wasm/wasm32-unknown-unknown/wasm/vitte_package_wasm.wasm); wasm-opt strips them.
// usage: node scripts/wasm-weights.mjs MODULE.wasm [--functions]
import { readFileSync } from "node:fs";

const [path, mode] = process.argv.slice(2);
if (!path) throw new Error("usage: node scripts/wasm-weights.mjs MODULE.wasm [--functions]");
const bytes = readFileSync(path);
let at = 8; // behind the magic number and the version

/** An unsigned number as the format writes it (LEB128). */
function number() {
  let [value, scale] = [0, 1];
  for (;;) {
    const byte = bytes[at++];
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return value;
    scale *= 128;
  }
}
function text() {
  const length = number();
  at += length;
  return bytes.subarray(at - length, at).toString();
}

/** Skips a table's or memory's limits. */
function limits() {
  const flags = bytes[at++];
  number();
  if (flags & 1) number();
}

/** How many functions are imported: the names count them first. */
function importedFunctions() {
  let found = 0;
  for (let left = number(); left > 0; left -= 1) {
    text();
    text();
    const kind = bytes[at++];
    if (kind === 0) {
      number();
      found += 1;
    } else if (kind === 1) {
      at += 1;
      limits();
    } else if (kind === 2) limits();
    else at += 2;
  }
  return found;
}

let imported = 0;
const [sizes, names] = [[], new Map()];
let data = 0;
while (at < bytes.length) {
  const section = bytes[at++];
  const end = number() + at;
  if (section === 2) imported = importedFunctions();
  else if (section === 11) data = end - at;
  else if (section === 10) {
    for (let left = number(); left > 0; left -= 1) {
      const size = number();
      sizes.push(size);
      at += size;
    }
  } else if (section === 0 && text() === "name") {
    while (at < end) {
      const part = bytes[at++];
      const after = number() + at;
      if (part === 1) for (let left = number(); left > 0; left -= 1) names.set(number(), text());
      at = after;
    }
  }
  at = end;
}

/** The crate a mangled name begins with; of an implementation, that of its type. */
function origin(name) {
  if (name.startsWith("_R")) return "std";
  if (!name.startsWith("_ZN")) return "bindings";
  if (name.includes("btree")) return "BTreeMap, BTreeSet";
  const inner = name.replace(/^_ZN\d+/, "").replace(/^_?\$LT\$/, "").replace(/^(\$RF\$|mut\$u20\$|\$u5b\$|\$LP\$)*/, "");
  const crate = /^([a-z_0-9]+?)(\d+[a-zA-Z_]|\.\.|\$)/.exec(inner)?.[1] ?? "other";
  if (crate !== "vitte_package_core") return crate;
  return `core ${/vitte_package_core(?:\d+|\.\.)([a-z_]+)/.exec(name)?.[1]}`;
}

const functions = sizes.map((size, index) => [names.get(imported + index) ?? "", size]).filter(([name]) => !name.includes("__wbindgen_describe"));
const weights = new Map();
for (const [name, size] of functions) weights.set(origin(name), (weights.get(origin(name)) ?? 0) + size);
const rows = mode === "--functions" ? functions : [...weights, ["data", data]];
for (const [name, size] of rows.sort(([, one], [, other]) => other - one).slice(0, 40)) console.log(`${String(size).padStart(8)}  ${name}`);
