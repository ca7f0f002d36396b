// What a worker answers to `@vitte/package/worker`.
import { checkProof, open, openRelease, parseManifest, parsePublicKey, resolve, verify, VitteError } from "./surface.js";
import { indexedDbMemory } from "./memory.js";
import * as faults from "./faults.js";

/** Packages that are open, by number. */
const packages = new Map();
/** What ends the calls under way. */
const running = new Map();
let next = 0;

/** A memory cannot be copied: `true` stands for the browser's own. */
async function withMemory(policy) {
  return policy?.memory === true ? { ...policy, memory: await indexedDbMemory() } : policy;
}

function keep(found) {
  packages.set((next += 1), found);
  const { foreign, fault, stapled } = found;
  return { id: next, foreign, fault, stapled, contents: fault ? undefined : found.contents() };
}

function opened(id) {
  const found = packages.get(id);
  if (!found) throw faults.disposed();
  return found;
}

const calls = {
  verify: async (call, source, policy) => verify(source, await withMemory(policy), call),
  open: async (call, source) => keep(await open(source, call)),
  openRelease: async (call, policy) => keep(await openRelease(await withMemory(policy), call)),
  resolve: (call, manifest, index, rules) => resolve(manifest, index, { ...rules, ...call }),
  checkProof: (call, proof, by) => checkProof(proof, by, call),
  parseManifest: (_, text) => parseManifest(text),
  parsePublicKey: (_, text) => parsePublicKey(text),
  "package.read": (call, id, path) => opened(id).read(path, call),
  "package.verify": async (call, id, policy) => opened(id).verify(await withMemory(policy), call),
  "package.dispose": (_, id) => {
    packages.get(id)?.dispose();
    packages.delete(id);
  },
};

export async function answer({ id, name, given, options, hasProgress, abort }, post) {
  if (abort) return running.get(id)?.abort();
  const controller = new AbortController();
  running.set(id, controller);
  const call = { ...options, signal: controller.signal };
  if (hasProgress) call.progress = (...progress) => post({ id, progress });
  try {
    post({ id, value: await calls[name](call, ...given) });
  } catch (error) {
    const { diagnostic, failedIn } = error instanceof VitteError ? error : faults.moduleStopped(error?.message ?? error);
    post({ id, error: { diagnostic, failedIn } });
  } finally {
    running.delete(id);
  }
}
