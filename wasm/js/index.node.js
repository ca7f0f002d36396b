// Entry for Node: the modules are read from disk, and Node's own SHA-256 is used.
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { setDigests, setLoader } from "./package.js";

setLoader(async (name) => ({ bytes: await readFile(new URL(`./vitte_${name}_bg.wasm`, import.meta.url)) }));

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

export { indexedDbMemory, init, initSync, open, openRelease, parseManifest, parsePublicKey, resolve, verify, Package, VitteError } from "./package.js";
