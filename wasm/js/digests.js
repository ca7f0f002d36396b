// Who computes SHA-256. The module can, at a sixth of the speed of what browsers and Node have built in, so those are
// asked where they are there: a browser's are not in pages from insecure addresses. The module compares what comes.

/**
 * What computes digests beside the module. `digest` works while the module does; its bytes are those at the call.
 * Optional: `now` answers at once, and `hasher` takes a file in pieces.
 * @typedef {object} Digests
 * @property {(bytes: Uint8Array) => Promise<Uint8Array>} digest
 * @property {(bytes: Uint8Array) => Uint8Array} [now]
 * @property {() => { update(bytes: Uint8Array): void, finish(): Uint8Array }} [hasher]
 * @property {number} least Bytes from which a call is quicker than the module.
 * @property {number} later Bytes from which `digest` is quicker than `now`.
 */

/** @type {Digests | undefined} */
let current;
let said = false;

/** What is built in everywhere that is a secure context. In Node it costs some milliseconds to ask for it. */
function builtIn() {
  const subtle = globalThis.crypto?.subtle;
  return subtle && {
    // The bytes are copied before the call returns (Web Cryptography, 14.3.5), so they may be the module's memory.
    digest: async (bytes) => new Uint8Array(await subtle.digest("SHA-256", bytes)),
    least: 8 * 1024,
    later: 0,
  };
}

/** Says what computes digests beside the module; `undefined`: nothing, the module does it all. */
export function setDigests(digests) {
  current = digests;
  said = true;
}

/** What computes digests now. */
export function digests() {
  if (!said) setDigests(builtIn());
  return current;
}
