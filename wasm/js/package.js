// The facade: fetches bytes, feeds the machine, shows what it says. It decides nothing about packages.
import * as core from "./vitte_core.js";
import { fault, guarded, VitteError } from "./error.js";
import { bytesOf, piecesOf } from "./source.js";

export { VitteError };

let loading;
let loaded = false;
let loader = () => {
  throw fault("VP0901", "wasm-load", "the WebAssembly module was not given", ["call initSync({ module }) first"]);
};

/** Says how the module is found when nobody called init. For the entry points of this package. */
export function setLoader(load) {
  loader = load;
}

/** Loads from bytes, a compiled module, or a URL; what is served in place of the module is named. */
async function load({ bytes, module, url }) {
  if (bytes ?? module) return initSync({ module: bytes ?? module });
  const response = await fetch(url);
  const type = response.headers.get("content-type") ?? "nothing";
  const served = new Uint8Array(await response.arrayBuffer());
  if (!response.ok || served[0] !== 0 || served[1] !== 0x61 || served[2] !== 0x73 || served[3] !== 0x6d) {
    throw fault("VP0902", "wasm-mime", `got ${response.ok ? type : response.status} for vitte_core_bg.wasm`, [
      "your bundler moved the file: pass init({ url }) or init({ bytes })",
    ]);
  }
  return initSync({ module: served });
}

/** Loads the module now, from somewhere else if told so. No call is needed: it loads once, at first use. */
export async function init(options) {
  loading ??= (async () => options ? load(options) : load(await loader()))();
  try {
    await loading;
  } catch (error) {
    loading = undefined;
    throw error;
  }
}

/** Loads the module at once from its bytes or a compiled module. */
export function initSync({ module }) {
  if (loaded) return;
  try {
    core.initSync({ module });
  } catch (cause) {
    throw fault("VP0901", "wasm-load", `the WebAssembly module cannot be loaded: ${cause?.message ?? cause}`);
  }
  loaded = true;
  loading ??= Promise.resolve();
}

/** A package whose list of files was read. Contents are read on demand. Dispose of it, or use `using`. */
export class Package {
  #bytes;
  #archive;
  #foreign;

  constructor(bytes, archive, foreign) {
    this.#bytes = bytes;
    this.#archive = archive;
    this.#foreign = foreign;
  }

  /** Whether this is another tool's archive: shown, never verified. */
  get foreign() {
    return this.#foreign;
  }

  #open() {
    if (!this.#archive) throw fault("VP0904", "disposed", "the package was disposed of", ["open it again"]);
    return this.#archive;
  }

  /** Name, version, manifest text and list of files, as the archive states them. */
  contents() {
    return guarded(() => this.#open().contents());
  }

  /** One file's bytes, checked against the list of files. Reads the frames it needs and no others. */
  async read(path) {
    const archive = this.#open();
    if (this.#foreign) return guarded(() => archive.read(path));
    const reading = guarded(() => archive.reading(path));
    try {
      for (;;) {
        const need = guarded(() => reading.need());
        if (!need) return guarded(() => reading.content());
        const bytes = await this.#bytes.slice(need.start, need.end);
        guarded(() => reading.supply(bytes));
      }
    } finally {
      reading.free();
    }
  }

  /** Checks everything; see `verify`. */
  async verify(policy = {}, progress) {
    if (this.#foreign) throw fault("VP0208", "not-a-package", "another tool's archive cannot be verified");
    return check(this.#bytes, policy, progress);
  }

  /** Frees the module's memory of this package. */
  dispose() {
    this.#archive?.free();
    this.#archive = undefined;
  }

  [Symbol.dispose ?? Symbol.for("Symbol.dispose")]() {
    this.dispose();
  }
}

async function check(bytes, policy, progress) {
  const machine = guarded(() => new core.Verifier(policy, bytes.size));
  try {
    let done = 0;
    for await (const piece of bytes.pieces()) {
      guarded(() => machine.push(piece));
      // One frame at a time, so that a caller on the main thread gets its turn.
      while (guarded(() => machine.step())) await undefined;
      done += piece.length;
      progress?.(done, bytes.size);
      if (machine.settled()) break;
    }
    return guarded(() => machine.finish());
  } finally {
    machine.free();
  }
}

/** Opens a package or another tool's archive. */
export async function open(source) {
  await init();
  const bytes = await bytesOf(source);
  const head = await bytes.slice(0, 64);
  if (!guarded(() => core.isPackage(head))) {
    const limit = core.foreignLimit();
    if (bytes.size > limit) throw fault("VP0205", "limit", `${bytes.size} bytes are more than the ${limit} that can be shown`);
    const whole = await bytes.slice(0, bytes.size);
    return new Package(bytes, guarded(() => new core.Foreign(whole)), true);
  }
  const opening = guarded(() => new core.Opening(bytes.size));
  try {
    for (;;) {
      const need = guarded(() => opening.need());
      if (!need) break;
      const part = await bytes.slice(need.start, need.end);
      guarded(() => opening.supply(part));
    }
    const archive = guarded(() => opening.archive());
    const opened = new Package(bytes, archive, false);
    try {
      const manifest = await opened.read("vitte.toml");
      guarded(() => archive.takeManifest(manifest));
    } catch (error) {
      // What cannot be read is shown without a name; `verify` says what is wrong with it.
      if (!(error instanceof VitteError)) throw error;
    }
    return opened;
  } finally {
    opening.free();
  }
}

/** Checks a whole package: container, list of files, signatures, every frame, header and file. */
export async function verify(source, policy = {}, progress) {
  await init();
  return check(await piecesOf(source), policy, progress);
}

/** Reads a manifest: its value, and every fault at once. */
export async function parseManifest(text) {
  await init();
  return guarded(() => core.parseManifest(text));
}
