// Calls across to a worker: arguments and results are copied, signals and progress are passed on.
import { VitteError } from "./error.js";
import * as faults from "./faults.js";

/** An error of the other side. */
function revived({ diagnostic, failedIn, thrown }) {
  if (!diagnostic) return thrown;
  const error = new VitteError(diagnostic);
  if (failedIn) error.failedIn = failedIn;
  return error;
}

/** A package that is open on the other side. */
class OpenPackage {
  #call;
  #id;

  constructor(call, { id, foreign, fault, stapled, contents }) {
    this.#call = call;
    this.#id = id;
    Object.assign(this, { foreign, fault, stapled, contents });
  }

  read(path, options) {
    return this.#call("package.read", [this.#id, path], options);
  }

  verify(policy, options) {
    return this.#call("package.verify", [this.#id, policy], options);
  }

  dispose() {
    this.#call("package.dispose", [this.#id]).catch(() => {});
  }

  [Symbol.dispose ?? Symbol.for("Symbol.dispose")]() {
    this.dispose();
  }
}

class Connection {
  #worker;
  #waiting = new Map();
  #next = 0;
  #ended;

  constructor(worker) {
    this.#worker = worker;
    const receive = (message) => this.#receive(message);
    const end = (cause) => this.#end(faults.moduleLoad(cause?.message ?? cause ?? "worker"));
    if (typeof worker.on === "function") {
      worker.on("message", receive).on("error", end).on("exit", (code) => end(`exit ${code}`));
      worker.unref(); // It keeps a program alive only while it is asked something.
    } else {
      worker.addEventListener("message", ({ data }) => receive(data));
      worker.addEventListener("error", end);
      worker.addEventListener("messageerror", end);
    }
  }

  verify(source, policy, options) {
    return this.#call("verify", [source, policy], options);
  }

  async open(source, options) {
    return this.#opened(await this.#call("open", [source], options));
  }

  async openRelease(policy, options) {
    return this.#opened(await this.#call("openRelease", [policy], options));
  }

  resolve(manifest, index, { signal, progress, ...rules } = {}) {
    return this.#call("resolve", [manifest, index, rules], { signal, progress });
  }

  checkProof(proof, by, options) {
    return this.#call("checkProof", [proof, by], options);
  }

  parseManifest(text) {
    return this.#call("parseManifest", [text]);
  }

  parsePublicKey(text) {
    return this.#call("parsePublicKey", [text]);
  }

  /** Ends the worker, and with it everything that is under way. */
  terminate() {
    this.#end(faults.disposed());
    this.#worker.terminate();
  }

  [Symbol.dispose ?? Symbol.for("Symbol.dispose")]() {
    this.terminate();
  }

  #opened(found) {
    return new OpenPackage((...call) => this.#call(...call), found);
  }

  #call(name, given, { signal, progress, ...options } = {}) {
    if (this.#ended) return Promise.reject(this.#ended);
    if (signal?.aborted) return Promise.reject(signal.reason);
    const id = (this.#next += 1);
    return new Promise((resolve, reject) => {
      const abort = () => {
        this.#worker.postMessage({ id, abort: true });
        this.#forget(id);
        reject(signal.reason);
      };
      signal?.addEventListener("abort", abort, { once: true });
      const unhear = () => signal?.removeEventListener("abort", abort);
      this.#waiting.set(id, { resolve, reject, progress, unhear });
      this.#worker.ref?.();
      const streams = given.filter((one) => typeof ReadableStream !== "undefined" && one instanceof ReadableStream);
      try {
        this.#worker.postMessage({ id, name, given, options, hasProgress: progress !== undefined }, streams);
      } catch {
        this.#forget(id);
        reject(faults.uncopied(name));
      }
    });
  }

  #forget(id) {
    const one = this.#waiting.get(id);
    this.#waiting.delete(id);
    one?.unhear();
    if (this.#waiting.size === 0) this.#worker.unref?.();
    return one;
  }

  #receive({ id, progress, value, error }) {
    const one = this.#waiting.get(id);
    if (!one) return;
    if (progress) {
      try {
        one.progress?.(...progress);
      } catch (thrown) {
        this.#worker.postMessage({ id, abort: true });
        this.#forget(id);
        one.reject(thrown);
      }
      return;
    }
    this.#forget(id);
    if (error) one.reject(revived(error));
    else one.resolve(value);
  }

  #end(error) {
    this.#ended ??= error;
    for (const id of [...this.#waiting.keys()]) this.#forget(id).reject(error);
  }
}

export const connectTo = (worker) => new Connection(worker);
