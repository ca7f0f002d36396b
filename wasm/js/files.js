// Where the modules are, beside this file. These literals are what bundlers look for.
export const files = {
  core: () => new URL("./vitte_core_bg.wasm", import.meta.url),
  registry: () => new URL("./vitte_registry_bg.wasm", import.meta.url),
  resolver: () => new URL("./vitte_resolver_bg.wasm", import.meta.url),
};
