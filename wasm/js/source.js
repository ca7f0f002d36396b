import { fault } from "./error.js";

/** What is read at once while a whole package is checked, in bytes. */
const PIECE = 1024 * 1024;

/** Bytes that can be read anywhere: a Blob (a File from disk is not read into memory) or an array. */
export class Bytes {
  #read;

  constructor(size, read) {
    this.size = size;
    this.#read = read;
  }

  /** The bytes from `start` to before `end`. @returns {Promise<Uint8Array>} */
  async slice(start, end) {
    return this.#read(start, Math.min(end, this.size));
  }

  /** All bytes in order, in pieces. */
  async *pieces() {
    for (let at = 0; at < this.size; at += PIECE) yield await this.slice(at, at + PIECE);
  }
}

function ofArray(array) {
  return new Bytes(array.length, (start, end) => array.subarray(start, end));
}

function ofBlob(blob) {
  return new Bytes(blob.size, async (start, end) => new Uint8Array(await blob.slice(start, end).arrayBuffer()));
}

async function collect(pieces) {
  const kept = [];
  for await (const piece of pieces) kept.push(piece);
  return ofBlob(new Blob(kept));
}

async function* only(iterable) {
  for await (const piece of iterable) {
    if (!(piece instanceof Uint8Array)) throw wrong("a stream of something other than Uint8Array");
    yield piece;
  }
}

async function* chunks(stream) {
  const reader = stream.getReader();
  let ended = false;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      yield value;
    }
    ended = true;
  } finally {
    // Who stops reading early does not want the rest sent.
    if (!ended) await reader.cancel().catch(() => {});
    reader.releaseLock();
  }
}

function wrong(what) {
  return fault("VP0903", "js-argument", `${what} is not a source`, [
    "give a URL, a Blob or File, a Uint8Array or ArrayBuffer, a ReadableStream or an async iterable of Uint8Array",
  ]);
}

async function* fetched(url) {
  let response;
  try {
    response = await fetch(url);
    if (response.ok && response.body) return yield* chunks(response.body);
  } catch (cause) {
    throw fault("VP0602", "transport", `${url} cannot be fetched: ${cause?.message ?? cause}`);
  }
  const [code, kind] = response.status === 404 ? ["VP0606", "not-found"] : ["VP0602", "transport"];
  throw fault(code, kind, `${url} answered ${response.status}`);
}

/** What is read from front to back only; `undefined` for what can be read anywhere. */
function streamed(source) {
  if (typeof source === "string" || source instanceof URL) return fetched(source);
  if (source && typeof source.getReader === "function") return only(chunks(source));
  if (source && typeof source[Symbol.asyncIterator] === "function") return only(source);
  return undefined;
}

/** Turns any source into Bytes. @param {import("./index.d.ts").Source} source @returns {Promise<Bytes>} */
export async function bytesOf(source) {
  if (source instanceof Bytes) return source;
  if (source instanceof Uint8Array) return ofArray(source);
  if (source instanceof ArrayBuffer) return ofArray(new Uint8Array(source));
  if (source instanceof Blob) return ofBlob(source);
  const pieces = streamed(source);
  if (pieces) return collect(pieces);
  throw wrong(source === null ? "null" : typeof source);
}

/**
 * Any source from front to back: its pieces, and its size where that is known before the end.
 * @param {import("./index.d.ts").Source} source
 */
export async function piecesOf(source) {
  const pieces = streamed(source);
  if (pieces) return { size: undefined, pieces: () => pieces };
  return bytesOf(source);
}
