// Asks a registry: brings the files core needs, and remembers what core says is to be remembered. It decides nothing.
import * as core from "./vitte_core.js";
import { fault, guarded } from "./error.js";

/** Milliseconds after which a file is given up. */
const PATIENCE = 60_000;

/** A file of a registry, of at most `limit` bytes; `undefined` when it has none. Only what never changes is cached. */
async function fetched(url, limit) {
  const cache = url.includes("/tile/") ? "default" : "no-cache";
  let response;
  try {
    response = await fetch(url, { cache, credentials: "omit", referrerPolicy: "no-referrer", signal: AbortSignal.timeout(PATIENCE) });
    if ([404, 410, 451].includes(response.status)) return undefined;
    if (response.ok) return await atMost(response, limit, url);
  } catch (cause) {
    if (cause?.code) throw cause;
    throw fault("VP0602", "transport", `${url} cannot be fetched: ${cause?.message ?? cause}`);
  }
  throw fault("VP0602", "transport", `${url} answered ${response.status}`);
}

async function atMost(response, limit, url) {
  const pieces = [];
  let length = 0;
  for (const reader = response.body.getReader(); ; ) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    if (length > limit) {
      await reader.cancel();
      throw fault("VP0205", "limit", `${url} has more than ${limit} bytes`);
    }
    pieces.push(value);
  }
  return new Uint8Array(await new Blob(pieces).arrayBuffer());
}

/** What one registry is remembered under: who believes another trust root looks at another registry. */
const key = ({ trustRoot }) => trustRoot.replace(/^sha256:/, "");

/** What core is asked: no more than it knows members for. */
export function asked({ package: name, version, kind, target, tree, registry, trustRoot }) {
  return { package: name, version, kind, target, tree, registry, trustRoot };
}

/** Asks the registry of `policy` about a release. @returns {Promise<import("./vitte_core.js").Judged>} */
export async function proved(policy) {
  const { registryAt, trustRoot, memory } = policy;
  const kept = trustRoot ? await memory?.read(key(policy)) : undefined;
  const proof = guarded(() => new core.ReleaseProof(asked(policy), String(new URL(registryAt, globalThis.location?.href)), kept));
  try {
    for (;;) {
      const needs = guarded(() => proof.needs());
      if (needs.length === 0) return guarded(() => proof.judged());
      const bring = async ({ path, address, limit }) => [path, await fetched(address, limit)];
      for (const [path, file] of await Promise.all(needs.map(bring))) guarded(() => proof.supply(path, file));
    }
  } finally {
    proof.free();
  }
}

/** Remembers what was proved, now that the archive was verified too. */
export async function remembered(policy, judged) {
  if (policy.trustRoot) await policy.memory?.update(key(policy), (kept) => guarded(() => judged.remember(kept)));
}
