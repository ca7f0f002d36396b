// The thread of `@vitte/package/worker` in Node.
import { parentPort } from "node:worker_threads";
import "./index.node.js";
import { answer } from "./answers.js";

parentPort.on("message", (data) => answer(data, (message) => parentPort.postMessage(message)));
