// What callers pass, checked before a module sees it: a mistake is named by its argument, in the words of index.d.ts.
import * as faults from "./faults.js";

/** A type as index.d.ts writes it, and whether a value is of it. */
const type = (name, holds) => ({ name, holds });
const string = type("string", (value) => typeof value === "string");
const whole = type("number", (value) => Number.isSafeInteger(value) && value >= 0);
const list = (of) => type(`readonly ${/[ |]/.test(of.name) ? `(${of.name})` : of.name}[]`, (value) => Array.isArray(value) && value.every(of.holds));
const either = (...types) => type(types.map(({ name }) => name).join(" | "), (value) => types.some(({ holds }) => holds(value)));
const literal = (...values) => type(values.map((value) => JSON.stringify(value)).join(" | "), (value) => values.includes(value));
const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
const record = (of) => type(`Readonly<Record<string, ${of.name}>>`, (value) => isObject(value) && Object.values(value).every(of.holds));
/** An object of these members and no others; those whose name ends in `?` may be left out. */
const object = (members, name) => {
  const all = Object.entries(members).map(([member, of]) => [member.replace("?", ""), of, member.endsWith("?")]);
  const known = new Set(all.map(([member]) => member));
  return type(name ?? `{ ${Object.entries(members).map(([member, of]) => `${member}: ${of.name}`).join("; ")} }`, (value) =>
    isObject(value) && Object.keys(value).every((member) => known.has(member))
    && all.every(([member, of, optional]) => (value[member] === undefined ? optional : of.holds(value[member]))));
};
const instance = (name, of) => type(name, (value) => of !== undefined && value instanceof of);
const callable = (...names) => (value) => (typeof value === "object" || typeof value === "function") && value !== null && names.every((name) => typeof value[name] === "function");

const url = either(string, instance("URL", globalThis.URL));
const bytes = type("BufferSource", (value) => value instanceof ArrayBuffer || ArrayBuffer.isView(value));
const module = type("WebAssembly.Module", (value) => value instanceof WebAssembly.Module);
const artifact = literal("vitpkg", "vitmod");
const expected = { package: string, version: string, kind: artifact, target: string, registry: string, tree: string };

const POLICY = {
  ...expected,
  keys: list(either(string, object({ key: string, for: string }))),
  authorised: object({ package: string, keys: list(string), threshold: whole }),
  index: string,
  registryAt: url,
  trustRoot: string,
  memory: type("Memory", callable("read", "update")),
};
/** The members of a policy beside what is expected, by what it relies on. */
const KINDS = { keys: ["keys", "authorised", "index"], registryAt: ["registryAt", "trustRoot", "memory"], trustRoot: ["trustRoot"] };

const CALL = {
  signal: type("AbortSignal", callable("addEventListener", "throwIfAborted")),
  progress: type("(done: number, total?: number) => void", (value) => typeof value === "function"),
  timeout: type("number", (value) => typeof value === "number" && value > 0),
};

const RESOLVE = {
  registry: string,
  registries: record(string),
  indexKeys: list(string),
  paths: list(string),
  lock: either(string, list(object({ name: string, version: string, "registry?": string, "dependencies?": list(list(string)) }, "LockedRelease"))),
  update: list(string),
  precise: record(string),
  now: whole,
  minAge: whole,
  exempt: list(string),
  targets: list(string),
  features: list(string),
};

const place = { url, module, bytes };

/** Throws unless `value` is of the type. */
function check(value, name, { name: wanted, holds }) {
  if (!holds(value)) throw faults.argument(name, wanted);
  return value;
}

/** The members that have a value, all of them known and of their type. */
function membersOf(value, name, types, wanted) {
  if (!isObject(value)) throw faults.argument(name, wanted);
  const stated = Object.entries(value).filter(([, given]) => given !== undefined && given !== null);
  for (const [member, given] of stated) {
    if (!Object.hasOwn(types, member)) throw faults.member(`${name}.${member}`);
    check(given, `${name}.${member}`, types[member]);
  }
  return Object.fromEntries(stated);
}

export const checkText = (value, name) => check(value, name, string);
export const checkTexts = (value, name) => check(value, name, list(string));
/** Lines of an index that a caller answers for. */
export const isLines = list(object({ core: string, log: whole, "time?": whole, "status?": literal("yanked", "withdrawn") })).holds;

/** A policy without the members that have no value. */
export const statedPolicy = (policy = {}) => membersOf(policy ?? {}, "policy", POLICY, "Policy");

/** Whether a policy relies on a registry, or on the proofs inside a package, instead of on keys. */
export const needsProof = ({ registryAt, trustRoot }) => registryAt !== undefined || trustRoot !== undefined;

/** Throws if members of two kinds stand beside each other: none is ever ignored. */
export function checkKind(policy) {
  const kind = policy.registryAt !== undefined ? "registryAt" : policy.trustRoot !== undefined ? "trustRoot" : "keys";
  const other = Object.keys(policy).find((member) => !Object.hasOwn(expected, member) && !KINDS[kind].includes(member));
  if (other === "memory") throw faults.policyMemory();
  if (other !== undefined) throw faults.policyMember(other);
  return policy;
}

/** A policy that can be judged by. */
export const checkedPolicy = (policy) => checkKind(statedPolicy(policy));

/** What every call takes: `{ signal, progress, timeout }`. An aborted signal throws at once. */
export function callOptions(options) {
  const call = membersOf(options ?? {}, "options", CALL, "CallOptions");
  call.signal?.throwIfAborted();
  return call;
}

/** Options of `resolve`, and those of every call. */
export function resolveOptions(options) {
  const { signal, progress, timeout, ...rules } = membersOf(options ?? {}, "options", { ...RESOLVE, ...CALL }, "ResolveOptions");
  signal?.throwIfAborted();
  return { rules, call: { signal, progress, timeout } };
}

/** Where a module is: exactly one of an address, bytes and a compiled module. */
function checkPlace(given, name) {
  const found = membersOf(given, name, place, "ModuleSource");
  if (Object.keys(found).length !== 1) throw faults.moduleSources(name);
  return found;
}

/** What `init` takes: `{ core, registry, resolver }`, each where one is given. */
export function moduleSources(options = {}) {
  const any = type("ModuleSource", isObject);
  const { registry, resolver, ...core } = membersOf(options ?? {}, "options", { ...place, registry: any, resolver: any }, "ModuleSource");
  const given = { core: Object.keys(core).length > 0 ? core : undefined, registry, resolver };
  const sources = Object.entries(given).filter(([, one]) => one !== undefined);
  return Object.fromEntries(sources.map(([name, one]) => [name, checkPlace(one, name === "core" ? "options" : `options.${name}`)]));
}

/** What `initSync` takes. */
export function moduleBytes(options) {
  const either_ = either(module, bytes);
  const given = membersOf(options, "options", { module: either_, registry: either_, resolver: either_ }, "{ module: WebAssembly.Module | BufferSource }");
  check(given.module, "options.module", either_);
  return given;
}

const REGISTRY = { registryAt: url, trustRoot: string, memory: POLICY.memory };

/** A registry that is asked for an index, by its trust root. */
export function registryIndex(given) {
  const found = membersOf(given, "index", REGISTRY, "RegistryIndex");
  check(found.registryAt, "index.registryAt", url);
  check(found.trustRoot, "index.trustRoot", string);
  return found;
}

/** What a proof is checked by: one of a log's key, its policy, and a registry. */
export function proofBy(given) {
  const found = membersOf(given, "by", { logKey: string, logPolicy: string, ...REGISTRY }, "ProofBy");
  if ([found.logKey, found.logPolicy, found.registryAt].filter((one) => one !== undefined).length !== 1) throw faults.argument("by", "ProofBy");
  if (found.registryAt !== undefined) check(found.trustRoot, "by.trustRoot", string);
  else if (found.trustRoot !== undefined || found.memory !== undefined) throw faults.argument("by", "ProofBy");
  return found;
}

const diagnostic = type("Diagnostic", (value) => isObject(value) && string.holds(value.code) && string.holds(value.message)
  && isObject(value.place) && string.holds(value.place.in) && list(string).holds(value.help ?? []));

/** What `formatDiagnostics` takes. */
export function checkDiagnostics(given, options) {
  const all = Array.isArray(given) ? given : [given];
  check(all, "diagnostics", { ...list(diagnostic), name: "Diagnostic | readonly Diagnostic[]" });
  const level = literal("error", "warning");
  return [all, membersOf(options ?? {}, "options", { source: string, file: string, level }, "{ source?: string; file?: string; level?: \"error\" | \"warning\" }")];
}
