// What a page without our module would do about integrity alone: digest the file, inflate its frames, digest the
// content. usage: node javascript-stack.mjs FILE FZSTD
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

const [file, path] = process.argv.slice(2);
const { Decompress } = createRequire(import.meta.url)(path);
const bytes = new Uint8Array(await readFile(file));
await crypto.subtle.digest("SHA-256", bytes);
const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
// Content frames follow EMPTY and the skippable frames HEAD, TOC and SIGS.
let at = 9;
for (let skipped = 0; skipped < 3; skipped += 1) at += 8 + view.getUint32(at + 4, true);
let total = 0;
const pieces = [];
const stream = new Decompress((chunk) => {
  pieces.push(chunk);
  total += chunk.length;
});
stream.push(bytes.subarray(at), true);
const content = new Uint8Array(total);
let offset = 0;
for (const piece of pieces) {
  content.set(piece, offset);
  offset += piece.length;
}
await crypto.subtle.digest("SHA-256", content);
if (total === 0) throw new Error("nothing was inflated");
