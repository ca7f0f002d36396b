// Does all the checking, off the main thread, with the same core as the terminal.
import {
  indexedDbMemory, initSync, open, openRelease, parsePublicKey, verify as checkFile, VitteError,
  type ByRegistry, type Diagnostic, type Memory, type Package, type Policy, type PublicKey,
} from "@vitte/package";
import * as modules from "virtual:wasm";
import { moduleLoad } from "../../wasm/js/faults.js";
import type { Reply, Registry, WorkerRequest } from "./protocol.ts";

const bytes = (base64: string) => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));

let loaded: Error | undefined;
try {
  initSync({ module: bytes(modules.core), registry: bytes(modules.registry) });
} catch (error) {
  loaded = error as Error;
}

let current: Package | undefined;

function reply(message: Reply): void {
  self.postMessage(message);
}

// A page from disk may have no storage: then nothing is remembered, and the page says so.
const memory: Promise<Memory | undefined> = indexedDbMemory().catch(() => undefined);

async function registryPolicy({ address, trustRoot }: Registry): Promise<ByRegistry> {
  const kept = await memory;
  return { registryAt: address, ...(trustRoot ? { trustRoot } : {}), ...(kept ? { memory: kept } : {}) };
}

/** The keys among these texts. Anything else was stored by mistake and is dropped, so that it blocks no check. */
async function keysOf(texts: string[]): Promise<PublicKey[]> {
  const read = texts.map((text) => parsePublicKey(text).catch(() => undefined));
  return (await Promise.all(read)).filter((key) => key !== undefined);
}

/** What a file is checked by: its registry, the proofs inside it, or, if neither is given, the reader's keys. */
async function policyFor(keys: string[], registry: Registry | undefined): Promise<Policy> {
  if (registry?.address) return registryPolicy(registry);
  if (registry?.trustRoot) return { trustRoot: registry.trustRoot };
  return { keys: (await keysOf(keys)).map(({ pem }) => pem) };
}

async function verify(job: number, opened: Package, policy: Policy, began: number): Promise<void> {
  // Without a list of files there is a verdict all the same.
  if (!opened.fault) reply({ type: "opened", job, contents: opened.contents() });
  if (opened.foreign) return;
  let shown = 0;
  const progress = (done: number, total?: number) => {
    const now = performance.now();
    if (now - shown < 100) return;
    shown = now;
    reply({ type: "progress", job, done, total });
  };
  const report = await opened.verify(policy, { progress });
  const hasNoMemory = policy.registryAt !== undefined && policy.memory === undefined;
  reply({ type: "report", job, report, milliseconds: performance.now() - began, hasNoMemory });
}

function close(): void {
  current?.dispose();
  current = undefined;
}

async function check(request: WorkerRequest & { type: "check" }): Promise<void> {
  close();
  const began = performance.now();
  current = await open(request.file).catch(async (error: unknown) => {
    // A file that is not an archive gets the same error as from the terminal's `verify`.
    if (error instanceof VitteError && error.failedIn === "archive") await checkFile(request.file);
    throw error;
  });
  const policy = current.foreign ? {} : await policyFor(request.keys, request.registry);
  await verify(request.job, current, policy, began);
}

async function release(request: WorkerRequest & { type: "release" }): Promise<void> {
  close();
  const { job, version } = request;
  const began = performance.now();
  const policy = { ...await registryPolicy(request.registry), package: request.package, ...(version ? { version } : {}) };
  current = await openRelease(policy);
  await verify(job, current, policy, began);
}

async function handle(request: WorkerRequest): Promise<void> {
  if (loaded) throw loaded;
  if (request.type === "check") await check(request);
  else if (request.type === "release") await release(request);
  else if (request.type === "read" && current) {
    const bytes = await current.read(request.path);
    reply({ type: "content", job: request.job, path: request.path, bytes });
  }
}

/** A public key is stored as core prints it; nothing else is ever stored. */
async function readKey({ job, text }: WorkerRequest & { type: "key" }): Promise<void> {
  try {
    reply({ type: "key", job, key: await parsePublicKey(text) });
  } catch (error) {
    reply({ type: "key-refused", job, diagnostic: diagnosticOf(error) });
  }
}

function diagnosticOf(error: unknown): Diagnostic {
  if (error instanceof VitteError) return error.diagnostic;
  return moduleLoad(error).diagnostic;
}

// One request at a time, so that a package is not replaced while it is being read. Keys do not wait.
let queue = Promise.resolve();
self.onmessage = ({ data }: MessageEvent<WorkerRequest>) => {
  if (data.type === "key") return void readKey(data);
  // Without the module they cannot be checked: all stay.
  if (data.type === "keys") return loaded ? undefined : void keysOf(data.kept).then((keys) => reply({ type: "keys", job: data.job, keys }));
  queue = queue.then(() => handle(data)).catch((error: unknown) => {
    const failedIn = error instanceof VitteError ? error.failedIn : undefined;
    reply({ type: "failed", job: data.job, diagnostic: diagnosticOf(error), failedIn });
  });
};
