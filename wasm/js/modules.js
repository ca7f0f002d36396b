// The WebAssembly modules: one that opens and verifies archives, and two that are loaded on demand.
import { moduleBytes, moduleSources } from "./arguments.js";
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

let warned = false;

/** A module from a URL: compiled while it arrives, if its type allows that. The error names what was served instead. */
async function fetchModule(url, file) {
  const response = await fetch(url).catch((cause) => {
    throw faults.moduleLoad(cause?.cause?.message || cause?.message || cause);
  });
  const type = response.headers.get("content-type") ?? "nothing";
  if (response.ok && type.startsWith("application/wasm") && WebAssembly.compileStreaming) {
    return WebAssembly.compileStreaming(response).catch((cause) => {
      throw faults.moduleLoad(cause?.message ?? cause);
    });
  }
  const served = new Uint8Array(await response.arrayBuffer());
  if (!response.ok || served[0] !== 0 || served[1] !== 0x61 || served[2] !== 0x73 || served[3] !== 0x6d) {
    throw faults.moduleType(response.ok ? type : response.status, file);
  }
  if (!warned) console.warn(`@vitte/package: ${file} is served as ${type}; as application/wasm it loads faster`);
  warned = true;
  return served;
}

/** Compiled beside the program, which goes on meanwhile. */
function compiled(bytes) {
  return WebAssembly.compile(bytes).catch((cause) => {
    throw faults.moduleLoad(cause?.message ?? cause);
  });
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

/** A module, or its bytes, from where the caller or the entry says. */
async function moduleFrom({ bytes, module, url, otherwise }, file) {
  if (bytes ?? module) return bytes ?? module;
  if (!otherwise) return fetchModule(url, file);
  try {
    return await fetchModule(url(), file);
  } catch (error) {
    const inside = await otherwise().catch(() => undefined);
    if (!inside) throw error;
    return inside.bytes;
  }
}

/** A module's functions, once it is loaded. It loads once; after a failure the next call tries again. */
export async function ready(name) {
  const entry = modules[name];
  entry.loading ??= (async () => {
    const found = await moduleFrom(entry.given ?? await loader(name), entry.file);
    start(name, found instanceof WebAssembly.Module ? found : await compiled(found));
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
export async function init(options) {
  for (const [name, given] of Object.entries(moduleSources(options))) modules[name].given = given;
  await ready("core");
}

/** Loads modules at once from their bytes or compiled modules. */
export function initSync(options) {
  const { module, registry: second, resolver: third } = moduleBytes(options);
  start("core", module);
  if (second) start("registry", second);
  if (third) start("resolver", third);
}
