// A registry's index for a resolution: each package's file is fetched and held against the registry's trust root and log.
import { guarded } from "./error.js";
import * as faults from "./faults.js";
import { addressOf } from "./network.js";
import { fetchFile, memoryKey } from "./registry.js";

export class Lookups {
  #core;
  #asked;
  #call;
  #machine;
  /** Index files that were fetched, by path. */
  #files = new Map();
  /** Names that wait for the next round, and the round under way. */
  #waiting = [];
  #round;

  /** `asked`: `{ registryAt, trustRoot, memory }`. */
  constructor(core, asked, call) {
    this.#core = core;
    this.#asked = asked;
    this.#call = { signal: call.signal, timeout: call.timeout };
  }

  /** Opens the registry: what its trust root says. */
  async start() {
    const { registryAt, trustRoot, memory } = this.#asked;
    const kept = await memory?.read(memoryKey(this.#asked));
    this.#machine = guarded(() => new this.#core.Lookup(addressOf(registryAt), trustRoot, kept));
    await this.#fetch();
    return guarded(() => this.#machine.trusted());
  }

  /** A function that looks a package up, for the resolver. */
  lookUp(registry) {
    return async (name, from) => {
      if (from !== undefined && from !== registry) throw faults.otherRegistry(name, from, registry);
      this.#waiting.push(name);
      // Those that are asked for together are fetched together, one round after the other.
      this.#round = (this.#round ?? Promise.resolve()).then(() => this.#next());
      await this.#round;
      const path = guarded(() => this.#machine.found(name), "registry");
      return path === undefined ? undefined : this.#files.get(path);
    };
  }

  /** Remembers what was seen of the registry, now that all of it was checked. */
  async remember() {
    await this.#asked.memory?.update(memoryKey(this.#asked), (stored) => guarded(() => this.#machine.remember(stored)));
  }

  free() {
    this.#machine?.free();
    this.#machine = undefined;
  }

  async #next() {
    const names = this.#waiting.splice(0);
    if (names.length === 0 || !this.#machine) return;
    guarded(() => this.#machine.want(names));
    await this.#fetch();
  }

  async #fetch() {
    for (;;) {
      const needs = guarded(() => this.#machine.needs(), "registry");
      if (needs.length === 0) return;
      const load = async ({ path, address, limit }) => [path, await fetchFile(address, limit, this.#call)];
      for (const [path, file] of await Promise.all(needs.map(load))) {
        // Ended meanwhile.
        if (!this.#machine) return;
        if (file) this.#files.set(path, file);
        guarded(() => this.#machine.supply(path, file));
      }
    }
  }
}
