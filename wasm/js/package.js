// The facade: fetches bytes, feeds the machine, shows what it says. It decides nothing about packages.
import * as core from "./vitte_core.js";
import { checked } from "./check.js";
import { digests, setDigests } from "./digests.js";
import { guarded, VitteError } from "./error.js";
import * as faults from "./faults.js";
import { indexedDbMemory } from "./memory.js";
import { init, initSync, ready, setLoader } from "./modules.js";
import { asked, fetchedArchive, isProved, proved, refuseUnasked, remembered, sameQuestion } from "./registry.js";
import { resolved } from "./resolve.js";
import { bytesOf, piecesOf } from "./source.js";

export { indexedDbMemory, init, initSync, setDigests, setLoader, VitteError };

/** A package whose list of files was read. Contents are read on demand. Dispose of it, or use `using`. */
export class Package {
  #bytes;
  #archive;
  #foreign;
  /** What the registry said of the release this is, and the policy it was asked by. */
  #release;

  constructor(bytes, archive, foreign, release) {
    this.#bytes = bytes;
    this.#archive = archive;
    this.#foreign = foreign;
    this.#release = release;
  }

  /** Whether this is another tool's archive: shown, never verified. */
  get foreign() {
    return this.#foreign;
  }

  #open() {
    if (!this.#archive) throw faults.disposed();
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
    if (this.#foreign) throw faults.foreign();
    this.#open();
    const wanted = this.#completed(policy);
    if (!isProved(wanted)) return checkBy(this.#bytes, wanted, progress);
    refuseUnasked(wanted);
    const { judged, policy: opened } = this.#release ?? {};
    if (judged && sameQuestion(wanted, opened)) return checkProved(this.#bytes, judged, wanted, progress);
    const claimed = this.#claimed(wanted);
    if (!claimed) return checkUnproven(this.#bytes, wanted, progress);
    const anew = claimed.registryAt !== undefined ? await proved(claimed) : await this.#provedOffline(claimed);
    if (!anew) return checkUnproven(this.#bytes, wanted, progress);
    try {
      return await checkProved(this.#bytes, anew, claimed, progress);
    } finally {
      anew.free();
    }
  }

  /** A policy about a release that was opened: what it leaves out is as it was asked then. One of keys stands alone. */
  #completed(policy) {
    const given = stated(policy);
    if (!this.#release || (given.keys && !isProved(given))) return given;
    return { ...this.#release.policy, ...given };
  }

  /** The policy, with the package's own name and identity where it leaves them out; `undefined` when it has no name. */
  #claimed(policy) {
    const { release, tree } = this.contents();
    const name = policy.package ?? release?.package;
    return name && { ...policy, package: name, tree: policy.tree ?? tree };
  }

  /** What the stapled proofs say; `undefined` when there are none that can be read. */
  async #provedOffline(claimed) {
    const stapled = this.#stapled();
    if (stapled === undefined) return undefined;
    const registry = await ready("registry");
    return guarded(() => registry.proveOffline(stapled, asked(claimed)));
  }

  #stapled() {
    const archive = this.#open();
    try {
      return this.#foreign ? undefined : archive.stapled();
    } catch {
      // The signatures cannot be read: `verify` says what is wrong with them.
      return undefined;
    }
  }

  /** Whether the proofs for a check without the registry are stapled into it. */
  get stapled() {
    return this.#stapled() !== undefined;
  }

  /** Frees the module's memory of this package. */
  dispose() {
    this.#archive?.free();
    this.#release?.judged.free();
    this.#archive = this.#release = undefined;
  }

  [Symbol.dispose ?? Symbol.for("Symbol.dispose")]() {
    this.dispose();
  }
}

/** The members of a policy that are stated. */
const stated = (policy) => Object.fromEntries(Object.entries(policy).filter(([, value]) => value !== undefined && value !== null));

/** Checks an archive whose release was judged: steps and log entry of the judgement stand before the archive's. */
async function checkProved(bytes, judged, policy, progress) {
  const { steps, log, ...verdict } = guarded(() => judged.report());
  if (verdict.status) return { ...verdict, steps, signers: [] };
  const report = await checkBy(bytes, guarded(() => judged.policy()), progress);
  if (report.status === "verified") await remembered(policy, judged);
  return { ...report, log, steps: [...steps, ...report.steps] };
}

/** Checks an archive by a trust root that nothing leads to: nobody's signature counts. */
function checkUnproven(bytes, { package: name, version, kind, target, registry, tree }, progress) {
  return checkBy(bytes, stated({ package: name, version, kind, target, registry, tree, unproven: true }), progress);
}

/** Checks all of an archive, with what digests beside the module at this time. */
const check = (bytes, machine, progress) => checked(bytes, machine, digests(), progress);
const checkBy = (bytes, policy, progress) => check(bytes, guarded(() => new core.Verifier(policy, bytes.size)), progress);

/** Opens a package or another tool's archive. */
export async function open(source) {
  await ready("core");
  const bytes = await bytesOf(source, core);
  return opened(bytes).catch((error) => refused(error, () => checkBy(bytes, {})));
}

/** Throws why an archive does not open, with the report where that amounts to a verdict about it. */
async function refused(error, judge) {
  if (error instanceof VitteError) {
    const report = await judge().catch(() => undefined);
    if (report?.status === "tampered") Object.assign(error, { report });
  }
  throw error;
}

/** Finds a release in a registry, proves it and opens its archive. */
export async function openRelease(given) {
  await ready("core");
  const policy = stated(given);
  refuseUnasked(policy);
  const judged = await proved(policy);
  try {
    const { status, ...refusal } = guarded(() => judged.report());
    if (status) throw Object.assign(new VitteError(refusal.reason), { report: { status, ...refusal, signers: [] } });
    const { address, size } = guarded(() => judged.archive());
    const bytes = await bytesOf(await fetchedArchive(address, size), core);
    return await opened(bytes, { judged, policy }).catch((error) => refused(error, () => checkProved(bytes, judged, policy)));
  } catch (error) {
    judged.free();
    throw error;
  }
}

async function opened(bytes, release) {
  const head = await bytes.slice(0, 64);
  if (!guarded(() => core.isPackage(head))) {
    const limit = core.foreignLimit();
    if (bytes.size > limit) throw faults.foreignLimit(bytes.size, limit);
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
    const found = new Package(bytes, archive, false, release);
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
  const wanted = stated(policy);
  if (!isProved(wanted)) return checkBy(await piecesOf(source), wanted, progress);
  refuseUnasked(wanted);
  const bytes = await bytesOf(source, core);
  const found = await opened(bytes).catch((error) => {
    if (error instanceof VitteError) return undefined;
    throw error;
  });
  // What does not open needs no registry: there is a verdict about it, or the same reason for having none.
  if (!found) return checkUnproven(bytes, wanted, progress);
  try {
    return await found.verify(wanted, progress);
  } finally {
    found.dispose();
  }
}

/** Reads a manifest: its value, and every fault at once. */
export async function parseManifest(text) {
  await ready("core");
  return guarded(() => core.parseManifest(text));
}

/** Reads a public key in PEM: its id, its short form for people and its canonical PEM. */
export async function parsePublicKey(text) {
  await ready("core");
  return guarded(() => core.parsePublicKey(text));
}

/** Resolves a manifest, or those of a workspace: the chosen packages with their lockfile, or why there is no solution. */
export async function resolve(manifest, index, options = {}) {
  return resolved(await ready("resolver"), manifest, index, options);
}
