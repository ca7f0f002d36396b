// An archive at an address, read by range requests: what is needed, and no more. A server without ranges sends all of it.
import * as faults from "./faults.js";
import { Download } from "./network.js";

/** Bytes of the first request: they bring the list of files and the manifest of practically every package. */
const FRONT = 128 * 1024;
/** Bytes that are kept for the next read. A frame has at most about 8 MiB, and files beside each other are often in one. */
const KEPT = 16 * 1024 * 1024;

/** What a `Content-Range` says, `{ start, end, total }`; `undefined` where it cannot be read, as from another origin. */
function contentRange({ headers }) {
  const [, first, last, total] = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(headers.get("content-range") ?? "") ?? [];
  return total && { start: Number(first), end: Number(last) + 1, total: Number(total) };
}

const rangeHeader = (start, end = "") => ({ headers: { range: `bytes=${start}-${end && end - 1}` } });
/** What tells two states of a file apart, as far as the server says. */
const stateOf = ({ headers }) => `${headers.get("etag")} ${headers.get("last-modified")}`;

function joined(parts, length) {
  if (parts.length === 1) return parts[0];
  const all = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** The body of an answer, which must have exactly `length` bytes. */
async function bodyOf(download, length) {
  const parts = [];
  let got = 0;
  for await (const piece of download.pieces()) {
    got += piece.length;
    if (got > length) break;
    parts.push(piece);
  }
  if (got !== length) throw faults.answeredRange(download.url, `${got} / ${length}`);
  return joined(parts, length);
}

/** Bytes with random access over range requests. */
class Remote {
  #url;
  #state;
  /** What was read last, the newest first, `{ start, bytes }`; the front stays. */
  #front;
  #kept = [];

  constructor(url, size, state, front) {
    this.size = size;
    this.#url = url;
    this.#state = state;
    this.#front = { start: 0, bytes: front };
  }

  /** The bytes from `start` to before `end`: those that are not kept, by one request. */
  async slice(start, end, call = {}) {
    const to = Math.min(end, this.size);
    if (start >= to) return new Uint8Array(0);
    const known = this.#find(start, to);
    if (known.length === to - start) return known;
    const from = start + known.length;
    const download = await this.#request(from, to, call);
    const bytes = await bodyOf(download, to - from);
    this.#keep({ start: from, bytes });
    return joined(known.length > 0 ? [known, bytes] : [bytes], to - start);
  }

  /** All bytes in order: what is kept of the front, and the rest by one request. */
  async *pieces(call = {}) {
    const { bytes } = this.#front;
    yield bytes;
    if (bytes.length === this.size) return;
    const download = await this.#request(bytes.length, this.size, call);
    let got = bytes.length;
    for await (const piece of download.pieces()) {
      got += piece.length;
      if (got > this.size) break;
      yield piece;
    }
    if (got !== this.size) throw faults.answeredRange(this.#url, `${got} / ${this.size}`);
  }

  async #request(start, end, call) {
    const download = await Download.start(this.#url, call, rangeHeader(start, end));
    const { response } = download;
    try {
      if (!response.ok) throw (response.status === 404 ? faults.answeredAbsent : faults.answered)(this.#url, response.status);
      const range = response.status === 206 ? contentRange(response) : undefined;
      if (range?.start !== start || range.end !== end) throw faults.answeredRange(this.#url, response.headers.get("content-range") ?? response.status);
      if (range.total !== this.size || stateOf(response) !== this.#state) throw faults.answeredChanged(this.#url);
      return download;
    } catch (error) {
      download.cancel();
      throw error;
    }
  }

  /** The longest part from `start` that is kept. */
  #find(start, end) {
    const parts = [this.#front, ...this.#kept].filter((part) => part.start <= start && start < part.start + part.bytes.length);
    const found = parts.map((part) => part.bytes.subarray(start - part.start, end - part.start));
    return found.reduce((one, other) => (other.length > one.length ? other : one), new Uint8Array(0));
  }

  #keep(part) {
    this.#kept.unshift(part);
    let bytes = 0;
    this.#kept = this.#kept.filter((one) => (bytes += one.bytes.length) <= KEPT);
  }
}

/**
 * Opens an address: bytes that are read in ranges, or, where the server sends all of it, that download. More than `limit`
 * bytes, if there is one, are not taken.
 * @returns {Promise<Remote | Download>}
 */
export async function openAddress(url, call, limit = Infinity) {
  if (!/^https?:/.test(url)) return whole(url, call, limit);
  const download = await Download.start(url, call, rangeHeader(0, FRONT)).catch((error) => {
    // Some browsers ask another origin whether it allows the header, and few servers answer.
    if (!isElsewhere(url) || call.signal?.aborted) throw error;
    return undefined;
  });
  if (!download) return whole(url, call, limit);
  const { response } = download;
  // A range of a compressed answer is one of the compressed bytes.
  const range = response.status === 206 && !response.headers.get("content-encoding") ? contentRange(response) : undefined;
  if (range === undefined) {
    // An empty file has no range; a server's answer may also be one that this page may not look at closely.
    if (response.status !== 206 && response.status !== 416) return complete(download, limit);
    download.cancel();
    return whole(url, call, limit);
  }
  const { start, end, total } = range;
  if (start !== 0 || end > FRONT || end > total) {
    download.cancel();
    throw faults.answeredRange(url, response.headers.get("content-range"));
  }
  if (total > limit) {
    download.cancel();
    throw faults.answeredTooLong(url, limit);
  }
  return new Remote(url, total, stateOf(response), await bodyOf(download, end));
}

const isElsewhere = (url) => globalThis.location !== undefined && new URL(url).origin !== globalThis.location.origin;

async function whole(url, call, limit) {
  return complete(await Download.start(url, call), limit);
}

/** A download of the whole file. */
function complete(download, limit) {
  const { url, response } = download;
  if (response.ok && response.status !== 206 && !(download.length > limit)) return download;
  download.cancel();
  if (response.ok && download.length > limit) throw faults.answeredTooLong(url, limit);
  throw (response.status === 404 ? faults.answeredAbsent : faults.answered)(url, response.status);
}
