// Writes each WebAssembly module as a script, for the entry `@vitte/package/inline`: compressed, then base64.
//     node scripts/inline-modules.mjs
import { readFileSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

for (const name of ["core", "registry", "resolver"]) {
  const place = (file) => new URL(`../wasm/js/vitte_${name}${file}`, import.meta.url);
  const packed = gzipSync(readFileSync(place("_bg.wasm")), { level: 9 });
  writeFileSync(place("_inline.js"), `// Made by scripts/inline-modules.mjs from vitte_${name}_bg.wasm. Do not edit.\nexport default "${packed.toString("base64")}";\n`);
}
