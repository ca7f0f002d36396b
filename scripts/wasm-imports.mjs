// Core is pure, so the module may import only its own glue: nothing from `env` or WASI, and from the glue nothing
// that tells the time, draws random numbers, reaches the network or runs text as code.
import { readFileSync } from "node:fs";
import { basename } from "node:path";

let good = true;
const impure = /now|date|time|random|crypto|fetch|xmlhttp|socket|storage|process|require|worker|eval|newnoargs|global/i;
for (const file of process.argv.slice(2)) {
  const glue = `./${basename(file, ".wasm")}.js`;
  const imports = WebAssembly.Module.imports(new WebAssembly.Module(readFileSync(file)));
  const faults = imports.filter(({ module, name }) => module !== glue || impure.test(name));
  for (const { module, name, kind } of faults) console.error(`${file} imports ${kind} ${name} from ${module}`);
  console.log(`${file}: ${imports.length} imports, ${faults.length} of them impure`);
  good &&= imports.length > 0 && faults.length === 0;
}
process.exit(good ? 0 : 1);
