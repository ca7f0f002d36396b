// Entry with the modules inside, for wherever no file beside the script can be had. Each loads when it is first needed.
import { inlined } from "./inlined.js";
import { setLoader } from "./package.js";

setLoader(inlined);

export * from "./surface.js";
