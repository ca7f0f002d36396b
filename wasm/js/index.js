// Entry for browsers and bundlers. The literal below is what they look for.
import { setLoader } from "./package.js";

setLoader(() => ({ url: new URL("./vitte_core_bg.wasm", import.meta.url) }));

export { indexedDbMemory, init, initSync, open, openRelease, parseManifest, verify, Package, VitteError } from "./package.js";
