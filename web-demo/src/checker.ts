// The page's side of the worker.
import workerSource from "virtual:worker";
import { moduleLoad } from "../../wasm/js/faults.js";
import type { Reply, WorkerRequest } from "./protocol.ts";
import { scriptAddress } from "./scripts.ts";

/** A request without its number. */
type WithoutNumber<T> = T extends unknown ? Omit<T, "job"> : never;
export type RequestBody = WithoutNumber<WorkerRequest>;

/** What is answered about a file or a release; the latest of it counts. */
const ABOUT_CHECKS = new Set(["opened", "progress", "report", "content", "failed"]);

/** Owns the worker and numbers the requests; replies to checks before the latest, or that were cancelled, are dropped. */
export class Checker {
  #worker: Worker | undefined;
  #job = 0;
  #check = 0;
  /** The requests for verdicts of files among several: none replaces another. */
  #judging = new Set<number>();
  #started = false;

  constructor(onReply: (reply: Reply) => void) {
    const refused = (cause: unknown) => {
      const { diagnostic } = moduleLoad(cause);
      if (this.#started) onReply({ type: "failed", job: this.#job, diagnostic, failedIn: undefined });
      else onReply({ type: "started", job: this.#job, fault: diagnostic });
    };
    try {
      this.#worker = this.#start();
    } catch (error) {
      // Told later, as a browser does that reports it by an event: a page that is being made does not listen yet.
      setTimeout(() => refused((error as Error).message));
      return;
    }
    this.#worker.onmessage = ({ data }: MessageEvent<Reply>) => {
      if (data.type === "slice") return void this.#slice(data);
      if (data.type === "started") this.#started = true;
      if (!ABOUT_CHECKS.has(data.type) || data.job >= this.#check || this.#judging.has(data.job)) onReply(data);
    };
    this.#worker.onerror = (event) => refused(event.message || "worker");
  }

  #start(): Worker {
    const address = URL.createObjectURL(new Blob([workerSource], { type: "text/javascript" }));
    return new Worker(scriptAddress(address));
  }

  /** Reads a piece of a file for the worker: some browsers let a page from disk read the chosen file, but not its worker. */
  async #slice({ job, id, file, start, end }: Reply & { type: "slice" }): Promise<void> {
    let bytes: ArrayBuffer | undefined;
    let cause = "";
    try {
      bytes = await file.slice(start, end).arrayBuffer();
    } catch (error) {
      cause = (error as Error).message;
    }
    this.#worker?.postMessage({ type: "slice", job, id, bytes, cause } satisfies WorkerRequest, bytes ? [bytes] : []);
  }

  /** Sends a request to the worker and returns its number. */
  send(body: RequestBody): number {
    this.#job += 1;
    if (body.type === "check" || body.type === "release" || body.type === "cancel") this.#check = this.#job;
    if (body.type === "judge") this.#judging.add(this.#job);
    else if (body.type === "cancel" && body.all) this.#judging.clear();
    this.#worker?.postMessage({ ...body, job: this.#job } as WorkerRequest);
    return this.#job;
  }
}
