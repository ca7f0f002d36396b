// Drives the resolver: supplies what it needs. It decides nothing about packages.
import { checkText, checkTexts, isLines, registryIndex, resolveOptions } from "./arguments.js";
import { guarded } from "./error.js";
import * as faults from "./faults.js";
import { Lookups } from "./lookups.js";
import { unlessAborted } from "./network.js";

/** Whether an index is that of a registry: no package has a name without a slash. */
const isRegistry = (index) => index !== null && typeof index === "object" && !(index instanceof Map) && Object.hasOwn(index, "registryAt");

/** A function that looks a package up in `index`, whatever form that has. @param {import("./index.d.ts").PackageIndex} index */
function lookupIn(index) {
  if (typeof index === "function") return index;
  if (index instanceof Map) return (name) => index.get(name);
  if (index && typeof index === "object") return (name) => (Object.hasOwn(index, name) ? index[name] : undefined);
  throw faults.index();
}

/** Passes what the index has of a package to the resolver. */
function supply(machine, name, entry) {
  if (entry === undefined || entry === null) return machine.supply(name, undefined);
  if (isLines(entry)) return machine.supplyLines(name, entry);
  const bytes = typeof entry === "string" ? new TextEncoder().encode(entry) : entry;
  if (bytes instanceof Uint8Array) return machine.supply(name, bytes);
  throw faults.indexAnswer(name);
}

/** Resolves `manifest`, one text or several. `load` gives a module by its name. */
export async function resolveWith(load, manifest, index, options) {
  const { rules, call } = resolveOptions(options);
  const projects = typeof manifest === "string" ? [checkText(manifest, "manifest")] : checkTexts(manifest, "manifest");
  if (!isRegistry(index)) return run(await load("resolver"), { ...rules, projects }, lookupIn(index), call);
  const asked = registryIndex(index);
  const lookups = new Lookups(await load("registry"), asked, call);
  try {
    const { registry, indexKeys, minAge } = await lookups.start();
    const question = { registry, indexKeys, minAge, ...rules, projects };
    const found = await run(await load("resolver"), question, lookups.lookUp(registry), call);
    await lookups.remember();
    return found;
  } finally {
    lookups.free();
  }
}

async function run(core, question, lookUp, { signal, progress }) {
  const machine = guarded(() => new core.Resolving({ now: Math.floor(Date.now() / 1000), ...question }));
  const lookups = new Map();
  let done = 0;
  // Each package is looked up once, in parallel with all others that are needed.
  const look = ({ name, registry }) => {
    if (!lookups.has(name)) {
      const found = (async () => lookUp(name, registry))();
      lookups.set(name, found);
      found.then(() => (done += 1)).catch(() => {});
    }
    return lookups.get(name);
  };
  try {
    for (;;) {
      signal?.throwIfAborted();
      const need = guarded(() => machine.needs());
      if (!need) return guarded(() => machine.outcome());
      for (const hint of need.hints) look(hint).catch(() => {});
      const results = await unlessAborted(Promise.allSettled(need.names.map(look)), signal);
      progress?.(done, lookups.size);
      for (const [at, { status, value, reason }] of results.entries()) {
        // There is no solution, and this lookup was only for advice: go on without it.
        if (status === "rejected" && need.purpose !== "advise") throw reason;
        guarded(() => supply(machine, need.names[at].name, value));
      }
    }
  } finally {
    machine.free();
  }
}
