// The WebAssembly modules: one that opens and verifies archives, and two that are loaded on demand.
import * as core from "./vitte_core.js";
import * as registry from "./vitte_registry.js";
import * as resolver from "./vitte_resolver.js";
import * as faults from "./faults.js";

const modules = {
  core: { glue: core, file: "vitte_core_bg.wasm" },
  registry: { glue: registry, file: "vitte_registry_bg.wasm" },
  resolver: { glue: resolver, file: "vitte_resolver_bg.wasm" },
};

let loader = () => {
  throw faults.moduleMissing();
};

/** Sets how a module is found that the caller did not provide: from its name to `{ url }` or `{ bytes }`. For the entry points. */
export function setLoader(load) {
  loader = load;
}

/** Bytes of a module from a URL. The error names what was served instead. */
async function fetchModule(url, file) {
  const response = await fetch(url);
  const type = response.headers.get("content-type") ?? "nothing";
  const served = new Uint8Array(await response.arrayBuffer());
  if (!response.ok || served[0] !== 0 || served[1] !== 0x61 || served[2] !== 0x73 || served[3] !== 0x6d) {
    throw faults.moduleType(response.ok ? type : response.status, file);
  }
  return served;
}

function start(name, module) {
  const entry = modules[name];
  if (entry.loaded) return;
  try {
    entry.glue.initSync({ module });
  } catch (cause) {
    throw faults.moduleLoad(cause?.message ?? cause);
  }
  entry.loaded = true;
  entry.loading ??= Promise.resolve();
}

/** A module's functions, once it is loaded. It loads once; after a failure the next call tries again. */
export async function ready(name) {
  const entry = modules[name];
  entry.loading ??= (async () => {
    const { bytes, module, url } = entry.given ?? await loader(name);
    start(name, bytes ?? module ?? await fetchModule(url, entry.file));
  })();
  try {
    await entry.loading;
  } catch (error) {
    entry.loading = undefined;
    throw error;
  }
  return entry.glue;
}

/** Loads the first module now, and remembers where to find the others. */
export async function init(options = {}) {
  const { registry: second, resolver: third, ...first } = options;
  for (const [name, given] of Object.entries({ registry: second, resolver: third })) {
    if (given) modules[name].given = given;
  }
  if (Object.keys(first).length > 0) modules.core.given = first;
  await ready("core");
}

/** Loads modules at once from their bytes or compiled modules. */
export function initSync({ module, registry: second, resolver: third }) {
  start("core", module);
  if (second) start("registry", second);
  if (third) start("resolver", third);
}
