// Asks a registry: brings the files core needs, and remembers what core says is to be remembered. It decides nothing.
import { fault, guarded } from "./error.js";
import { ready } from "./modules.js";

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
    if (cause?.code?.startsWith?.("VP")) throw cause;
    throw fault("VP0602", "transport", `${url} cannot be fetched: ${cause?.message ?? cause}`);
  }
  throw fault("VP0602", "transport", `${url} answered ${response.status}`);
}

const tooLong = (url, limit) => fault("VP0205", "limit", `${url} has more than ${limit} bytes`);

async function atMost(response, limit, url) {
  return new Uint8Array(await new Blob(await piecesAtMost(response, limit, url)).arrayBuffer());
}

/** The body in pieces. Of one that is longer, whatever its head says, no more is read than shows it. */
async function piecesAtMost(response, limit, url) {
  const pieces = [];
  let length = 0;
  for (const reader = response.body.getReader(); ; ) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    if (length > limit) {
      await reader.cancel();
      throw tooLong(url, limit);
    }
    pieces.push(value);
  }
  return pieces;
}

/** The archive at `url`, as a Blob: of at most the `size` bytes that the signed index says; of more, none is kept. */
export async function fetchedArchive(url, size) {
  let response;
  try {
    response = await fetch(url, { credentials: "omit", referrerPolicy: "no-referrer" });
    if (response.ok && response.body) {
      // A compressing server states the length of what it sends, which says nothing about what comes out.
      const stated = response.headers.get("content-encoding") ? null : response.headers.get("content-length");
      if (stated !== null && Number(stated) > size) {
        await response.body.cancel();
        throw tooLong(url, size);
      }
      return new Blob(await piecesAtMost(response, size, url));
    }
  } catch (cause) {
    if (cause?.code?.startsWith?.("VP")) throw cause;
    throw fault("VP0602", "transport", `${url} cannot be fetched: ${cause?.message ?? cause}`);
  }
  const [code, kind] = response.status === 404 ? ["VP0606", "not-found"] : ["VP0602", "transport"];
  throw fault(code, kind, `${url} answered ${response.status}`);
}

/** What one registry is remembered under: who believes another trust root looks at another registry. */
const key = ({ trustRoot }) => trustRoot.replace(/^sha256:/, "");

/** What core is asked: no more than it knows members for. */
export function asked({ package: name, version, kind, target, tree, registry, trustRoot }) {
  return { package: name, version, kind, target, tree, registry, trustRoot };
}

/** Asks the registry of `policy` about a release. @returns {Promise<import("./vitte_registry.js").Judged>} */
export async function proved(policy) {
  const { registryAt, trustRoot, memory } = policy;
  const core = await ready("registry");
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
