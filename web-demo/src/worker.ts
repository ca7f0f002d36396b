// Does all the checking, off the main thread, with the same core as the terminal.
import { indexedDbMemory, initSync, open, openRelease, VitteError, type Memory, type Package, type Policy } from "@vitte/package";
import * as modules from "virtual:wasm";
import type { Answer, Registry, Request } from "./protocol.ts";

const bytes = (base64: string) => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));

let loaded: Error | undefined;
try {
  initSync({ module: bytes(modules.core), registry: bytes(modules.registry) });
} catch (error) {
  loaded = error as Error;
}

let current: Package | undefined;

function answer(message: Answer): void {
  self.postMessage(message);
}

// A page from disk may have no storage: then nothing is remembered, and the page says so.
const memory: Promise<Memory | undefined> = indexedDbMemory().catch(() => undefined);

async function asking({ address, trustRoot }: Registry): Promise<Policy & { registryAt: string }> {
  const kept = await memory;
  return { registryAt: address, ...(trustRoot ? { trustRoot } : {}), ...(kept ? { memory: kept } : {}) };
}

/** Whom to believe about a file: its registry, the proofs inside it, or the reader's keys. */
async function policyFor(opened: Package, keys: string[], registry: Registry | undefined): Promise<Policy> {
  if (registry?.address) return asking(registry);
  if (registry?.trustRoot && opened.stapled) return { trustRoot: registry.trustRoot };
  return { keys };
}

async function verify(job: number, opened: Package, policy: Policy, began: number): Promise<void> {
  answer({ is: "opened", job, contents: opened.contents() });
  if (opened.foreign) return;
  let shown = 0;
  const report = await opened.verify(policy, (done, total) => {
    const now = performance.now();
    if (now - shown < 100) return;
    shown = now;
    answer({ is: "progress", job, done, total });
  });
  const forgetful = policy.registryAt !== undefined && policy.memory === undefined;
  answer({ is: "report", job, report, milliseconds: performance.now() - began, forgetful });
}

function forget(): void {
  current?.dispose();
  current = undefined;
}

async function check(request: Request & { do: "check" }): Promise<void> {
  forget();
  current = await open(request.file);
  const began = performance.now();
  const policy = current.foreign ? {} : await policyFor(current, request.keys, request.registry);
  await verify(request.job, current, policy, began);
}

async function release(request: Request & { do: "release" }): Promise<void> {
  forget();
  const { job, version } = request;
  const began = performance.now();
  const policy = { ...await asking(request.registry), package: request.package, ...(version ? { version } : {}) };
  try {
    current = await openRelease(policy);
  } catch (error) {
    if (!(error instanceof VitteError && error.report)) throw error;
    const milliseconds = performance.now() - began;
    answer({ is: "report", job, report: error.report, milliseconds, forgetful: policy.memory === undefined });
    return;
  }
  await verify(job, current, policy, began);
}

async function handle(request: Request): Promise<void> {
  if (loaded) throw loaded;
  if (request.do === "check") await check(request);
  else if (request.do === "release") await release(request);
  else if (current) {
    const bytes = await current.read(request.path);
    answer({ is: "content", job: request.job, path: request.path, bytes });
  }
}

// One request at a time: a package is not replaced while it is being read.
let queue = Promise.resolve();
self.onmessage = ({ data }: MessageEvent<Request>) => {
  queue = queue.then(() => handle(data)).catch((error: unknown) => {
    const diagnostic = error instanceof VitteError
      ? error.diagnostic
      : { code: "VP0901", class: "wasm-load", message: String(error), place: { in: "whole" as const }, help: [], data: {} };
    answer({ is: "failed", job: data.job, diagnostic });
  });
};
