// Who computes SHA-256. The module can, at a sixth of the speed of what browsers and Node have built in, so those are
// used where they exist: browsers hide theirs from insecure pages. The module compares the results.

/**
 * Computes digests outside the module. `digest` runs while the module works on; it digests the bytes as they were at the call.
 * Optional: `now` returns at once, and `hasher` takes a file in pieces.
 * @typedef {object} Digests
 * @property {(bytes: Uint8Array) => Promise<Uint8Array>} digest
 * @property {(bytes: Uint8Array) => Uint8Array} [now]
 * @property {() => { update(bytes: Uint8Array): void, finish(): Uint8Array }} [hasher]
 * @property {number} least Bytes from which a call is quicker than the module.
 * @property {number} later Bytes from which `digest` is quicker than `now`.
 */

/** @type {Digests | undefined} */
let current;
let configured = false;

/** What is built in everywhere that is a secure context. In Node the first access costs some milliseconds. */
function builtIn() {
  const subtle = globalThis.crypto?.subtle;
  return subtle && {
    // The bytes are copied before the call returns (Web Cryptography, 14.3.5), so they may be the module's memory.
    digest: async (bytes) => new Uint8Array(await subtle.digest("SHA-256", bytes)),
    least: 8 * 1024,
    later: 0,
  };
}

/** Sets what computes digests outside the module; `undefined`: the module does it all. */
export function setDigests(digests) {
  current = digests;
  configured = true;
}

/** What computes digests outside the module now. */
export function digests() {
  if (!configured) setDigests(builtIn());
  return current;
}
