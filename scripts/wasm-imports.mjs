// Core is pure, so the module may import only its own glue: nothing from `env` or WASI, and from the glue nothing
// that tells the time, draws random numbers, reaches the network or runs text as code.
import { readFileSync } from "node:fs";

const [file] = process.argv.slice(2);
const imports = WebAssembly.Module.imports(new WebAssembly.Module(readFileSync(file)));
const impure = /now|date|time|random|crypto|fetch|xmlhttp|socket|storage|process|require|worker|eval|newnoargs|global/i;
const faults = imports.filter(({ module, name }) => module !== "./vitte_core_bg.js" || impure.test(name));

for (const { module, name, kind } of faults) console.error(`${file} imports ${kind} ${name} from ${module}`);
console.log(`${file}: ${imports.length} imports, ${faults.length} of them impure`);
process.exit(faults.length === 0 ? 0 : 1);
