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

async function collect(stream) {
  const pieces = [];
  for await (const piece of stream) {
    if (!(piece instanceof Uint8Array)) throw wrong("a stream of something other than Uint8Array");
    pieces.push(piece);
  }
  return ofBlob(new Blob(pieces));
}

async function* chunks(stream) {
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    reader.releaseLock();
  }
}

function wrong(what) {
  return fault("VP0903", "js-argument", `${what} is not a source`, [
    "give a URL, a Blob or File, a Uint8Array or ArrayBuffer, a ReadableStream or an async iterable of Uint8Array",
  ]);
}

async function fetched(url) {
  let response;
  try {
    response = await fetch(url);
  } catch (cause) {
    throw fault("VP0602", "transport", `${url} cannot be fetched: ${cause?.message ?? cause}`);
  }
  if (!response.ok) {
    const [code, kind] = response.status === 404 ? ["VP0606", "not-found"] : ["VP0602", "transport"];
    throw fault(code, kind, `${url} answered ${response.status}`);
  }
  return ofBlob(await response.blob());
}

/** Turns any source into Bytes. @param {import("./index.d.ts").Source} source @returns {Promise<Bytes>} */
export async function bytesOf(source) {
  if (source instanceof Bytes) return source;
  if (source instanceof Uint8Array) return ofArray(source);
  if (source instanceof ArrayBuffer) return ofArray(new Uint8Array(source));
  if (source instanceof Blob) return ofBlob(source);
  if (typeof source === "string" || source instanceof URL) return fetched(source);
  if (source && typeof source.getReader === "function") return collect(chunks(source));
  if (source && typeof source[Symbol.asyncIterator] === "function") return collect(source);
  throw wrong(source === null ? "null" : typeof source);
}
