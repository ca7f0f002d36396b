// Entry for browsers and bundlers. The literal below is what they look for.
import { setLoader } from "./package.js";

setLoader(() => ({ url: new URL("./vitte_core_bg.wasm", import.meta.url) }));

export { init, initSync, open, parseManifest, verify, Package, VitteError } from "./package.js";
