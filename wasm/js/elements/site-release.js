// What the elements of a site ask of the registry that the page comes from: a release and its verdict, a file of it, the
// state of the log. Elements that ask for the same share one answer.
import { files } from "../files.js";
import { Lookups } from "../lookups.js";
import { ready } from "../modules.js";
import { formatDiagnostics, indexedDbMemory, openRelease, parseManifest, resolve, setLoader } from "../package.js";

setLoader((name) => ({ url: files[name]() }));

const registryAt = new URL("/", document.baseURI);
/** Where the trust root that this browser saw first is kept: the registry cannot give it another one later. */
const KEPT = "vitte-trust-root";

/** The trust root that this browser has seen of this registry: the page's, the first time. */
function trustRootOf(given) {
  try {
    const kept = localStorage.getItem(KEPT);
    if (kept) return kept;
    localStorage.setItem(KEPT, given);
  } catch {
    // Without a store each look is the first.
  }
  return given;
}

let memory;
/** What this browser remembers of the registry; nothing where it keeps nothing. */
const remembered = () => (memory ??= indexedDbMemory().catch(() => undefined));

async function policyOf({ package: name, version, trustRoot }) {
  const kept = await remembered();
  return { registryAt, trustRoot: trustRootOf(trustRoot), package: name, version, ...(kept && { memory: kept }) };
}

/** Releases of this page, by package and version. */
const releases = new Map();

/** Ends for this caller only: another may wait for the same. */
function unlessAborted(promise, signal) {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    promise.then(resolve, reject);
  });
}

function releaseOf(asked) {
  const key = `${asked.package}@${asked.version}`;
  let found = releases.get(key);
  if (!found) {
    found = policyOf(asked).then((policy) => openRelease(policy));
    releases.set(key, found);
    // What failed is tried again by the next.
    found.catch(() => releases.delete(key));
  }
  return found;
}

/** The report on a release, all of whose archive is read. */
export async function verdict(asked, signal) {
  const release = await unlessAborted(releaseOf(asked), signal);
  return release.verify(undefined, { signal });
}

/** The bytes of a file, by the list of files that was signed. */
export async function file(asked, path, signal) {
  const release = await unlessAborted(releaseOf(asked), signal);
  return release.read(path, { signal });
}

/** Reads the log's checkpoint, which must go on from the one that was seen last. */
export async function log({ trustRoot }, signal) {
  const kept = await remembered();
  const asked = { registryAt, trustRoot: trustRootOf(trustRoot), ...(kept && { memory: kept }) };
  const isFirst = !(await kept?.read(asked.trustRoot));
  const lookups = new Lookups(await ready("registry"), asked, { signal });
  try {
    await lookups.start();
    await lookups.remember();
  } finally {
    lookups.free();
  }
  return { isFirst };
}

/** What the resolver says of a manifest: a solution, or why there is none in the terminal's words. */
export async function fit({ trustRoot }, manifest, signal) {
  const explained = (diagnostics) => formatDiagnostics(diagnostics, { source: manifest, file: "vitte.toml" });
  const { diagnostics } = await parseManifest(manifest);
  if (diagnostics.length > 0) return { explained: explained(diagnostics) };
  const kept = await remembered();
  const index = { registryAt, trustRoot: trustRootOf(trustRoot), ...(kept && { memory: kept }) };
  const solution = await resolve(manifest, index, { signal });
  return solution.status === "solved" ? { solution } : { explained: explained(solution.reason) };
}

const isFrench = () => document.documentElement.lang.startsWith("fr");
const french = isFrench() ? import("../french.js").catch(() => undefined) : undefined;

/** The steps in the language of the page. */
export async function stepsInWords(steps) {
  const table = await french;
  const one = (text) => (text && table?.french(text)) ?? text;
  return steps.map((step) => ({ ...step, text: one(step.text), found: one(step.found) }));
}

/** What an error says, in the language of the page, with its code if it has one. */
export async function inWords(error) {
  const fault = error?.diagnostic;
  if (!fault) return { message: String(error?.message ?? error) };
  const { code, message } = (await french)?.inFrench(fault) ?? fault;
  return { code, message };
}
