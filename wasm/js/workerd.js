// Entry for edge workers, which compile no bytes: their build makes a module of each file.
import core from "./vitte_core_bg.wasm";
import registry from "./vitte_registry_bg.wasm";
import resolver from "./vitte_resolver_bg.wasm";
import { setLoader } from "./package.js";

const modules = { core, registry, resolver };
setLoader((name) => ({ module: modules[name] }));

export * from "./surface.js";
