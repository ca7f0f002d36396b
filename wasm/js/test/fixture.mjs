// Makes real packages with the real command line, in a folder of its own.
import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../..", import.meta.url));

/** The command line under test: VITTE_PACKAGE_BIN, or what was built last. */
export function binary() {
  const target = resolve(root, process.env.CARGO_TARGET_DIR ?? "target");
  const places = [process.env.VITTE_PACKAGE_BIN, join(target, "debug/vitte-package"), join(target, "release/vitte-package")];
  const found = places.find((place) => place && existsSync(place));
  if (!found) throw new Error("build the command line first: cargo build -p vitte-package");
  return found;
}

/** Packages `demo/hello`: signed, unsigned, and with one content byte flipped; `demo/many`, signed, and flipped. Call `dispose` when done. */
export function makeFixture() {
  const folder = mkdtempSync(join(tmpdir(), "vitte-e2e-"));
  const home = join(folder, "home");
  const run = (...args) => execFileSync(binary(), args, { env: { ...process.env, VITTE_HOME: home, CI: "1" }, encoding: "utf8" });
  const project = join(folder, "hello");
  mkdirSync(join(project, "src"), { recursive: true });
  mkdirSync(join(project, "docs"), { recursive: true });
  writeFileSync(join(project, "vitte.toml"), [
    "[package]", 'name = "demo/hello"', 'version = "1.0.0"', 'license = "MIT"', 'description = "Says hello"', "",
    "[package.sections]", 'docs = ["docs/**"]', "", "[lib]", 'path = "src/greet.vit"', "",
  ].join("\n"));
  writeFileSync(join(project, "src/greet.vit"), "fn greet() { print(\"hello\") }\n");
  writeFileSync(join(project, "src/main.vit"), "fn main() { greet() }\n".repeat(400));
  writeFileSync(join(project, "docs/guide.md"), "# hello\n\nPrints hello.\n");
  run("key", "generate", "--name", "demo");
  run("build", "--manifest", join(project, "vitte.toml"), "--out", join(folder, "out"), "--kind", "mod");
  const unsigned = join(folder, "unsigned.vitmod");
  const signed = join(folder, "hello-1.0.0.vitmod");
  copyFileSync(join(folder, "out/hello-1.0.0.vitmod"), unsigned);
  copyFileSync(unsigned, signed);
  run("sign", signed, "--key", "demo");
  const bytes = readFileSync(signed);
  // In front of the 11 bytes of END stands the last content frame (docs); in front of that, the sources'.
  const flipped = join(folder, "flipped.vitmod");
  const changed = Buffer.from(bytes);
  changed[changed.length - 60] ^= 1;
  writeFileSync(flipped, changed);
  // As many files as nobody looks at one by one, all in one frame, and one byte of that flipped.
  const many = join(folder, "many");
  mkdirSync(join(many, "src/inner"), { recursive: true });
  writeFileSync(join(many, "vitte.toml"), '[package]\nname = "demo/many"\nversion = "1.0.0"\nlicense = "MIT"\ndescription = "Has many files"\n');
  for (let number = 0; number < 150; number += 1) writeFileSync(join(many, `src/${number}.vit`), `fn f${number}() {}\n`);
  for (let number = 0; number < 120; number += 1) writeFileSync(join(many, `src/inner/${number}.vit`), `fn g${number}() {}\n`);
  run("build", "--manifest", join(many, "vitte.toml"), "--out", join(folder, "out"), "--kind", "mod");
  const manyFlipped = join(folder, "out/many-1.0.0.vitmod");
  run("sign", manyFlipped, "--key", "demo");
  const whole = join(folder, "many-1.0.0.vitmod");
  copyFileSync(manyFlipped, whole);
  const changedMany = readFileSync(manyFlipped);
  changedMany[changedMany.length - 60] ^= 1;
  writeFileSync(manyFlipped, changedMany);
  const foreign = join(folder, "foreign.tar.gz");
  execFileSync("tar", ["-C", folder, "-czf", foreign, "hello"]);
  return {
    folder, signed, unsigned, flipped, many: whole, manyFlipped, foreign,
    key: readFileSync(join(home, "keys/demo.pub"), "utf8"),
    dispose: () => rmSync(folder, { recursive: true, force: true }),
  };
}


