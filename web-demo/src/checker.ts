// The page's side of the worker.
import workerSource from "virtual:worker";
import { moduleLoad } from "../../wasm/js/faults.js";
import type { Reply, WorkerRequest } from "./protocol.ts";

interface ScriptPolicy {
  createScriptURL(url: string): string;
}
declare global {
  interface Window {
    trustedTypes?: { createPolicy(name: string, rules: { createScriptURL(url: string): string }): ScriptPolicy };
  }
}

/** A request without its number. */
type WithoutNumber<T> = T extends unknown ? Omit<T, "job"> : never;
export type RequestBody = WithoutNumber<WorkerRequest>;

/** Owns the worker and numbers the requests; replies to checks before the latest are dropped. */
export class Checker {
  #worker: Worker;
  #job = 0;
  #check = 0;

  constructor(onReply: (reply: Reply) => void) {
    const address = URL.createObjectURL(new Blob([workerSource], { type: "text/javascript" }));
    // The only address this page ever turns into a script is the one made on the line above.
    const policy = window.trustedTypes?.createPolicy("vitte", {
      createScriptURL: (url) => {
        if (url !== address) throw new TypeError(url);
        return url;
      },
    });
    this.#worker = new Worker(policy ? policy.createScriptURL(address) : address);
    this.#worker.onmessage = ({ data }: MessageEvent<Reply>) => {
      const aboutKeys = data.type === "key" || data.type === "key-refused" || data.type === "keys";
      if (aboutKeys || data.job >= this.#check) onReply(data);
    };
    this.#worker.onerror = (event) => {
      onReply({ type: "failed", job: this.#job, diagnostic: moduleLoad(event.message).diagnostic, failedIn: undefined });
    };
  }

  /** Sends a request to the worker. */
  send(body: RequestBody): void {
    this.#job += 1;
    if (body.type === "check" || body.type === "release") this.#check = this.#job;
    this.#worker.postMessage({ ...body, job: this.#job } as WorkerRequest);
  }
}
