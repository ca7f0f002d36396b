import { guarded } from "./error.js";
import * as faults from "./faults.js";
import { addressOf, Download, piecesOfStream, unlessAborted } from "./network.js";
import { openAddress } from "./remote.js";

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
  async slice(start, end, { signal } = {}) {
    return unlessAborted(Promise.resolve(this.#read(start, Math.min(end, this.size))), signal);
  }

  /** All bytes in order, in pieces. */
  async *pieces(call) {
    for (let at = 0; at < this.size; at += PIECE) yield await this.slice(at, at + PIECE, call);
  }
}

/** Bytes of an array. */
export function ofArray(array) {
  return new Bytes(array.length, (start, end) => array.subarray(start, end));
}

function ofBlob(blob) {
  return new Bytes(blob.size, async (start, end) => {
    try {
      return new Uint8Array(await blob.slice(start, end).arrayBuffer());
    } catch (cause) {
      throw faults.unreadable(cause?.message ?? cause);
    }
  });
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

  /** A copy of the bytes from `start` to before `end`. Not by way of a Blob, which not every worker may read. */
  bytes(start = 0, end = this.size) {
    const copy = new Uint8Array(Math.max(end - start, 0));
    let at = 0;
    for (const block of [...this.#full, this.#last.subarray(0, this.#used)]) {
      const [from, to] = [Math.max(start - at, 0), Math.min(end - at, block.length)];
      if (from < to) copy.set(block.subarray(from, to), at + from - start);
      at += block.length;
    }
    return copy;
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
  look(piece, before) {
    if (this.#known) return;
    if (!this.#opening) {
      this.#first.push(piece);
      if (this.#first.size < 64) return;
      piece = this.#first.bytes();
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
      bound.look(piece, blocks.size);
      blocks.push(piece);
      if (blocks.size >= bound.end) break;
    }
  } finally {
    bound.close();
  }
  if (blocks.size > bound.limit) throw faults.streamLimit(bound.limit);
  return new Bytes(blocks.size, (start, end) => blocks.bytes(start, end));
}

/** The pieces of an iterable, which must be bytes. What it throws itself is passed on. */
async function* checkedPieces(iterable, signal) {
  const iterator = iterable[Symbol.asyncIterator]();
  let open = true;
  try {
    for (;;) {
      const next = Promise.resolve(iterator.next());
      next.catch(() => (open = false));
      const { done, value } = await unlessAborted(next, signal);
      if (done) {
        open = false;
        return;
      }
      if (!(value instanceof Uint8Array)) throw faults.streamType();
      yield value;
    }
  } finally {
    if (open) {
      const closed = Promise.resolve(iterator.return?.());
      // Whoever has stopped waits for nothing any more.
      if (signal?.aborted) closed.catch(() => {});
      else await closed;
    }
  }
}

/** The whole file at an address, from front to back. */
async function* fetchPieces(source, call) {
  const url = addressOf(source);
  const download = await Download.start(url, call);
  const { status, ok } = download.response;
  if (ok) return yield* download.pieces();
  download.cancel();
  throw (status === 404 ? faults.answeredAbsent : faults.answered)(url, status);
}

const isAddress = (source) => typeof source === "string" || source instanceof URL;

/** The pieces of a source that is read from front to back; `undefined` for one with random access. */
export function streamed(source, call) {
  if (isAddress(source)) return fetchPieces(source, call);
  if (typeof source?.getReader === "function") {
    if (source.locked) throw faults.streamLocked();
    return checkedPieces(piecesOfStream(source, call.signal), call.signal);
  }
  if (typeof source?.[Symbol.asyncIterator] === "function") return checkedPieces(source, call.signal);
  return undefined;
}

/**
 * Turns any source into Bytes; `core` determines how much of a stream is read.
 * @param {import("./index.d.ts").Source} source
 * @param {typeof import("./vitte_core.js")} core
 * @param {import("./index.d.ts").CallOptions} call
 * @returns {Promise<Bytes>}
 */
export async function bytesOf(source, core, call) {
  if (source instanceof Bytes) return source;
  if (ArrayBuffer.isView(source)) return ofArray(new Uint8Array(source.buffer, source.byteOffset, source.byteLength));
  if (source instanceof ArrayBuffer) return ofArray(new Uint8Array(source));
  if (source instanceof Blob) return ofBlob(source);
  if (isAddress(source)) {
    const remote = await openAddress(addressOf(source), call);
    return remote instanceof Download ? collect(remote.pieces(), core) : remote;
  }
  const pieces = streamed(source, call);
  if (pieces) return collect(pieces, core);
  throw faults.source(source === null ? "null" : Array.isArray(source) ? "array" : typeof source);
}
