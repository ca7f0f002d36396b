// The facade: fetches bytes, feeds core and returns its report. It decides nothing about packages.
import * as core from "./vitte_core.js";
import { checkArchive } from "./check.js";
import { digests, setDigests } from "./digests.js";
import { guarded, VitteError } from "./error.js";
import * as faults from "./faults.js";
import { indexedDbMemory } from "./memory.js";
import { init, initSync, ready, setLoader } from "./modules.js";
import { fetchArchive, isSameQuery, needsProof, proveRelease, refuseOtherMembers, releaseQuery, remember } from "./registry.js";
import { resolveWith } from "./resolve.js";
import { bytesOf, piecesOf } from "./source.js";

export { indexedDbMemory, init, initSync, setDigests, setLoader, VitteError };

/** A package whose list of files was read. Contents are read on demand. Dispose of it, or use `using`. */
export class Package {
  #bytes;
  #archive;
  #foreign;
  /** The registry's report on the release, and the policy it was opened with. */
  #release;

  constructor(bytes, archive, foreign, release) {
    this.#bytes = bytes;
    this.#archive = archive;
    this.#foreign = foreign;
    this.#release = release;
  }

  /** Whether this is another tool's archive: listed, never verified. */
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
        if (!need) return guarded(() => reading.content(), "archive");
        const bytes = await this.#bytes.slice(need.start, need.end);
        guarded(() => reading.supply(bytes), "archive");
      }
    } finally {
      reading.free();
    }
  }

  /** Checks everything; see `verify`. */
  async verify(policy = {}, progress) {
    if (this.#foreign) throw faults.foreign();
    this.#open();
    const wanted = this.#complete(policy);
    if (!needsProof(wanted)) return checkBy(this.#bytes, wanted, progress);
    refuseOtherMembers(wanted);
    const { report: released, policy: opened } = this.#release ?? {};
    if (released && isSameQuery(wanted, opened)) return checkProved(this.#bytes, released, wanted, progress);
    const query = this.#withOwnName(wanted);
    if (!query) return checkUnproven(this.#bytes, wanted, progress);
    const proof = query.registryAt !== undefined ? await proveRelease(query) : await this.#proveOffline(query);
    if (!proof) return checkUnproven(this.#bytes, wanted, progress);
    try {
      return await checkProved(this.#bytes, proof, query, progress);
    } finally {
      proof.free();
    }
  }

  /** The policy, completed by the one the release was opened with. A policy of keys alone is complete. */
  #complete(policy) {
    const given = stated(policy);
    if (!this.#release || (given.keys && !needsProof(given))) return given;
    return { ...this.#release.policy, ...given };
  }

  /** The policy, with the package's own name and identity where they are left out; `undefined` if the package has no name. */
  #withOwnName(policy) {
    const { release, tree } = this.contents();
    const name = policy.package ?? release?.package;
    return name && { ...policy, package: name, tree: policy.tree ?? tree };
  }

  /** The report of the stapled proofs; `undefined` if there are none that can be read. */
  async #proveOffline(query) {
    const stapled = this.#stapled();
    if (stapled === undefined) return undefined;
    const registry = await ready("registry");
    return guarded(() => registry.proveOffline(stapled, releaseQuery(query)));
  }

  #stapled() {
    const archive = this.#open();
    try {
      return this.#foreign ? undefined : archive.stapled();
    } catch {
      // The signatures cannot be read: `verify` reports why.
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
    this.#release?.report.free();
    this.#archive = this.#release = undefined;
  }

  [Symbol.dispose ?? Symbol.for("Symbol.dispose")]() {
    this.dispose();
  }
}

/** The policy without members that are `undefined` or null. */
const stated = (policy) => Object.fromEntries(Object.entries(policy).filter(([, value]) => value !== undefined && value !== null));

/** Checks an archive by the registry's report on its release: that report's steps come before the archive's. */
async function checkProved(bytes, release, policy, progress) {
  const { steps, log, ...verdict } = guarded(() => release.verdict(), "registry");
  if (verdict.status) return { ...verdict, steps, signers: [] };
  const report = await checkBy(bytes, guarded(() => release.policy()), progress);
  if (report.status === "verified") await remember(policy, release);
  return { ...report, log, steps: [...steps, ...report.steps] };
}

/** Checks an archive by a trust root that no proof leads to: no signature counts. */
function checkUnproven(bytes, { package: name, version, kind, target, registry, tree }, progress) {
  return checkBy(bytes, stated({ package: name, version, kind, target, registry, tree, unproven: true }), progress);
}

/** Checks all of an archive, with the digests that are configured now. */
const check = (bytes, machine, progress) => checkArchive(bytes, machine, digests(), progress);
const checkBy = (bytes, policy, progress) => check(bytes, guarded(() => new core.Verifier(policy, bytes.size)), progress);

/** Opens a package or another tool's archive. */
export async function open(source) {
  await ready("core");
  const bytes = await bytesOf(source, core);
  return openArchive(bytes).catch((error) => refused(error, () => checkBy(bytes, {})));
}

/** Rethrows why an archive does not open, with the report if it was altered. */
async function refused(error, verifyIt) {
  if (error instanceof VitteError) {
    const report = await verifyIt().catch(() => undefined);
    if (report?.status === "tampered") Object.assign(error, { report });
  }
  throw error;
}

/** Finds a release in a registry, proves it and opens its archive. */
export async function openRelease(given) {
  await ready("core");
  const policy = stated(given);
  refuseOtherMembers(policy);
  const release = await proveRelease(policy);
  try {
    const { status, ...refusal } = guarded(() => release.verdict(), "registry");
    if (status) throw Object.assign(new VitteError(refusal.reason), { report: { status, ...refusal, signers: [] } });
    const { address, size } = guarded(() => release.archive(), "registry");
    const bytes = await bytesOf(await fetchArchive(address, size), core);
    return await openArchive(bytes, { report: release, policy }).catch((error) => refused(error, () => checkProved(bytes, release, policy)));
  } catch (error) {
    release.free();
    throw error;
  }
}

async function openArchive(bytes, release) {
  const head = await bytes.slice(0, 64);
  if (!guarded(() => core.isPackage(head))) {
    const limit = core.foreignLimit();
    if (bytes.size > limit) throw faults.foreignLimit(bytes.size, limit);
    const whole = await bytes.slice(0, bytes.size);
    return new Package(bytes, guarded(() => new core.Foreign(whole), "archive"), true);
  }
  const opening = guarded(() => new core.Opening(bytes.size));
  try {
    for (;;) {
      const need = guarded(() => opening.need());
      if (!need) break;
      const part = await bytes.slice(need.start, need.end);
      guarded(() => opening.supply(part), "archive");
    }
    const archive = guarded(() => opening.archive(), "archive");
    const found = new Package(bytes, archive, false, release);
    try {
      const manifest = await found.read("vitte.toml");
      guarded(() => archive.takeManifest(manifest));
    } catch (error) {
      // The package is shown without a name; `verify` reports what is wrong with its manifest.
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
  if (!needsProof(wanted)) return checkBy(await piecesOf(source), wanted, progress);
  refuseOtherMembers(wanted);
  const bytes = await bytesOf(source, core);
  const found = await openArchive(bytes).catch((error) => {
    if (error instanceof VitteError) return undefined;
    throw error;
  });
  // A package that does not open needs no registry: verifying it gives a verdict or the same error.
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
  return resolveWith(await ready("resolver"), manifest, index, options);
}
