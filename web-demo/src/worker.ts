// Does all the checking, off the main thread, with the same core as the terminal.
import { initSync, open, VitteError, type Package } from "@vitte/package";
import base64 from "virtual:wasm";
import type { Answer, Request } from "./protocol.ts";

let loaded: Error | undefined;
try {
  initSync({ module: Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)) });
} catch (error) {
  loaded = error as Error;
}

let current: Package | undefined;

function answer(message: Answer): void {
  self.postMessage(message);
}

async function check(job: number, file: File, keys: string[]): Promise<void> {
  current?.dispose();
  current = await open(file);
  answer({ is: "opened", job, contents: current.contents() });
  if (current.foreign) return;
  const began = performance.now();
  let shown = 0;
  const report = await current.verify({ keys }, (done, total) => {
    const now = performance.now();
    if (now - shown < 100) return;
    shown = now;
    answer({ is: "progress", job, done, total });
  });
  answer({ is: "report", job, report, milliseconds: performance.now() - began });
}

async function handle(request: Request): Promise<void> {
  if (loaded) throw loaded;
  if (request.do === "check") await check(request.job, request.file, request.keys);
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
