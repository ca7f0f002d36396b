// Asks a registry: brings the files core needs, and remembers what core says is to be remembered. It decides nothing.
import { guarded, VitteError } from "./error.js";
import * as faults from "./faults.js";
import { ready } from "./modules.js";
import { Blocks } from "./source.js";

/** Milliseconds after which a file is given up. */
const PATIENCE = 60_000;

/** A file of a registry, of at most `limit` bytes; `undefined` when it has none. Only what never changes is cached. */
async function fetched(url, limit) {
  const cache = url.includes("/tile/") ? "default" : "no-cache";
  let response;
  try {
    response = await fetch(url, { cache, credentials: "omit", referrerPolicy: "no-referrer", signal: AbortSignal.timeout(PATIENCE) });
    // A store whose files may be read but not listed says 403 of each that is not there.
    if ([403, 404, 410, 451].includes(response.status)) return undefined;
    if (response.ok) return noPage(await atMost(response, limit, url), url);
  } catch (cause) {
    if (cause instanceof VitteError) throw cause;
    throw faults.fetch(url, cause?.message ?? cause);
  }
  throw faults.answered(url, response.status);
}

/** The file, if it is none of the web pages that portals and applications send with the status 200. */
function noPage(file, url) {
  const start = new TextDecoder().decode(file.subarray(0, 64)).trimStart().toLowerCase();
  if (!/^(<!doctype html|<html|<head|<body|<script|<\?xml)/.test(start)) return file;
  throw faults.answeredPage(url);
}

async function atMost(response, limit, url) {
  return new Uint8Array(await (await blobAtMost(response, limit, url)).arrayBuffer());
}

/** The body. Of one that is longer, whatever its head says, no more is read than shows it. */
async function blobAtMost(response, limit, url) {
  const blocks = new Blocks();
  for (const reader = response.body.getReader(); ; ) {
    const { done, value } = await reader.read();
    if (done) break;
    if (blocks.size + value.length > limit) {
      await reader.cancel();
      throw faults.answeredTooLong(url, limit);
    }
    blocks.push(value);
  }
  return blocks.blob();
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
        throw faults.answeredTooLong(url, size);
      }
      return await blobAtMost(response, size, url);
    }
  } catch (cause) {
    if (cause instanceof VitteError) throw cause;
    throw faults.fetch(url, cause?.message ?? cause);
  }
  throw (response.status === 404 ? faults.answeredAbsent : faults.answered)(url, response.status);
}

/** What one registry is remembered under: who believes another trust root looks at another registry. */
const key = ({ trustRoot }) => trustRoot.replace(/^sha256:/, "");

/** Members of a policy that a registry, or proofs, are asked by. Keys do not count then: those of the namespace do. */
const ASKED = ["package", "version", "kind", "target", "registry", "tree", "registryAt", "trustRoot", "memory", "keys"];

/** Whether a policy asks a registry, or the proofs inside a package, and not keys. */
export const isProved = ({ registryAt, trustRoot }) => registryAt !== undefined || trustRoot !== undefined;

/** Refuses what neither can be asked: nothing of a policy is passed over. */
export function refuseUnasked(policy) {
  const stranger = Object.keys(policy).find((member) => !ASKED.includes(member));
  if (stranger === undefined) return;
  throw faults.policyMember(stranger);
}

/** Whether two policies ask a registry the same. */
export function sameQuestion(one, other) {
  const said = ({ registryAt, ...policy }, member) => (member === "registryAt" ? registryAt && String(registryAt) : policy[member]);
  return ASKED.filter((member) => member !== "keys").every((member) => said(one, member) === said(other, member));
}

/** What core is asked: no more than it knows members for. */
export function asked({ package: name, version, kind, target, tree, registry, trustRoot }) {
  return { package: name, version, kind, target, tree, registry, trustRoot };
}

function addressOf(registryAt) {
  try {
    return String(new URL(registryAt, globalThis.location?.href));
  } catch {
    throw faults.policyAddress(registryAt);
  }
}

/** Asks the registry of `policy` about a release. @returns {Promise<import("./vitte_registry.js").Judged>} */
export async function proved(policy) {
  const { registryAt, trustRoot, memory } = policy;
  const core = await ready("registry");
  const kept = trustRoot ? await memory?.read(key(policy)) : undefined;
  const proof = guarded(() => new core.ReleaseProof(asked(policy), addressOf(registryAt), kept));
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
