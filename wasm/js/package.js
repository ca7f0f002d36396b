// The facade: fetches bytes, feeds core and returns its report. It decides nothing about packages.
import { callOptions, checkDiagnostics, checkedPolicy, checkKind, checkText, needsProof, proofBy, statedPolicy } from "./arguments.js";
import * as core from "./vitte_core.js";
import { checkArchive, checkStream } from "./check.js";
import { differences } from "./diff.js";
import { digests, setDigests } from "./digests.js";
import { guarded, VitteError } from "./error.js";
import * as faults from "./faults.js";
import { indexedDbMemory } from "./memory.js";
import { init, initSync, ready, setLoader } from "./modules.js";
import { isSameQuery, openArchiveAt, proveRelease, releaseQuery, remember } from "./registry.js";
import { formatDiagnostic } from "./format.js";
import { Lookups } from "./lookups.js";
import { resolveWith } from "./resolve.js";
import { bytesOf, streamed } from "./source.js";

export { indexedDbMemory, init, initSync, setDigests, setLoader, VitteError };

/** A package whose list of files was read. Contents are read on demand. Dispose of it, or use `using`. */
export class Package {
  #bytes;
  #archive;
  #foreign;
  /** The registry's report on the release, and the policy it was opened with. */
  #release;
  /** Why the list of files cannot be read: the archive was altered, or the registry's word is a verdict already. */
  #altered;
  /** Why its manifest cannot be read. */
  #unnamed;
  #disposed = false;

  constructor({ bytes, archive, foreign = false, release, altered, unnamed }) {
    this.#bytes = bytes;
    this.#archive = archive;
    this.#foreign = foreign;
    this.#release = release;
    this.#altered = altered;
    this.#unnamed = unnamed;
  }

  /** Whether this is another tool's archive: listed, never verified. */
  get foreign() {
    return this.#foreign;
  }

  /** Why nothing in it can be read, if so; `verify` gives the verdict. */
  get fault() {
    return this.#altered?.diagnostic;
  }

  #open() {
    this.#check();
    if (this.#altered) throw this.#altered;
    return this.#archive;
  }

  #check() {
    if (this.#disposed) throw faults.disposed();
  }

  /** Name, version, manifest text and list of files, as the archive states them. */
  contents() {
    return guarded(() => this.#open().contents());
  }

  /** The packed `vitte.toml`, if it can be read. */
  get manifest() {
    return this.contents().manifest;
  }

  /** The list of files. */
  files() {
    return this.contents().files;
  }

  /** The frames that the contents are stored in; of another tool's archive none. */
  frames() {
    return this.contents().frames ?? [];
  }

  /** One file's bytes, checked against the list of files. Reads the frames it needs and no others. */
  async read(path, options) {
    checkText(path, "path");
    return this.#read(path, callOptions(options));
  }

  async #read(path, { progress, ...call }) {
    const archive = this.#open();
    if (this.#foreign) return guarded(() => archive.read(path));
    const reading = guarded(() => archive.reading(path));
    let done = 0;
    try {
      for (;;) {
        const need = guarded(() => reading.need());
        if (!need) return guarded(() => reading.content(), "archive");
        const bytes = await this.#bytes.slice(need.start, need.end, call);
        this.#check();
        guarded(() => reading.supply(bytes), "archive");
        progress?.((done += bytes.length));
      }
    } finally {
      reading.free();
    }
  }

  /** What differs between the lists of files of this package and another one. */
  async diff(other, options) {
    const { signal, progress } = callOptions(options);
    if (!(other instanceof Package)) throw faults.argument("other", "Package");
    const found = differences(this.files(), other.files());
    signal?.throwIfAborted();
    progress?.(found.length, found.length);
    return found;
  }

  /** Checks everything; see `verify`. */
  async verify(policy, options) {
    const [given, call] = [statedPolicy(policy), callOptions(options)];
    this.#check();
    if (this.#foreign) throw faults.foreign();
    const wanted = checkKind(this.#complete(given));
    if (!this.#bytes) return this.#verifyRefused(wanted, call);
    if (!needsProof(wanted)) return checkBy(this.#bytes, wanted, call);
    const { report: released, policy: opened } = this.#release ?? {};
    if (released && isSameQuery(wanted, opened)) return checkProved(this.#bytes, released, wanted, call);
    const query = this.#withOwnName(wanted);
    if (!query) return this.#verifyUnnamed(wanted, call);
    const proof = query.registryAt !== undefined ? await proveRelease(query, call) : await this.#proveOffline(query);
    if (!proof) return checkUnproven(this.#bytes, wanted, call);
    try {
      return await checkProved(this.#bytes, proof, query, call);
    } finally {
      proof.free();
    }
  }

  /** A registry is asked by the package's name, which is read first: what is wrong there is the reason. */
  async #verifyUnnamed(wanted, call) {
    const report = await checkUnproven(this.#bytes, wanted, call);
    if (report.status !== "tampered" || wanted.registryAt === undefined || !this.#unnamed) return report;
    return { ...report, reason: this.#unnamed.diagnostic };
  }

  /** What the registry says is a verdict, and nothing was downloaded. Another query is put to it anew. */
  async #verifyRefused(wanted, call) {
    const { verdict, policy } = this.#release;
    if (isSameQuery(wanted, policy)) return verdict;
    if (!needsProof(wanted)) throw this.#altered;
    const found = await openRelease(wanted, call);
    try {
      return await found.verify(wanted, call);
    } finally {
      found.dispose();
    }
  }

  /** The policy, completed by the one the release was opened with. A policy of keys alone is complete. */
  #complete(given) {
    if (!this.#release || (given.keys && !needsProof(given))) return given;
    return { ...this.#release.policy, ...given };
  }

  /** The policy, with the package's own name and identity where they are left out; `undefined` if the package has no name. */
  #withOwnName(policy) {
    if (this.#altered) return undefined;
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
    this.#check();
    try {
      return this.#foreign ? undefined : this.#archive?.stapled();
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
    this.#release?.report?.free();
    this.#archive = this.#release = this.#bytes = undefined;
    this.#disposed = true;
  }

  [Symbol.dispose ?? Symbol.for("Symbol.dispose")]() {
    this.dispose();
  }
}

/** The members that have a value. */
const stated = (policy) => Object.fromEntries(Object.entries(policy).filter(([, value]) => value !== undefined));

/** Checks an archive by the registry's report on its release: that report's steps come before the archive's. */
async function checkProved(bytes, release, policy, call) {
  const { steps, log, ...verdict } = guarded(() => release.verdict(), "registry");
  if (verdict.status) return { ...verdict, steps, signers: [] };
  const report = await checkBy(bytes, guarded(() => release.policy()), call);
  if (report.status === "verified") await remember(policy, release);
  return { ...report, log, steps: [...steps, ...report.steps] };
}

/** Checks an archive by a trust root that no proof leads to: no signature counts. */
function checkUnproven(bytes, { package: name, version, kind, target, registry, tree }, call) {
  return checkBy(bytes, stated({ package: name, version, kind, target, registry, tree, unproven: true }), call);
}

/** Checks all of an archive, with the digests that are configured now. */
const checkBy = (bytes, policy, call) => checkArchive(bytes, guarded(() => new core.Verifier(policy, bytes.size)), digests(), call);

/** The same of a stream, while it arrives. */
function checkStreamBy(pieces, policy, call) {
  const machine = (total) => guarded(() => new core.Verifier(policy, total));
  return checkStream(pieces, machine, core.Opening.ofStream(), digests(), call);
}

/** Opens a package or another tool's archive. */
export async function open(source, options) {
  const call = callOptions(options);
  await ready("core");
  const bytes = await bytesOf(source, core, call);
  const found = await openOr(bytes, undefined, call, () => checkBy(bytes, {}, { ...call, progress: undefined }));
  call.progress?.(bytes.size, bytes.size);
  return found;
}

/** The open package. If it was altered so that it does not open, one that says so. */
async function openOr(bytes, release, call, verifyIt) {
  try {
    return await openArchive(bytes, release, call);
  } catch (error) {
    if (error?.failedIn !== "archive") throw error;
    const report = await verifyIt().catch((other) => {
      if (other?.failedIn === "archive") return undefined;
      throw other;
    });
    if (report?.status !== "tampered") throw error;
    return new Package({ bytes, release, altered: error });
  }
}

/** Finds a release in a registry, proves it and opens its archive. */
export async function openRelease(given, options) {
  const [policy, call] = [checkedPolicy(given), callOptions(options)];
  if (policy.registryAt === undefined) throw faults.argument("policy.registryAt", "string | URL");
  if (policy.package === undefined) throw faults.argument("policy.package", "string");
  await ready("core");
  const release = await proveRelease(policy, call);
  try {
    const verdict = guarded(() => release.verdict(), "registry");
    if (verdict.status) {
      release.free();
      return new Package({ release: { verdict: { ...verdict, signers: [] }, policy }, altered: new VitteError(verdict.reason) });
    }
    const { address, size } = guarded(() => release.archive(), "registry");
    const bytes = await openArchiveAt(address, size, call);
    return await openOr(bytes, { report: release, policy }, call, () => checkProved(bytes, release, { ...policy, memory: undefined }, call));
  } catch (error) {
    release.free();
    throw error;
  }
}

async function openArchive(bytes, release, { signal, timeout }) {
  const call = { signal, timeout };
  const head = await bytes.slice(0, 64, call);
  if (!guarded(() => core.isPackage(head))) {
    const limit = core.foreignLimit();
    if (bytes.size > limit) throw faults.foreignLimit(bytes.size, limit);
    const whole = await bytes.slice(0, bytes.size, call);
    return new Package({ bytes, archive: guarded(() => new core.Foreign(whole), "archive"), foreign: true });
  }
  const opening = guarded(() => new core.Opening(bytes.size));
  try {
    for (;;) {
      const need = guarded(() => opening.need());
      if (!need) break;
      const part = await bytes.slice(need.start, need.end, call);
      guarded(() => opening.supply(part), "archive");
    }
    const archive = guarded(() => opening.archive(), "archive");
    const found = new Package({ bytes, archive, release });
    try {
      const manifest = await found.read("vitte.toml", call);
      guarded(() => archive.takeManifest(manifest), "archive");
    } catch (error) {
      // The package is shown without a name; `verify` reports what is wrong with its manifest.
      if (error?.failedIn !== "archive") throw error;
      return new Package({ bytes, archive, release, unnamed: error });
    }
    return found;
  } finally {
    opening.free();
  }
}

/** Checks a whole package: container, list of files, signatures, every frame, header and file. */
export async function verify(source, policy, options) {
  const [wanted, call] = [checkedPolicy(policy), callOptions(options)];
  await ready("core");
  if (!needsProof(wanted)) {
    const stream = streamed(source, call);
    return stream ? checkStreamBy(stream, wanted, call) : checkBy(await bytesOf(source, core, call), wanted, call);
  }
  const bytes = await bytesOf(source, core, call);
  let found;
  try {
    found = await openArchive(bytes, undefined, call);
  } catch (error) {
    if (error?.failedIn !== "archive") throw error;
    // A package that does not open needs no registry: verifying it gives a verdict or the same error.
    return checkUnproven(bytes, wanted, call);
  }
  try {
    return await found.verify(wanted, call);
  } finally {
    found.dispose();
  }
}

/** Reads a manifest: its value, and every fault at once. */
export async function parseManifest(text) {
  checkText(text, "text");
  await ready("core");
  return guarded(() => core.parseManifest(text));
}

/** Reads a public key in PEM: its id, its short form for people and its canonical PEM. */
export async function parsePublicKey(text) {
  checkText(text, "text");
  await ready("core");
  return guarded(() => core.parsePublicKey(text));
}

/** Resolves a manifest, or those of a workspace: the chosen packages with their lockfile, or why there is no solution. */
export async function resolve(manifest, index, options) {
  return resolveWith(ready, manifest, index, options);
}

/**
 * Checks that a proof (C2SP tlog-proof) leads to an entry of a log, by the log's key, its policy, or a registry's trust root.
 */
export async function checkProof(proof, by, options) {
  const bytes = typeof proof === "string" ? new TextEncoder().encode(proof) : proof;
  if (!(bytes instanceof Uint8Array)) throw faults.argument("proof", "string | Uint8Array");
  const [{ logKey, logPolicy, registryAt, trustRoot, memory }, call] = [proofBy(by), callOptions(options)];
  const registry = await ready("registry");
  let policy = logPolicy;
  if (registryAt !== undefined) {
    const lookups = new Lookups(registry, { registryAt, trustRoot, memory }, call);
    try {
      policy = (await lookups.start()).logPolicy;
    } finally {
      lookups.free();
    }
  }
  call.signal?.throwIfAborted();
  const found = guarded(() => registry.checkProof(bytes, logKey, policy ?? ""));
  call.progress?.(bytes.length, bytes.length);
  return found;
}

/** Diagnostics as the terminal prints them, without colour. */
export function formatDiagnostics(diagnostics, options) {
  const [all, { source, file, level }] = checkDiagnostics(diagnostics, options);
  return all.map((diagnostic) => `${formatDiagnostic(diagnostic, { source, file, level })}\n`).join("");
}
