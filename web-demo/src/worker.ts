// Does all the checking, off the main thread, with the same core as the terminal.
import {
  indexedDbMemory, initSync, open, openRelease, parsePublicKey, verify as checkFile, VitteError,
  type ByRegistry, type CallOptions, type Diagnostic, type Memory, type Package, type Policy, type PublicKey, type Source,
} from "@vitte/package";
import * as modules from "virtual:wasm";
import { moduleLoad, unreadable } from "../../wasm/js/faults.js";
import { Bytes } from "../../wasm/js/source.js";
import type { Reply, Registry, Trust, TrustedKey, WorkerRequest } from "./protocol.ts";

const bytes = (base64: string) => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));

function reply(message: Reply, transfer: Transferable[] = []): void {
  self.postMessage(message, { transfer });
}

let loaded: Error | undefined;
try {
  initSync({ module: bytes(modules.core), registry: bytes(modules.registry) });
} catch (error) {
  loaded = error as Error;
}
reply({ type: "started", job: 0, fault: loaded && diagnosticOf(loaded) });

let current: Package | undefined;

// A page from disk may have no storage: then nothing is remembered, and the page says so.
const memory: Promise<Memory | undefined> = indexedDbMemory().catch(() => undefined);

async function registryPolicy({ address, trustRoot }: Registry): Promise<ByRegistry> {
  const kept = await memory;
  return { registryAt: address, ...(trustRoot ? { trustRoot } : {}), ...(kept ? { memory: kept } : {}) };
}

/** Whether core knows such a scope. It is read with the policy, before the archive, which is none here. */
async function scopeFault(key: TrustedKey): Promise<VitteError | undefined> {
  const error = await checkFile(new Uint8Array(0), { keys: [key] }).then(() => undefined, (thrown: unknown) => thrown);
  return error instanceof VitteError && error.failedIn !== "archive" ? error : undefined;
}

/** The keys among these texts. Anything else was stored by mistake and is dropped, so that it blocks no check. */
async function keysOf(kept: TrustedKey[]): Promise<(PublicKey & { for: string })[]> {
  const read = kept.map(async ({ key: text, for: scope }) => {
    const key = await parsePublicKey(text);
    const fault = await scopeFault({ key: key.pem, for: scope });
    if (fault) throw fault;
    return { ...key, for: scope };
  });
  return (await Promise.all(read.map((one) => one.catch(() => undefined)))).filter((key) => key !== undefined);
}

/** What a file is checked by: its registry, the proofs inside it, or, if neither is given, the reader's keys. */
async function policyFor({ keys, registry }: Trust): Promise<Policy> {
  if (registry?.address) return registryPolicy(registry);
  if (registry?.trustRoot) return { trustRoot: registry.trustRoot };
  return { keys: (await keysOf(keys)).map(({ pem, for: scope }) => ({ key: pem, for: scope })) };
}

const asked = new Map<number, (answer: WorkerRequest & { type: "slice" }) => void>();
let slices = 0;

/** The file, or where a worker may not read it, its bytes by way of the page. */
async function readable(file: File): Promise<Source> {
  try {
    await file.slice(0, 1).arrayBuffer();
    return file;
  } catch {
    return new Bytes(file.size, async (start: number, end: number) => {
      const id = (slices += 1);
      const answer = new Promise<WorkerRequest & { type: "slice" }>((done) => asked.set(id, done));
      reply({ type: "slice", job: 0, id, file, start, end });
      const { bytes, cause } = await answer;
      if (!bytes) throw unreadable(cause);
      return new Uint8Array(bytes);
    });
  }
}

async function verify(job: number, opened: Package, policy: Policy, began: number, { signal }: CallOptions): Promise<void> {
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
  const report = await opened.verify(policy, { progress, ...(signal ? { signal } : {}) });
  const hasNoMemory = policy.registryAt !== undefined && policy.memory === undefined;
  reply({ type: "report", job, report, milliseconds: performance.now() - began, hasNoMemory });
}

function close(): void {
  current?.dispose();
  current = undefined;
}

async function opened(file: File, call: CallOptions): Promise<Package> {
  const source = await readable(file);
  return open(source, call).catch(async (error: unknown) => {
    // A file that is not an archive gets the same error as from the terminal's `verify`.
    if (error instanceof VitteError && error.failedIn === "archive") await checkFile(source, {}, call);
    throw error;
  });
}

async function check({ job, file, trust }: WorkerRequest & { type: "check" }, call: CallOptions): Promise<void> {
  close();
  const began = performance.now();
  current = await opened(file, call);
  const policy = current.foreign ? {} : await policyFor(trust);
  await verify(job, current, policy, began, call);
}

/** The verdict alone, of one file among several. Another tool's archive has none. */
async function judge({ job, file, trust }: WorkerRequest & { type: "judge" }, call: CallOptions): Promise<void> {
  const found = await opened(file, call);
  try {
    const report = found.foreign ? undefined : await found.verify(await policyFor(trust), call);
    reply({ type: "judged", job, report });
  } finally {
    found.dispose();
  }
}

async function release(request: WorkerRequest & { type: "release" }, call: CallOptions): Promise<void> {
  close();
  const { job, version } = request;
  const began = performance.now();
  const policy = { ...await registryPolicy(request.registry), package: request.package, ...(version ? { version } : {}) };
  current = await openRelease(policy, call);
  await verify(job, current, policy, began, call);
}

async function handle(request: WorkerRequest, call: CallOptions): Promise<void> {
  if (loaded) throw loaded;
  if (request.type === "check") await check(request, call);
  else if (request.type === "judge") await judge(request, call);
  else if (request.type === "release") await release(request, call);
  else if (request.type === "read" && current) {
    const bytes = await current.read(request.path, call);
    reply({ type: "content", job: request.job, path: request.path, bytes });
  }
}

/** A public key is stored as core prints it; nothing else is ever stored. */
async function readKey({ job, text, scope }: WorkerRequest & { type: "key" }): Promise<void> {
  let isKey = false;
  try {
    if (loaded) throw loaded;
    const key = await parsePublicKey(text);
    isKey = true;
    const fault = scope ? await scopeFault({ key: key.pem, for: scope }) : undefined;
    if (fault) throw fault;
    reply({ type: "key", job, key, scope });
  } catch (error) {
    reply({ type: "key-refused", job, diagnostic: diagnosticOf(error), isKey });
  }
}

function diagnosticOf(error: unknown): Diagnostic {
  if (error instanceof VitteError) return error.diagnostic;
  return moduleLoad(error).diagnostic;
}

// One request at a time, so that a package is not replaced while it is being read. Keys do not wait, nor does a cancel.
let queue = Promise.resolve();
/** End what is under way and what waits: of a package that is shown, and of files among several. */
let [checking, judging] = [new AbortController(), new AbortController()];
self.onmessage = ({ data }: MessageEvent<WorkerRequest>) => {
  if (data.type === "key") return void readKey(data);
  if (data.type === "slice") {
    asked.get(data.id)?.(data);
    return void asked.delete(data.id);
  }
  if (data.type === "cancel") {
    checking.abort();
    checking = new AbortController();
    if (!data.all) return;
    judging.abort();
    judging = new AbortController();
    return;
  }
  // Without the module they cannot be checked: all stay.
  if (data.type === "keys") return loaded ? undefined : void keysOf(data.kept).then((keys) => reply({ type: "keys", job: data.job, keys }));
  const { signal } = data.type === "judge" ? judging : checking;
  queue = queue.then(async () => {
    signal.throwIfAborted();
    await handle(data, { signal });
  }).catch((error: unknown) => {
    if (signal.aborted) return; // Its answer would be dropped.
    const failedIn = error instanceof VitteError ? error.failedIn : undefined;
    reply({ type: "failed", job: data.job, diagnostic: diagnosticOf(error), failedIn });
  });
};
