import type { ByKeys, ByRegistry, ByStapledProofs, CallOptions, Contents, Diagnostic, IndexAnswer, Lock, NoSolution, ProofBy, ProofReport, PublicKey, Report, ResolveOptions } from "./index.js";

export { VitteError } from "./index.js";

/** As `Source`; an async iterable cannot be copied to a worker, and a stream is given away. */
export type WorkerSource = string | URL | Blob | ArrayBufferView | ArrayBuffer | ReadableStream<Uint8Array>;

/** As `Policy`; a memory cannot be copied: `true` is the browser's, as `indexedDbMemory()` gives it. */
export type WorkerPolicy = ByKeys | ByStapledProofs | WorkerRegistry;
export type WorkerRegistry = Omit<ByRegistry, "memory"> & { readonly memory?: true };

/** A package that is open in the worker. */
export interface OpenPackage {
  readonly foreign: boolean;
  readonly fault?: Diagnostic;
  readonly stapled: boolean;
  /** As `Package.contents()`; absent if it has a fault. */
  readonly contents?: Contents;
  read(path: string, options?: CallOptions): Promise<Uint8Array>;
  verify(policy?: WorkerPolicy | Partial<WorkerRegistry>, options?: CallOptions): Promise<Report>;
  dispose(): void;
  [Symbol.dispose](): void;
}

/** The package's functions, in a worker. */
export interface Connection {
  verify(source: WorkerSource, policy?: WorkerPolicy, options?: CallOptions): Promise<Report>;
  open(source: WorkerSource, options?: CallOptions): Promise<OpenPackage>;
  openRelease(policy: WorkerRegistry & { readonly package: string }, options?: CallOptions): Promise<OpenPackage>;
  /** The index is a `Map`, an object, or a registry: a function cannot be copied. */
  resolve(
    manifest: string | readonly string[],
    index: ReadonlyMap<string, IndexAnswer> | Readonly<Record<string, IndexAnswer>> | Omit<ByRegistry, "memory">,
    options?: ResolveOptions,
  ): Promise<Lock | NoSolution>;
  checkProof(proof: string | Uint8Array, by: ProofBy, options?: CallOptions): Promise<ProofReport>;
  parseManifest(text: string): Promise<{ value?: { name: string; version: string }; diagnostics: Diagnostic[] }>;
  parsePublicKey(text: string): Promise<PublicKey>;
  /** Ends the worker, and with it everything that is under way. */
  terminate(): void;
  [Symbol.dispose](): void;
}

/** What `connect` needs of a worker: a Web Worker, or a thread of `node:worker_threads`. */
export interface WorkerLike {
  postMessage(message: unknown, transfer?: never[]): void;
  terminate(): unknown;
}

/**
 * Starts a worker and connects to it. Where a bundler does not find the worker's file, start one yourself, whose script is
 * `import "@vitte/package/worker-thread"`, and pass it.
 */
export function connect(worker?: WorkerLike): Connection;
