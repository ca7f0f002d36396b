// Entry of the page's side: everything runs in a Web Worker. The literal below is what bundlers look for.
import { connectTo } from "./connection.js";

/** Connects to a worker that runs `@vitte/package/worker-thread`; without one, starts it. */
export function connect(worker) {
  return connectTo(worker ?? new Worker(new URL("./worker-thread.js", import.meta.url), { type: "module", name: "vitte-package" }));
}

export { VitteError } from "./error.js";
