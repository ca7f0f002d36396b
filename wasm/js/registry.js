// Drives the proof of a release: fetches the files core needs and stores what core says to remember. It decides nothing.
import { guarded } from "./error.js";
import * as faults from "./faults.js";
import { ready } from "./modules.js";
import { addressOf, Download } from "./network.js";
import { openAddress } from "./remote.js";
import { Blocks, ofArray } from "./source.js";

/** Nothing about the reader goes to a registry. */
const ANONYMOUS = { credentials: "omit", referrerPolicy: "no-referrer" };

/** A file of a registry, of at most `limit` bytes; `undefined` if there is none. Only immutable files are cached. */
export async function fetchFile(url, limit, call) {
  const cache = url.includes("/tile/") ? "default" : "no-cache";
  const download = await Download.start(url, call, { cache, ...ANONYMOUS });
  const { status, ok } = download.response;
  if (ok) return refuseWebPage(await atMost(download, limit), url);
  download.cancel();
  // An object store that does not allow listing answers 403 for a missing file.
  if ([403, 404, 410, 451].includes(status)) return undefined;
  throw faults.answered(url, status);
}

/** The file, unless it is a web page that a captive portal or an application sent with status 200. */
function refuseWebPage(file, url) {
  const start = new TextDecoder().decode(file.subarray(0, 64)).trimStart().toLowerCase();
  if (!/^(<!doctype html|<html|<head|<body|<script|<\?xml)/.test(start)) return file;
  throw faults.answeredPage(url);
}

/** The body. Reading stops as soon as it exceeds `limit`, whatever its headers say. */
async function atMost(download, limit) {
  const blocks = new Blocks();
  for await (const piece of download.pieces()) {
    if (blocks.size + piece.length > limit) throw faults.answeredTooLong(download.url, limit);
    blocks.push(piece);
  }
  return blocks.bytes();
}

/** The archive at `url`, of at most the `size` bytes that the signed index states. */
export async function openArchiveAt(url, size, call) {
  const found = await openAddress(url, call, size);
  return found instanceof Download ? ofArray(await atMost(found, size)) : found;
}

/** The key of a registry in the memory: with another trust root it is another registry. */
export const memoryKey = ({ trustRoot }) => trustRoot.replace(/^sha256:/, "");

/** What a registry is asked by. */
const QUERY_MEMBERS = ["package", "version", "kind", "target", "registry", "tree", "registryAt", "trustRoot", "memory"];

/** Whether two policies put the same query to a registry. */
export function isSameQuery(one, other) {
  const value = ({ registryAt, ...policy }, member) => (member === "registryAt" ? registryAt && String(registryAt) : policy[member]);
  return QUERY_MEMBERS.every((member) => value(one, member) === value(other, member));
}

/** Core's query: the members it knows. */
export function releaseQuery({ package: name, version, kind, target, tree, registry, trustRoot }) {
  return { package: name, version, kind, target, tree, registry, trustRoot };
}

/** Proves a release by the registry of `policy`. @returns {Promise<import("./vitte_registry.js").ReleaseReport>} */
export async function proveRelease(policy, call) {
  const { registryAt, trustRoot, memory } = policy;
  const core = await ready("registry");
  const stored = trustRoot ? await memory?.read(memoryKey(policy)) : undefined;
  const proof = guarded(() => new core.ReleaseProof(releaseQuery(policy), addressOf(registryAt), stored));
  try {
    for (;;) {
      const needs = guarded(() => proof.needs(), "registry");
      if (needs.length === 0) return guarded(() => proof.report());
      const load = async ({ path, address, limit }) => [path, await fetchFile(address, limit, call)];
      for (const [path, file] of await Promise.all(needs.map(load))) guarded(() => proof.supply(path, file));
    }
  } finally {
    proof.free();
  }
}

/** Remembers what was proved, now that the archive was verified too. */
export async function remember(policy, release) {
  if (policy.trustRoot) await policy.memory?.update(memoryKey(policy), (stored) => guarded(() => release.remember(stored)));
}
