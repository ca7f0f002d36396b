// Entry for Node: the modules are read from disk.
import { readFile } from "node:fs/promises";
import { setLoader } from "./package.js";

setLoader(async (name) => ({ bytes: await readFile(new URL(`./vitte_${name}_bg.wasm`, import.meta.url)) }));

export { indexedDbMemory, init, initSync, open, openRelease, parseManifest, resolve, verify, Package, VitteError } from "./package.js";
