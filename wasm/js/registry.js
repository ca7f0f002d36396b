// Drives the proof of a release: fetches the files core needs and stores what core says to remember. It decides nothing.
import { guarded, VitteError } from "./error.js";
import * as faults from "./faults.js";
import { ready } from "./modules.js";
import { Blocks } from "./source.js";

/** Milliseconds after which a request fails. */
const TIMEOUT_MS = 60_000;

/** A file of a registry, of at most `limit` bytes; `undefined` if there is none. Only immutable files are cached. */
async function fetchFile(url, limit) {
  const cache = url.includes("/tile/") ? "default" : "no-cache";
  let response;
  try {
    response = await fetch(url, { cache, credentials: "omit", referrerPolicy: "no-referrer", signal: AbortSignal.timeout(TIMEOUT_MS) });
    // An object store that does not allow listing answers 403 for a missing file.
    if ([403, 404, 410, 451].includes(response.status)) return undefined;
    if (response.ok) return refuseWebPage(await atMost(response, limit, url), url);
  } catch (cause) {
    if (cause instanceof VitteError) throw cause;
    throw faults.fetch(url, cause?.message ?? cause);
  }
  throw faults.answered(url, response.status);
}

/** The file, unless it is a web page that a captive portal or an application sent with status 200. */
function refuseWebPage(file, url) {
  const start = new TextDecoder().decode(file.subarray(0, 64)).trimStart().toLowerCase();
  if (!/^(<!doctype html|<html|<head|<body|<script|<\?xml)/.test(start)) return file;
  throw faults.answeredPage(url);
}

async function atMost(response, limit, url) {
  return new Uint8Array(await (await blobAtMost(response, limit, url)).arrayBuffer());
}

/** The body. Reading stops as soon as it exceeds `limit`, whatever its headers say. */
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

/** The archive at `url`, as a Blob of at most the `size` bytes that the signed index states. */
export async function fetchArchive(url, size) {
  let response;
  try {
    response = await fetch(url, { credentials: "omit", referrerPolicy: "no-referrer" });
    if (response.ok && response.body) {
      // With a content encoding, the stated length is that of the compressed body.
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

/** The key of a registry in the memory: with another trust root it is another registry. */
const key = ({ trustRoot }) => trustRoot.replace(/^sha256:/, "");

/** Members of a policy that may be used with a registry or proofs. `keys` do not count then: the namespace's keys do. */
const QUERY_MEMBERS = ["package", "version", "kind", "target", "registry", "tree", "registryAt", "trustRoot", "memory", "keys"];

/** Whether a policy relies on a registry, or on the proofs inside a package, instead of on keys. */
export const needsProof = ({ registryAt, trustRoot }) => registryAt !== undefined || trustRoot !== undefined;

/** Throws for a member that a registry cannot check: no member of a policy is silently ignored. */
export function refuseOtherMembers(policy) {
  const other = Object.keys(policy).find((member) => !QUERY_MEMBERS.includes(member));
  if (other === undefined) return;
  throw faults.policyMember(other);
}

/** Whether two policies put the same query to a registry. */
export function isSameQuery(one, other) {
  const value = ({ registryAt, ...policy }, member) => (member === "registryAt" ? registryAt && String(registryAt) : policy[member]);
  return QUERY_MEMBERS.filter((member) => member !== "keys").every((member) => value(one, member) === value(other, member));
}

/** Core's query: the members it knows. */
export function releaseQuery({ package: name, version, kind, target, tree, registry, trustRoot }) {
  return { package: name, version, kind, target, tree, registry, trustRoot };
}

function addressOf(registryAt) {
  try {
    return String(new URL(registryAt, globalThis.location?.href));
  } catch {
    throw faults.policyAddress(registryAt);
  }
}

/** Proves a release by the registry of `policy`. @returns {Promise<import("./vitte_registry.js").ReleaseReport>} */
export async function proveRelease(policy) {
  const { registryAt, trustRoot, memory } = policy;
  const core = await ready("registry");
  const stored = trustRoot ? await memory?.read(key(policy)) : undefined;
  const proof = guarded(() => new core.ReleaseProof(releaseQuery(policy), addressOf(registryAt), stored));
  try {
    for (;;) {
      const needs = guarded(() => proof.needs(), "registry");
      if (needs.length === 0) return guarded(() => proof.report());
      const load = async ({ path, address, limit }) => [path, await fetchFile(address, limit)];
      for (const [path, file] of await Promise.all(needs.map(load))) guarded(() => proof.supply(path, file));
    }
  } finally {
    proof.free();
  }
}

/** Remembers what was proved, now that the archive was verified too. */
export async function remember(policy, release) {
  if (policy.trustRoot) await policy.memory?.update(key(policy), (stored) => guarded(() => release.remember(stored)));
}
