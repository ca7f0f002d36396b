// Entry for Node: the modules are read from disk, and Node's own SHA-256 is used.
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { inlined } from "./inlined.js";
import { setDigests, setLoader } from "./package.js";

const bytes = async (name) => readFile(new URL(`./vitte_${name}_bg.wasm`, import.meta.url));
// In a bundle there are no files beside this one.
setLoader(async (name) => ({ bytes: await bytes(name).catch(async () => (await inlined(name)).bytes) }));

const hasher = () => {
  const hash = createHash("sha256");
  return { update: (bytes) => void hash.update(bytes), finish: () => hash.digest() };
};
setDigests({
  // Looked up at the call: small packages never need it.
  digest: async (bytes) => new Uint8Array(await globalThis.crypto.subtle.digest("SHA-256", bytes)),
  now: (bytes) => createHash("sha256").update(bytes).digest(),
  hasher,
  least: 256,
  later: 128 * 1024,
});

export * from "./surface.js";
