// Entry for browsers and bundlers.
import { files } from "./files.js";
import { inlined } from "./inlined.js";
import { setLoader } from "./package.js";

// Where a bundler does not move the files along, the modules come from a script, which it does: larger, and only then.
setLoader((name) => ({ url: files[name], otherwise: () => inlined(name) }));

export * from "./surface.js";
