// Drives the verifier over the pieces of an archive, with digests computed outside the module where possible.
import { guarded } from "./error.js";
import * as faults from "./faults.js";
import { Blocks } from "./source.js";

/**
 * Bytes of a file that spans frames up to which it is put together for a function that digests no pieces. Longer ones
 * are digested by the module, piece by piece. That function copies them, so twice as much is in use at the end.
 */
const GATHERED = 128 * 1024 * 1024;

/** The bytes of a file that come frame by frame, for a function that wants all of them at once. */
class Gathered {
  #bytes;
  #length = 0;
  #digest;

  constructor(size, digest) {
    this.#bytes = new Uint8Array(size);
    this.#digest = digest;
  }

  update(bytes) {
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  finish() {
    return this.#digest(this.#bytes);
  }
}

/**
 * Frames under way, in their order. While the stored bytes of one are digested, the one before is decoded and the
 * contents of the one before that are digested: at most two frames of 8 MiB wait as stored bytes, two as contents.
 */
class Frames {
  #machine;
  #digests;
  /** How many frames wait at each step. Where nothing works beside the module there is nothing to wait for. */
  #ahead;
  /** What is to come of the stored bytes of each frame that was read. */
  #stored = [];
  /** What is to come of the contents of each frame that was decoded. */
  #decoded = [];
  /** The file that goes on in the next frame. */
  #split;
  #gathered;

  constructor(machine, digests) {
    this.#machine = machine;
    this.#digests = digests;
    this.#ahead = digests ? 1 : 0;
    this.#gathered = digests?.hasher ? Infinity : GATHERED;
    /** Stored bytes of the frames under way. */
    this.bytes = 0;
  }

  /** Takes the frame that the machine has read. */
  async add() {
    const bytes = this.#machine.stored();
    this.#stored.push({ length: bytes.length, digest: this.#digests && this.#digest(bytes) });
    this.bytes += bytes.length;
    if (this.#stored.length > this.#ahead) await this.#decode();
  }

  /** Checks what is still under way. */
  async end() {
    while (this.#stored.length > 0 && !this.#machine.done()) await this.#decode();
    while (this.#decoded.length > 0 && !this.#machine.done()) await this.#check();
  }

  /** The digest of `bytes`, or a promise of it. */
  #digest(bytes) {
    const { now, later, digest } = this.#digests;
    if (now && bytes.length < later) return now(bytes);
    const coming = digest(bytes).catch((cause) => {
      throw faults.digest(bytes.length, cause?.message ?? cause);
    });
    coming.catch(() => {}); // A caller that stops early awaits none of them.
    return coming;
  }

  async #decode() {
    const { length, digest } = this.#stored.shift();
    const found = await digest;
    guarded(() => this.#machine.decode(found));
    this.#decoded.push({ length, digests: this.#digests ? this.#contents() : [] });
    // While those are computed elsewhere:
    guarded(() => this.#machine.digest_rest());
    if (this.#decoded.length > this.#ahead) await this.#check();
  }

  /** Starts to digest the contents of the frame that was decoded: each digest, or a promise of it. */
  #contents() {
    const pending = [];
    const parts = this.#parts();
    const raw = this.#machine.raw();
    for (const { start, end, offset, size } of parts) {
      const bytes = raw.subarray(start, end);
      if (bytes.length === size) {
        pending.push(this.#digest(bytes));
        continue;
      }
      // The last of the frame, if it begins here.
      if (offset === 0 && !this.#begin(size)) {
        // There is no memory for it: this one and those to come are left to the module.
        this.#gathered = 0;
        this.#parts();
        break;
      }
      this.#split.update(bytes);
      if (offset + bytes.length === size) pending.push(this.#split.finish());
    }
    return pending;
  }

  /** The contents of the frame that are not left to the module. */
  #parts() {
    const numbers = guarded(() => this.#machine.contents(this.#digests.least, this.#gathered));
    const parts = [];
    for (let at = 0; at < numbers.length; at += 4) {
      const [start, end, offset, size] = numbers.subarray(at, at + 4);
      parts.push({ start, end, offset, size });
    }
    return parts;
  }

  /** Gets ready for a file of `size` bytes that goes on in the next frame. */
  #begin(size) {
    try {
      this.#split = this.#digests.hasher?.() ?? new Gathered(size, (bytes) => this.#digest(bytes));
      return true;
    } catch (error) {
      if (error instanceof RangeError) return false;
      throw error;
    }
  }

  async #check() {
    const { length, digests } = this.#decoded.shift();
    const found = await Promise.all(digests);
    const together = new Uint8Array(32 * found.length);
    found.forEach((digest, at) => together.set(digest, 32 * at));
    guarded(() => this.#machine.check(together));
    this.bytes -= length;
  }
}

/** Bytes read past a fault in the front: more than the longest list of files, whose length stands before it. */
const PAST = 17 * 1024 * 1024;

/** A stream whose front is kept, until it says how long the archive is. */
class Fronted {
  #pieces;
  #opening;
  #front = new Blocks();
  #ended = false;
  /** Bytes read so far. */
  count = 0;

  constructor(pieces, opening) {
    this.#pieces = pieces;
    this.#opening = opening;
  }

  async #next() {
    const { done, value } = await this.#pieces.next();
    this.#ended = done;
    if (done) return undefined;
    this.count += value.length;
    if (this.length === undefined && !this.#broken) this.#look(value);
    return value;
  }

  #broken = false;
  /** Bytes the archive must have, once its front was read. */
  length;

  #look(piece) {
    this.#front.push(piece);
    try {
      this.#opening.supply(piece);
      this.length = this.#opening.length();
    } catch {
      // What is wrong is said by the machine that verifies.
      this.#broken = true;
    }
  }

  async *pieces() {
    for (let piece = await this.#next(); piece; piece = await this.#next()) yield piece;
  }

  /** Reads on, for the length alone, as far as it can matter. @returns {Promise<number>} */
  async total() {
    while (!this.#ended && this.length === undefined && !this.#broken) await this.#next();
    const end = this.length !== undefined ? this.length + 1 : this.#front.size + PAST;
    while (!this.#ended && this.count < end) await this.#next();
    return this.count;
  }

  /** Whether it ended in the front. */
  get isCut() {
    return this.#ended && this.length === undefined;
  }

  front() {
    return this.#front.bytes();
  }

  async close() {
    this.#opening.free();
    await this.#pieces.return();
  }
}

/**
 * Checks an archive that comes as a stream. The outcome is that of the same bytes as a file: a file's length is known
 * before its first byte, and what its front says is held against it. `machine` makes a verifier for so many bytes, or for
 * a number that is not known.
 * @param {AsyncGenerator<Uint8Array>} pieces
 * @param {(total?: number) => import("./vitte_core.js").Verifier} machine
 * @param {import("./vitte_core.js").Opening} opening
 */
export async function checkStream(pieces, machine, opening, digests, call) {
  const source = new Fronted(pieces, opening);
  try {
    const found = await checkArchive({ size: undefined, pieces: () => source.pieces() }, machine(), digests, call).catch((error) => {
      if (error?.failedIn !== "archive") throw error;
      return error;
    });
    if (found.status && found.status !== "tampered") return found;
    const again = machine(await source.total());
    try {
      const front = source.front();
      guarded(() => again.push(front));
      guarded(() => again.read());
      if (again.done() || source.isCut) return guarded(() => again.finish(), "archive");
    } finally {
      again.free();
    }
    if (found instanceof Error) throw found;
    return found;
  } finally {
    await source.close();
  }
}

/**
 * Checks all there is of `source` by `machine`, which is freed. `digests` computes digests outside the module, if given.
 * @param {{ size?: number, pieces(call?: import("./index.d.ts").CallOptions): AsyncIterable<Uint8Array> }} source
 * @param {import("./vitte_core.js").Verifier} machine
 * @param {import("./digests.js").Digests | undefined} digests
 */
export async function checkArchive(source, machine, digests, { signal, progress, timeout } = {}) {
  try {
    const frames = new Frames(machine, digests);
    let [pushed, shown] = [0, 0];
    const show = () => {
      // Progress never goes back: the pieces of a frame were counted before the whole frame was waiting to be checked.
      shown = Math.max(shown, pushed - frames.bytes);
      progress?.(shown, source.size);
    };
    for await (const piece of source.pieces({ signal, timeout })) {
      signal?.throwIfAborted();
      guarded(() => machine.push(piece));
      pushed += piece.length;
      // One frame at a time, so that a caller on the main thread gets its turn.
      while (guarded(() => machine.read())) {
        await frames.add();
        signal?.throwIfAborted();
      }
      if (machine.read_all()) {
        await frames.end();
        guarded(() => machine.read());
      }
      show();
      if (machine.done()) break;
    }
    await frames.end();
    return guarded(() => machine.finish(), "archive");
  } finally {
    machine.free();
  }
}
