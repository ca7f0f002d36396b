// The same in Node, whose workers are threads.
import { Worker } from "node:worker_threads";
import { connectTo } from "./connection.js";

/** Connects to a worker that runs `@vitte/package/worker-thread`; without one, starts it. */
export function connect(worker) {
  return connectTo(worker ?? new Worker(new URL("./worker-thread.node.js", import.meta.url), { name: "vitte-package" }));
}

export { VitteError } from "./error.js";
