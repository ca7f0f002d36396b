// The facade: fetches bytes, feeds the machine, shows what it says. It decides nothing about packages.
import * as core from "./vitte_core.js";
import { checked } from "./check.js";
import { digests, setDigests } from "./digests.js";
import { fault, guarded, VitteError } from "./error.js";
import { indexedDbMemory } from "./memory.js";
import { init, initSync, ready, setLoader } from "./modules.js";
import { asked, fetchedArchive, proved, remembered } from "./registry.js";
import { resolved } from "./resolve.js";
import { bytesOf, piecesOf } from "./source.js";

export { indexedDbMemory, init, initSync, setDigests, setLoader, VitteError };

/** A package whose list of files was read. Contents are read on demand. Dispose of it, or use `using`. */
export class Package {
  #bytes;
  #archive;
  #foreign;
  #judged;

  constructor(bytes, archive, foreign, judged) {
    this.#bytes = bytes;
    this.#archive = archive;
    this.#foreign = foreign;
    this.#judged = judged;
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
    if (this.#judged) return checkProved(this.#bytes, this.#judged, policy, progress);
    if (!policy.registryAt && !policy.trustRoot) {
      return check(this.#bytes, guarded(() => new core.Verifier(policy, this.#bytes.size)), progress);
    }
    const judged = await this.#judge(policy);
    try {
      return await checkProved(this.#bytes, judged, policy, progress);
    } finally {
      judged.free();
    }
  }

  /** Whether the proofs for a check without the registry are stapled into it. */
  get stapled() {
    return !this.#foreign && guarded(() => this.#open().stapled()) !== undefined;
  }

  /** What the registry, or what is stapled, says about the release this claims to be. */
  async #judge(policy) {
    for (const member of ["index", "authorised"]) {
      if (policy[member] !== undefined) {
        throw fault("VP0903", "js-argument", `policy.${member} does not go with policy.registryAt or policy.trustRoot: the registry's log says it`);
      }
    }
    const { release, tree } = this.contents();
    const name = policy.package ?? release?.package;
    if (!name) throw fault("VP0903", "js-argument", "the package does not say its name", ["give policy.package"]);
    const claimed = { ...policy, package: name, tree: policy.tree ?? tree };
    if (policy.registryAt) return proved(claimed);
    const stapled = guarded(() => this.#open().stapled());
    if (!stapled) throw fault("VP0529", "no-proof", "the package holds no proofs: it cannot be verified offline", ["while online: vitte package staple FILE"]);
    const registry = await ready("registry");
    return guarded(() => registry.proveOffline(stapled, asked(claimed)));
  }

  /** Frees the module's memory of this package. */
  dispose() {
    this.#archive?.free();
    this.#judged?.free();
    this.#archive = this.#judged = undefined;
  }

  [Symbol.dispose ?? Symbol.for("Symbol.dispose")]() {
    this.dispose();
  }
}

/** Checks an archive whose release was judged: steps and log entry of the judgement stand before the archive's. */
async function checkProved(bytes, judged, policy, progress) {
  const { steps, log, ...verdict } = guarded(() => judged.report());
  if (verdict.status) return { ...verdict, steps, signers: [] };
  const report = await check(bytes, guarded(() => new core.Verifier(judged.policy(), bytes.size)), progress);
  if (report.status === "verified") await remembered(policy, judged);
  return { ...report, log, steps: [...steps, ...report.steps] };
}

/** Checks all of an archive, with what digests beside the module at this time. */
const check = (bytes, machine, progress) => checked(bytes, machine, digests(), progress);

/** Opens a package or another tool's archive. */
export async function open(source) {
  await ready("core");
  return opened(await bytesOf(source));
}

/** Finds a release in a registry, proves it and opens its archive. */
export async function openRelease(policy) {
  await ready("core");
  const judged = await proved(policy);
  try {
    const { status, ...refused } = guarded(() => judged.report());
    if (status) throw Object.assign(new VitteError(refused.reason), { report: { status, ...refused, signers: [] } });
    const { address, size } = guarded(() => judged.archive());
    return await opened(await bytesOf(await fetchedArchive(address, size)), judged);
  } catch (error) {
    judged.free();
    throw error;
  }
}

async function opened(bytes, judged) {
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
    const found = new Package(bytes, archive, false, judged);
    try {
      const manifest = await found.read("vitte.toml");
      guarded(() => archive.takeManifest(manifest));
    } catch (error) {
      // What cannot be read is shown without a name; `verify` says what is wrong with it.
      if (!(error instanceof VitteError)) throw error;
    }
    return found;
  } finally {
    opening.free();
  }
}

/** Checks a whole package: container, list of files, signatures, every frame, header and file. */
export async function verify(source, policy = {}, progress) {
  await ready("core");
  if (policy.registryAt || policy.trustRoot) {
    const found = await open(source);
    try {
      return await found.verify(policy, progress);
    } finally {
      found.dispose();
    }
  }
  const pieces = await piecesOf(source);
  return check(pieces, guarded(() => new core.Verifier(policy, pieces.size)), progress);
}

/** Reads a manifest: its value, and every fault at once. */
export async function parseManifest(text) {
  await ready("core");
  return guarded(() => core.parseManifest(text));
}

/** Resolves a manifest, or those of a workspace: the chosen packages with their lockfile, or why there is no solution. */
export async function resolve(manifest, index, options = {}) {
  return resolved(await ready("resolver"), manifest, index, options);
}
