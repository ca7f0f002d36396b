import { guarded } from "./error.js";
import * as faults from "./faults.js";

/** Bytes that are read at once while a whole package is checked. */
const PIECE = 1024 * 1024;

/** Bytes with random access: a Blob (a File from disk is not read into memory) or an array. */
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

/** Collects pieces in blocks, so that many small ones take no more memory than their bytes. */
export class Blocks {
  #full = [];
  #last = new Uint8Array(0);
  #used = 0;
  /** Bytes so far. */
  size = 0;

  push(piece) {
    this.size += piece.length;
    for (let rest = piece; rest.length > 0; ) {
      if (this.#used === this.#last.length) this.#next();
      const part = rest.subarray(0, this.#last.length - this.#used);
      this.#last.set(part, this.#used);
      this.#used += part.length;
      rest = rest.subarray(part.length);
    }
  }

  #next() {
    if (this.#used > 0) this.#full.push(this.#last);
    // The first ones are small: so is most of what is read.
    this.#last = new Uint8Array(Math.min(PIECE, Math.max(16 * 1024, this.size)));
    this.#used = 0;
  }

  blob() {
    return new Blob([...this.#full, this.#last.subarray(0, this.#used)]);
  }
}

/** Bytes read past a fault in a package's prelude, so that a stream gives the same error as a file. */
const LOOKAHEAD = 64 * 1024;

/**
 * How much of a stream is read: of a package one byte more than its stated length, of anything else what can be shown.
 * Without a limit, a stream that never ends would use up all memory.
 */
class StreamLimit {
  #core;
  #first = new Blocks();
  #opening;
  #known = false;

  constructor(core) {
    this.#core = core;
    this.limit = core.foreignLimit();
    this.end = this.limit + 1;
  }

  /** Looks at the next piece, until the package's end is known. */
  async look(piece, before) {
    if (this.#known) return;
    if (!this.#opening) {
      this.#first.push(piece);
      if (this.#first.size < 64) return;
      piece = new Uint8Array(await this.#first.blob().arrayBuffer());
      if (!guarded(() => this.#core.isPackage(piece))) return this.close();
      this.#opening = this.#core.Opening.ofStream();
    }
    try {
      this.#opening.supply(piece);
    } catch {
      // It does not open; the error comes up again when the package is opened.
      return this.#ends(before + piece.length + LOOKAHEAD);
    }
    const length = this.#opening.length();
    if (length !== undefined) this.#ends(length + 1);
  }

  #ends(end) {
    this.end = Math.min(this.end, end);
    if (end > this.limit + 1) throw faults.streamLimit(this.limit);
    this.close();
  }

  close() {
    this.#opening?.free();
    this.#opening = undefined;
    this.#known = true;
  }
}

/** All of a stream, as long as it can be a package or another tool's archive. */
async function collect(pieces, core) {
  const blocks = new Blocks();
  const bound = new StreamLimit(core);
  try {
    for await (const piece of pieces) {
      await bound.look(piece, blocks.size);
      blocks.push(piece);
      if (blocks.size >= bound.end) break;
    }
  } finally {
    bound.close();
  }
  if (blocks.size > bound.limit) throw faults.streamLimit(bound.limit);
  return ofBlob(blocks.blob());
}

async function* checkedPieces(iterable) {
  for await (const piece of iterable) {
    if (!(piece instanceof Uint8Array)) throw faults.streamType();
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
    // Reading stopped early: cancel the rest.
    if (!ended) await reader.cancel().catch(() => {});
    reader.releaseLock();
  }
}

async function* fetchPieces(url) {
  let response;
  try {
    response = await fetch(url);
    if (response.ok && response.body) return yield* chunks(response.body);
  } catch (cause) {
    throw faults.fetch(url, cause?.message ?? cause);
  }
  throw (response.status === 404 ? faults.answeredAbsent : faults.answered)(url, response.status);
}

/** The pieces of a source that can only be read from front to back; `undefined` for one with random access. */
function streamed(source) {
  if (typeof source === "string" || source instanceof URL) return fetchPieces(source);
  if (source && typeof source.getReader === "function") return checkedPieces(chunks(source));
  if (source && typeof source[Symbol.asyncIterator] === "function") return checkedPieces(source);
  return undefined;
}

/**
 * Turns any source into Bytes; `core` determines how much of a stream is read.
 * @param {import("./index.d.ts").Source} source
 * @param {typeof import("./vitte_core.js") | undefined} core
 * @returns {Promise<Bytes>}
 */
export async function bytesOf(source, core) {
  if (source instanceof Bytes) return source;
  if (source instanceof Uint8Array) return ofArray(source);
  if (source instanceof ArrayBuffer) return ofArray(new Uint8Array(source));
  if (source instanceof Blob) return ofBlob(source);
  const pieces = streamed(source);
  if (pieces) return collect(pieces, core);
  throw faults.source(source === null ? "null" : typeof source);
}

/**
 * Any source from front to back: its pieces, and its size where that is known before the end.
 * @param {import("./index.d.ts").Source} source
 */
export async function piecesOf(source) {
  const pieces = streamed(source);
  if (pieces) return { size: undefined, pieces: () => pieces };
  return bytesOf(source, undefined);
}
