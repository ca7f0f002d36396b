// Requests: with a limit on silence, never on the whole, and an end when the caller's signal says so.
import { VitteError } from "./error.js";
import * as faults from "./faults.js";

/** Milliseconds without a byte after which a request fails, unless the caller says otherwise. */
const SILENCE = 30_000;

/** What comes of `work`, or the signal's reason as soon as it is aborted. */
export function unlessAborted(work, signal) {
  if (!signal) return work;
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    if (signal.aborted) return stop();
    signal.addEventListener("abort", stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}

/** The pieces of a stream; the rest of it is cancelled when reading stops early. */
export async function* piecesOfStream(stream, signal) {
  if (stream.locked) throw faults.streamLocked();
  const reader = stream.getReader();
  let ended = false;
  try {
    for (;;) {
      const { done, value } = await unlessAborted(reader.read(), signal);
      if (done) break;
      yield value;
    }
    ended = true;
  } finally {
    // Not awaited: a stream that stalls may never say that it was cancelled.
    if (!ended) reader.cancel().catch(() => {});
    reader.releaseLock();
  }
}

/** The address of a source, which may be relative to the page's. */
export function addressOf(source) {
  try {
    const address = new URL(source, globalThis.location?.href);
    if (["http:", "https:", "blob:", "data:"].includes(address.protocol)) return String(address);
  } catch {
    // Named below.
  }
  throw faults.address(source);
}

/** One request under way. Whatever fails is a VitteError, or the reason of the caller's signal. */
export class Download {
  #controller = new AbortController();
  #signal;
  #timeout;
  #timer;
  #forward = () => this.#controller.abort(this.#signal.reason);

  constructor(url, { signal, timeout = SILENCE }) {
    this.url = url;
    this.#signal = signal;
    this.#timeout = timeout;
    signal?.addEventListener("abort", this.#forward, { once: true });
  }

  /** Sends it. @param {RequestInit} [init] @returns {Promise<Download>} */
  static async start(url, call, init) {
    const download = new Download(url, call);
    try {
      call.signal?.throwIfAborted();
      const request = { ...init, signal: download.#controller.signal };
      download.response = await download.#unlessSilent(() => fetch(url, request));
      return download;
    } catch (cause) {
      download.cancel();
      throw download.#named(cause);
    }
  }

  /** Bytes of the body that its headers state; `undefined` where they state those of a compressed one. */
  get length() {
    const stated = this.response.headers.get("content-encoding") ? null : this.response.headers.get("content-length");
    return stated === null ? undefined : Number(stated);
  }

  /** The body. */
  async *pieces() {
    if (!this.response.body) return;
    const reader = this.response.body.getReader();
    let ended = false;
    try {
      for (;;) {
        const { done, value } = await this.#unlessSilent(() => reader.read()).catch((cause) => {
          throw this.#named(cause);
        });
        if (done) break;
        yield value;
      }
      ended = true;
    } finally {
      if (!ended) reader.cancel().catch(() => {});
      this.cancel();
    }
  }

  /** Ends it; what was not read is not sent. */
  cancel() {
    clearTimeout(this.#timer);
    this.#signal?.removeEventListener("abort", this.#forward);
    this.#controller.abort();
  }

  async #unlessSilent(work) {
    const { signal } = this.#controller;
    const silent = () => this.#controller.abort(faults.silent(this.url, this.#timeout / 1000));
    // A timer takes no longer time than this: about 24 days.
    this.#timer = setTimeout(silent, Math.min(this.#timeout, 2 ** 31 - 1));
    try {
      return await unlessAborted(work(), signal);
    } finally {
      clearTimeout(this.#timer);
    }
  }

  #named(cause) {
    if (this.#signal?.aborted) return this.#signal.reason;
    if (cause instanceof VitteError) return cause;
    return faults.fetch(this.url, cause?.cause?.message || cause?.message || cause);
  }
}
