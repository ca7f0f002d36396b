/// <reference lib="esnext.disposable" />
import type { Code } from "./codes.js";

/** Where a fault is. Offsets and numbers count bytes and frames from 0. */
export type Place =
  | { in: "whole" }
  | { in: "source"; start: number; end: number }
  | { in: "offset"; offset: number }
  | { in: "line"; line: number }
  | { in: "frame"; frame: number; frames: number; files: string[] }
  | { in: "file"; path: string };

/** One fault: the same codes and words as in the terminal. */
export interface Diagnostic {
  /** Stable code, `VPxxxx`; `codes` of `@vitte/package/codes` says what it means. */
  code: Code;
  /** Stable class name, such as `frame-digest`. */
  class: string;
  message: string;
  place: Place;
  label?: string;
  /** Why, line by line, where one sentence is not enough; each with its own place in the source if it has one. */
  notes?: { text: string; span?: { start: number; end: number } }[];
  /** Commands, or lines to paste. */
  help: string[];
  /** The values concerned: `expected`, `got` and others. A whole number above 2^53-1 is a string of its digits. */
  data: Record<string, unknown>;
}

/** One check and its verdict. `not-asked`: there was nothing to check against. `not-reached`: an earlier check failed. */
export interface Step {
  id: string;
  verdict: "passed" | "failed" | "not-asked" | "not-reached";
  /** What is true if it passes. */
  text: string;
  /** What was found, in words. */
  found?: string;
}

/** Who signed. `keyid` is SHA-256 of the public key's SPKI form, in hexadecimal. */
export interface Signer {
  keyid: string;
  short: string;
}

interface Checked {
  steps: Step[];
  /** Who signed; with `untrusted`, the claimed signers. */
  signers: Signer[];
  /** The release that was signed. */
  release?: { registry: string; package: string; version: string; kind: "vitpkg" | "vitmod"; target: string };
  /** The identity. */
  tree?: string;
  /** Where the release stands in its registry's log; absent if neither a registry nor a stapled proof was used. */
  log?: LogEntry;
}

/** A release's place in the log of its registry. */
export interface LogEntry {
  /** Id of the registry. */
  registry: string;
  /** Its index, of `size` entries with the Merkle root `root` (hexadecimal). */
  index: number;
  size: number;
  root: string;
  /** When it was logged, in Unix seconds; of stapled proofs, the newest entry in them. */
  time: number;
  /** Whether witnesses have seen that log. If not, no independent witness has signed it. */
  witnessed: boolean;
  /** Set when the release was yanked or deprecated. */
  releaseStatus?: {
    action: "yank" | "unyank" | "deprecate" | "undeprecate";
    code: "security" | "malware" | "broken" | "legal" | "renamed" | "other";
    text: string;
  };
}

/** Remembers what registries have shown, so that none can go back on it: pass the same one every time. */
export interface Memory {
  read(registry: string): Promise<Uint8Array | undefined>;
  /** Replaces the stored bytes by the result of `merge`, in one transaction; `undefined` leaves them. */
  update(registry: string, merge: (stored: Uint8Array | undefined) => Uint8Array | undefined): Promise<void>;
}

/**
 * The verdict. There is no boolean: say which status you accept. `failedIn` says where a check failed: with `registry`, on
 * what the registry says, before the archive was looked at.
 */
export type Report = Checked & (
  | { status: "verified"; reason?: undefined; failedIn?: undefined }
  | { status: "unsigned" | "untrusted" | "tampered"; reason: Diagnostic; failedIn: "registry" | "archive" }
);

/** What a package is expected to be. What is left out may be anything. */
export interface Expected {
  /** The expected `namespace/name`. */
  readonly package?: string;
  readonly version?: string;
  readonly kind?: "vitpkg" | "vitmod";
  readonly target?: string;
  /** Registry id the signature must be for, such as `registry.vitte.dev/`. */
  readonly registry?: string;
  /** The expected identity, `vp1-sha256:` and 64 hexadecimal digits. */
  readonly tree?: string;
}

/** Trust in keys that you have. */
export interface ByKeys extends Expected {
  /**
   * Public keys as PEM (`PUBLIC KEY`) whose signature counts: for every package, or `for` one (`namespace/name`) or a
   * namespace (`namespace/*`). Without one, a good signature is `untrusted`.
   */
  readonly keys?: readonly (string | { readonly key: string; readonly for: string })[];
  /** The keys that may release `package`, as its namespace says: with it no other key counts, whoever trusts it. */
  readonly authorised?: { readonly package: string; readonly keys: readonly string[]; readonly threshold: number };
  /** Digest of the release's line in the registry's index, `sha256:` and 64 hexadecimal digits. */
  readonly index?: string;
  readonly registryAt?: undefined;
  readonly trustRoot?: undefined;
  readonly memory?: undefined;
}

/** Trust in a registry: the release must be in its log, signed by the keys of its namespace's records. */
export interface ByRegistry extends Expected {
  /** Address of the registry, a folder on any file server. */
  readonly registryAt: string | URL;
  /** SHA-256 of the registry's first trust root, in hexadecimal, as its owner gives it. Without it nothing is trusted. */
  readonly trustRoot?: string;
  /** Remembers what the registry has shown. Without it, every check is the first. */
  readonly memory?: Memory;
  readonly keys?: undefined;
  readonly authorised?: undefined;
  readonly index?: undefined;
}

/**
 * Trust in a registry whose proofs are stapled into the package: nothing is requested. A package without proofs is
 * `untrusted`, whoever signed it.
 */
export interface ByStapledProofs extends Expected {
  /** SHA-256 of the registry's first trust root, in hexadecimal, as its owner gives it. */
  readonly trustRoot: string;
  readonly registryAt?: undefined;
  readonly memory?: undefined;
  readonly keys?: undefined;
  readonly authorised?: undefined;
  readonly index?: undefined;
}

/** Whom to trust and what is expected. Members of two kinds beside each other are refused; none is ever ignored. */
export type Policy = ByKeys | ByRegistry | ByStapledProofs;

/** What every call takes. */
export interface CallOptions {
  /** Ends the call, which then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Told how much was done and, where it is known, of how much: bytes, of `resolve` packages. What it throws ends the call. */
  readonly progress?: (done: number, total?: number) => void;
  /** Milliseconds without a byte after which a request fails; 30,000 if not given. There is no limit on the whole. */
  readonly timeout?: number;
}

/** A file, or in another tool's archive also a link or special entry. */
export interface FileEntry {
  path: string;
  /** Bytes. */
  size: number;
  executable: boolean;
  type: string;
  section?: string;
  /** SHA-256 of the content, in hexadecimal. */
  digest?: string;
}

/** What an archive states about itself. None of it is verified until `verify` says so. */
export interface Contents {
  release?: { package: string; version: string; kind: "vitpkg" | "vitmod" | "vitdelta" };
  /** Identity, absent for another tool's archive. */
  tree?: string;
  manifest?: string;
  /** Bytes of all files. */
  unpacked: number;
  frames?: { raw: number; stored: number; digest: string }[];
  files: FileEntry[];
}

/**
 * Anything bytes can come from. Addresses are read by range requests, as far as the server allows, and a `File` in slices:
 * neither as a whole. `verify` by keys checks a stream as it arrives. Otherwise a stream is kept in memory: no more than the
 * package's stated length, and at most 256 MiB. Addresses are http, https, blob and data.
 */
export type Source = string | URL | Blob | ArrayBufferView | ArrayBuffer | ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>;

/**
 * Thrown when something cannot be checked. A package that fails verification is a report, not an error. What a signal, a
 * callback or a stream of yours throws is passed on as it is. `message` has the code and what to do.
 */
export class VitteError extends Error {
  readonly code: Code;
  readonly diagnostic: Diagnostic;
  /**
   * Where it failed: reading the `archive`, or proving the release from the `registry`'s files. Absent for everything
   * else, such as a failed request or a wrong argument.
   */
  readonly failedIn?: "registry" | "archive";
}

/** A file that differs between two packages. `moved`: the same content under another path; `mode`: executable or not. */
export type Difference =
  | { kind: "added"; path: string; before?: undefined; after: FileEntry }
  | { kind: "removed"; path: string; before: FileEntry; after?: undefined }
  | { kind: "changed" | "moved" | "mode"; path: string; before: FileEntry; after: FileEntry };

/** A package whose list of files was read. */
export class Package {
  private constructor();
  /** Whether this is another tool's archive: listed, never verified. */
  readonly foreign: boolean;
  /**
   * Why nothing in it can be read, if so: it was altered where its files are listed, or its registry says that it is not
   * to be trusted. Then `verify` gives the verdict, and what reads from it throws this.
   */
  readonly fault?: Diagnostic;
  /** The packed `vitte.toml`; `undefined` if it cannot be read. */
  readonly manifest: string | undefined;
  files(): FileEntry[];
  /** The frames that its contents are stored in; of another tool's archive none. */
  frames(): NonNullable<Contents["frames"]>;
  /** All of it: name, version, identity, manifest, frames and files, as the archive states them. */
  contents(): Contents;
  /** One file's bytes, checked against the list of files; throws when they do not match. */
  read(path: string, options?: CallOptions): Promise<Uint8Array>;
  /** What differs between the lists of files, in the order of the paths. Contents are compared by their digests. */
  diff(other: Package, options?: CallOptions): Promise<Difference[]>;
  /**
   * Checks everything. For a package from `openRelease`, the policy it was opened with fills in what is left out here; if
   * they differ, the registry is queried again. A policy of `keys` alone uses no registry.
   */
  verify(policy?: Policy | Partial<ByRegistry>, options?: CallOptions): Promise<Report>;
  /** Whether the proofs for a check without the registry are stapled into it. */
  readonly stapled: boolean;
  dispose(): void;
  [Symbol.dispose](): void;
}

/**
 * Opens a package, or another tool's tar archive to look at. Throws when it is neither. A package that was altered so that
 * it does not open has a `fault`, and `verify` gives the verdict.
 */
export function open(source: Source, options?: CallOptions): Promise<Package>;

/**
 * Finds a release in a registry, proves it and opens its archive. Without a version: the newest one that is no pre-release
 * and whose status is plain. Throws when it cannot be proved; what the registry says may also be a verdict, see
 * `Package.fault`. `verify` then checks the archive.
 */
export function openRelease(policy: ByRegistry & { readonly package: string }, options?: CallOptions): Promise<Package>;

/** A memory in the browser's IndexedDB, shared by all windows of the page's origin. */
export function indexedDbMemory(name?: string): Promise<Memory>;

/**
 * Checks a whole package: container, list of files, signatures, every frame, header and file. The same bytes have the same
 * verdict, whatever source they come from.
 */
export function verify(source: Source, policy?: Policy, options?: CallOptions): Promise<Report>;

/** Reads a `vitte.toml`: a value if there is no fault, and every fault at once. */
export function parseManifest(text: string): Promise<{ value?: { name: string; version: string }; diagnostics: Diagnostic[] }>;

/** A public key. */
export interface PublicKey {
  /** SHA-256 of its SPKI form, in hexadecimal. */
  keyid: string;
  /** For people: `SHA256:` and 16 characters. */
  short: string;
  pem: string;
}

/**
 * Reads a public key in PEM. Throws for anything else; of a private key, in any form and wherever in the text it is,
 * `diagnostic.data.private` is true: warn, and keep nothing of it.
 */
export function parsePublicKey(text: string): Promise<PublicKey>;

/** A line of a package's index, from a source you answer for. */
export interface IndexLine {
  /** The `core` member, as the author signed it. */
  core: string;
  /** Number of its leaf in the log. */
  log: number;
  /** When the log took it, in Unix seconds; without it a minimum age bars the release. */
  time?: number;
  /** Newest status, where it bars new choices. */
  status?: "yanked" | "withdrawn";
}

/**
 * What is known of a package: the text or bytes of its index file, whose signature is checked by `indexKeys`, or lines
 * that nobody signed. Nothing: there is no such package.
 */
export type IndexAnswer = string | Uint8Array | readonly IndexLine[] | undefined | null;

/** A registry whose index is asked, by its trust root: every file is held against its log and index keys. */
export interface RegistryIndex {
  readonly registryAt: string | URL;
  readonly trustRoot: string;
  readonly memory?: Memory;
}

/** Where packages are looked up: by name, and the id of the one registry it may come from; or in a registry. */
export type PackageIndex =
  | RegistryIndex
  | ((name: string, registry?: string) => IndexAnswer | Promise<IndexAnswer>)
  | ReadonlyMap<string, IndexAnswer>
  | Readonly<Record<string, IndexAnswer>>;

/** A release that was chosen before. */
export interface LockedRelease {
  readonly name: string;
  readonly version: string;
  readonly registry?: string;
  readonly dependencies?: readonly (readonly [name: string, version: string])[];
}

/** The rules of a resolution. With a registry as the index, its id, index keys and minimum age are those of its trust root. */
export interface ResolveOptions extends CallOptions {
  /** Id of the registry of all namespaces that `registries` does not give to another. */
  readonly registry?: string;
  /** Registry ids by namespace: a namespace belongs to exactly one. */
  readonly registries?: Readonly<Record<string, string>>;
  /** Index keys (`name+id+base64`), as the trust roots of the registries name them. Each is valid for its registry only. */
  readonly indexKeys?: readonly string[];
  /** Manifests of the path packages that the projects reach. They count only if something depends on them. */
  readonly paths?: readonly string[];
  /** A `vitte.lock`, or the releases of one: preferred over newer ones. */
  readonly lock?: string | readonly LockedRelease[];
  /** Packages that need not keep their locked version. */
  readonly update?: readonly string[];
  /** Exact versions to use: the only ones in their range of compatibility. */
  readonly precise?: Readonly<Record<string, string>>;
  /** The present, in Unix seconds; the clock's if not given. */
  readonly now?: number;
  /** Seconds since the log took a release before it is chosen. 0 if not given. */
  readonly minAge?: number;
  /** Namespaces the minimum age does not count for. */
  readonly exempt?: readonly string[];
  /** Targets that dependencies and binaries must serve; all if none are given. */
  readonly targets?: readonly string[];
  /** Features of the projects, `default` among them only if it is named; all if not given. */
  readonly features?: readonly string[];
}

/** A chosen package. */
export interface ResolvedPackage {
  name: string;
  version: string;
  /** Where it comes from; absent for the projects and path packages themselves. */
  registry?: string;
  /** Features that are enabled. */
  features: string[];
  /** Its artifacts that serve the targets; `log` is the number of the leaf. */
  artifacts: { kind: "vitpkg" | "vitmod"; target: string; tree: string; log: number }[];
  dependencies: { name: string; version: string; kind: "normal" | "build" | "dev"; requirement: string }[];
}

/** A resolution. */
export interface Lock {
  status: "solved";
  /** Ordered by name, then version; the projects among them. */
  packages: ResolvedPackage[];
  /** Newer releases that every requirement admits and a rule withholds, with the reason in words. */
  withheld: { name: string; chosen: string; version: string; text: string }[];
  /** The `vitte.lock`, without signers: they are known once each release was proved. */
  lock: string;
}

/** Why there is none: the terminal's words, places in the manifest and, where one was found and tried, a way out. */
export interface NoSolution {
  status: "no-solution";
  reason: Diagnostic;
}

/**
 * Resolves a manifest, or those of a workspace (`[package]` manifests that stand alone), by the resolver of the command
 * line: same request, same index, same answer. `index` is called once for each package, for several at a time. Throws
 * when a manifest, an option or an index file is refused, and what `index` throws.
 */
export function resolve(manifest: string | readonly string[], index: PackageIndex, options?: ResolveOptions): Promise<Lock | NoSolution>;

/** What a proof is checked by: a log's key (`name+id+base64`), a policy of log and witnesses (C2SP tlog-policy), or a registry. */
export type ProofBy = { readonly logKey: string } | { readonly logPolicy: string } | RegistryIndex;

/** What comes of a proof that an entry is in a log. */
export type ProofReport =
  | {
      status: "proved";
      /** The entry's place in the log, whose `size` entries have the Merkle root `root` (hexadecimal). */
      index: number;
      size: number;
      root: string;
      /** Name of the log. */
      origin: string;
      /** Who else has signed that state of the log, and when, in Unix seconds. */
      witnesses: { name: string; time: number }[];
      /** The entry itself. */
      entry: Uint8Array;
    }
  | { status: "refused"; reason: Diagnostic };

/** Checks a proof (C2SP tlog-proof) that an entry is in a log. Throws when what it is checked by cannot be read or asked. */
export function checkProof(proof: string | Uint8Array, by: ProofBy, options?: CallOptions): Promise<ProofReport>;

/**
 * Diagnostics as the terminal prints them, without colour: with the `source` text, an excerpt and carets; `file` is the
 * name they are shown under.
 */
export function formatDiagnostics(
  diagnostics: Diagnostic | readonly Diagnostic[],
  options?: { readonly source?: string; readonly file?: string; readonly level?: "error" | "warning" },
): string;

/** Where a WebAssembly module is: its bytes, compiled, or an address. */
export interface ModuleSource {
  url?: string | URL;
  module?: WebAssembly.Module;
  bytes?: BufferSource;
}

/**
 * Loads the module that opens and verifies. Optional: it loads once, at first use. The modules for registries and for
 * resolving load when they are first needed, from the places given here.
 */
export function init(options?: ModuleSource & { registry?: ModuleSource; resolver?: ModuleSource }): Promise<void>;

/** Loads modules at once: `vitte_core.wasm` and, where they will be needed, `vitte_registry.wasm` and `vitte_resolver.wasm`. */
export function initSync(options: {
  module: WebAssembly.Module | BufferSource;
  registry?: WebAssembly.Module | BufferSource;
  resolver?: WebAssembly.Module | BufferSource;
}): void;
