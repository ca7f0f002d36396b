// Entry for browsers and bundlers. The literals below are what they look for.
import { setLoader } from "./package.js";

const modules = {
  core: () => new URL("./vitte_core_bg.wasm", import.meta.url),
  registry: () => new URL("./vitte_registry_bg.wasm", import.meta.url),
  resolver: () => new URL("./vitte_resolver_bg.wasm", import.meta.url),
};
setLoader((name) => ({ url: modules[name]() }));

export { indexedDbMemory, init, initSync, open, openRelease, parseManifest, parsePublicKey, resolve, verify, Package, VitteError } from "./package.js";
