// Drives the resolver: brings what it asks for. It decides nothing about packages.
import { guarded } from "./error.js";
import * as faults from "./faults.js";

/** Asks `index` for a package, whatever form it has. @param {import("./index.d.ts").PackageIndex} index */
function asker(index) {
  if (typeof index === "function") return index;
  if (index instanceof Map) return (name) => index.get(name);
  if (index && typeof index === "object") return (name) => (Object.hasOwn(index, name) ? index[name] : undefined);
  throw faults.index();
}

/** Hands over what the index said about a package. */
function supply(machine, name, said) {
  if (said === undefined || said === null) return machine.supply(name, undefined);
  if (Array.isArray(said)) return machine.supplyLines(name, said);
  const bytes = typeof said === "string" ? new TextEncoder().encode(said) : said;
  if (bytes instanceof Uint8Array) return machine.supply(name, bytes);
  throw faults.indexAnswer(name);
}

/** Resolves `manifest`, one text or several, by `core`. */
export async function resolved(core, manifest, index, { paths, ...options }) {
  const ask = asker(index);
  const projects = typeof manifest === "string" ? [manifest] : [...manifest];
  const question = { now: Math.floor(Date.now() / 1000), ...options, projects, paths: paths && [...paths] };
  const machine = guarded(() => new core.Resolving(question));
  const asked = new Map();
  // Each package is asked for once, at once with all others that are wanted.
  const answer = ({ name, registry }) => {
    if (!asked.has(name)) asked.set(name, (async () => ask(name, registry))());
    return asked.get(name);
  };
  try {
    for (;;) {
      const need = guarded(() => machine.needs());
      if (!need) return guarded(() => machine.outcome());
      for (const hint of need.hints) answer(hint).catch(() => {});
      const answers = await Promise.allSettled(need.names.map(answer));
      for (const [at, { status, value, reason }] of answers.entries()) {
        // There is no solution, and this was for advice alone: it is given without what cannot be had.
        if (status === "rejected" && need.purpose !== "advise") throw reason;
        guarded(() => supply(machine, need.names[at].name, value));
      }
    }
  } finally {
    machine.free();
  }
}
