// Entry for Node: the module is read from disk.
import { readFile } from "node:fs/promises";
import { setLoader } from "./package.js";

setLoader(async () => ({ bytes: await readFile(new URL("./vitte_core_bg.wasm", import.meta.url)) }));

export { indexedDbMemory, init, initSync, open, openRelease, parseManifest, verify, Package, VitteError } from "./package.js";
