// The npm package as users get it: packed, installed into a fresh folder, imported by its name.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { makeFixture } from "./fixture.mjs";

/** Bytes by gzip that each module may have. It is fetched before anything can be checked: what raises a figure says why. */
const budgets = JSON.parse(readFileSync(new URL("budgets.json", import.meta.url)));
const here = fileURLToPath(new URL("..", import.meta.url));
let fixture, app, vitte;

before(async () => {
  fixture = makeFixture();
  app = join(fixture.folder, "app");
  mkdirSync(app);
  writeFileSync(join(app, "package.json"), '{"private":true,"type":"module"}');
  const [{ filename }] = JSON.parse(execFileSync("npm", ["pack", "--json", "--pack-destination", fixture.folder], { cwd: here, encoding: "utf8" }));
  execFileSync("npm", ["install", "--no-audit", "--no-fund", "--offline", join(fixture.folder, filename)], { cwd: app, stdio: "pipe" });
  vitte = await import(pathToFileURL(join(app, "node_modules/@vitte/package/index.node.js")));
});
after(() => fixture?.dispose());

const bytes = (path) => new Uint8Array(readFileSync(path));
const keys = () => ({ keys: [fixture.key] });

test("a script in another folder imports it by name and needs no set-up", () => {
  writeFileSync(join(app, "script.mjs"), `
    import { readFile } from "node:fs/promises";
    import { verify } from "@vitte/package";
    const v = await verify(await readFile(process.argv[2]), { keys: [await readFile(process.argv[3], "utf8")] });
    console.log(v.status);
  `);
  writeFileSync(join(app, "key.pub"), fixture.key);
  const said = execFileSync("node", ["script.mjs", fixture.signed, "key.pub"], { cwd: app, encoding: "utf8" });
  assert.equal(said, "verified\n");
});

test("four verdicts, each with its reason", async () => {
  const verified = await vitte.verify(bytes(fixture.signed), keys());
  assert.equal(verified.status, "verified");
  assert.ok(verified.steps.length >= 8 && verified.steps.every((step) => step.text && step.verdict !== "failed"));
  assert.match(verified.signers[0].keyid, /^[0-9a-f]{64}$/);
  const unsigned = await vitte.verify(bytes(fixture.unsigned), keys());
  assert.deepEqual([unsigned.status, unsigned.reason.code], ["unsigned", "VP0510"]);
  const untrusted = await vitte.verify(bytes(fixture.signed));
  assert.deepEqual([untrusted.status, untrusted.reason.class], ["untrusted", "key-not-authorised"]);
  const tampered = await vitte.verify(bytes(fixture.flipped), keys());
  assert.deepEqual([tampered.status, tampered.reason.class, tampered.failedIn], ["tampered", "frame-digest", "archive"]);
  assert.deepEqual(tampered.reason.place, { in: "frame", frame: 2, frames: 3, files: ["docs/guide.md"] });
});

test("codes and words come from core's tables, in the package as well", async () => {
  const { codes } = await import(pathToFileURL(join(app, "node_modules/@vitte/package/codes.js")));
  const words = JSON.parse(readFileSync(new URL("../../pkg/words.json", import.meta.url)));
  assert.deepEqual(Object.keys(codes), words.codes.map(({ code }) => code));
  const { inFrench } = await import(pathToFileURL(join(app, "node_modules/@vitte/package/french.js")));
  const { reason } = await vitte.verify(bytes(fixture.unsigned), keys());
  assert.notEqual(inFrench(reason).message, reason.message);
  assert.deepEqual([codes.VP0501.class, codes.VP0501.exit], ["frame-digest", 5]);
  const disposed = await vitte.open(bytes(fixture.signed));
  disposed.dispose();
  assert.throws(() => disposed.contents(), ({ code, diagnostic }) => code === "VP0904" && diagnostic.class === codes[code].class);
  for (const file of readdirSync(here).filter((name) => name.endsWith(".js") && !/^(codes|faults|french-table|vitte_)/.test(name))) {
    assert.doesNotMatch(readFileSync(join(here, file), "utf8"), /VP\d{4}/, `${file} has a code written by hand`);
  }
});

test("what was asked for must be what was signed", async () => {
  const policy = (more) => ({ ...keys(), ...more });
  assert.equal((await vitte.verify(bytes(fixture.signed), policy({ package: "demo/hello", version: "1.0.0" }))).status, "verified");
  for (const [more, expected, kind] of [
    [{ package: "demo/other" }, "tampered", "subject-mismatch"], [{ version: "1.0.1" }, "tampered", "subject-mismatch"],
    // A signature for another registry is passed over, as an unknown signer's is: what is left is nobody's word.
    [{ registry: "registry.example/" }, "untrusted", "registry-mismatch"],
    [{ tree: `vp1-sha256:${"0".repeat(64)}` }, "tampered", "tree-digest"],
  ]) {
    const { status, reason } = await vitte.verify(bytes(fixture.signed), policy(more));
    assert.deepEqual([status, reason.class], [expected, kind], JSON.stringify(more));
  }
});

test("every kind of source gives the same verdict", async () => {
  const all = bytes(fixture.signed);
  const server = createServer((request, response) => {
    response.writeHead(request.url === "/x" ? 200 : 404).end(request.url === "/x" ? all : undefined);
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  const address = `http://127.0.0.1:${server.address().port}`;
  try {
    const sources = {
      array: all, view: new DataView(all.buffer, all.byteOffset, all.length), buffer: all.buffer.slice(all.byteOffset, all.byteOffset + all.length), blob: new Blob([all]),
      url: `${address}/x`, stream: new Blob([all]).stream(),
      iterable: (async function* () { for (let at = 0; at < all.length; at += 7) yield all.subarray(at, at + 7); })(),
    };
    for (const [name, source] of Object.entries(sources)) {
      assert.equal((await vitte.verify(source, keys())).status, "verified", name);
    }
    await assert.rejects(vitte.verify(`${address}/y`), { code: "VP0606" });
  } finally {
    server.close();
    server.closeAllConnections();
  }
});

test("a cut or foreign file cannot be checked, which is an error and not a verdict", async () => {
  const all = bytes(fixture.signed);
  for (const length of [0, 5, 50, 113, 400, all.length - 12, all.length - 1]) {
    const outcome = await vitte.verify(all.subarray(0, length), keys()).then(({ status }) => status, ({ code }) => code);
    assert.match(outcome, /^(tampered|VP02\d\d)$/, `${length} bytes: ${outcome}`);
  }
  await assert.rejects(vitte.verify(bytes(fixture.foreign)), { code: "VP0208" });
  await assert.rejects(vitte.verify(17), { code: "VP0903" });
});

test("a package is opened, listed and read file by file", async () => {
  const opened = await vitte.open(bytes(fixture.signed));
  const contents = opened.contents();
  assert.deepEqual(contents.release, { package: "demo/hello", version: "1.0.0", kind: "vitmod" });
  assert.match(contents.tree, /^vp1-sha256:[0-9a-f]{64}$/);
  assert.deepEqual(contents.files.map((file) => file.path), ["vitte.toml", "src/greet.vit", "src/main.vit", "docs/guide.md"]);
  assert.equal(new TextDecoder().decode(await opened.read("docs/guide.md")), "# hello\n\nPrints hello.\n");
  await assert.rejects(opened.read("no/such"), { code: "VP0606" });
  opened.dispose();
  assert.throws(() => opened.contents(), { code: "VP0904" });
  for (const call of [() => opened.verify(keys()), () => opened.read("vitte.toml")]) await assert.rejects(call, { code: "VP0904" });
});

test("a file from a damaged frame is refused, its neighbours are not", async () => {
  const opened = await vitte.open(bytes(fixture.flipped));
  await assert.rejects(opened.read("docs/guide.md"), (error) => error instanceof vitte.VitteError && error.diagnostic.class === "frame-digest");
  assert.match(new TextDecoder().decode(await opened.read("src/greet.vit")), /fn greet/);
  opened.dispose();
});

test("another tool's archive is shown and never verified", async () => {
  const opened = await vitte.open(bytes(fixture.foreign));
  assert.equal(opened.foreign, true);
  assert.ok(opened.contents().files.some((file) => file.path === "hello/src/greet.vit" && file.type === "file"));
  assert.match(new TextDecoder().decode(await opened.read("hello/src/greet.vit")), /fn greet/);
  await assert.rejects(opened.verify(), { code: "VP0208" });
  opened.dispose();
});

test("something else in place of the module is named", async () => {
  const server = createServer((_, response) => response.writeHead(200, { "content-type": "text/html" }).end("<!doctype html>"));
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  try {
    const fresh = await import(`${pathToFileURL(join(app, "node_modules/@vitte/package/modules.js"))}?fresh`);
    await assert.rejects(fresh.init({ url: `http://127.0.0.1:${server.address().port}/` }), { code: "VP0902", message: /text\/html/ });
  } finally {
    server.close();
    server.closeAllConnections();
  }
});

test("a module is compiled while it arrives, and of another type once it is there, with one warning", async () => {
  const module = readFileSync(join(app, "node_modules/@vitte/package/vitte_core_bg.wasm"));
  let type, streamed;
  const server = createServer((_, response) => response.writeHead(200, { "content-type": type }).end(module));
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  const { compileStreaming } = WebAssembly;
  const { warn } = console;
  const warned = [];
  WebAssembly.compileStreaming = (...given) => {
    streamed += 1;
    return compileStreaming(...given);
  };
  console.warn = (text) => warned.push(text);
  try {
    for (const [served, wanted] of [["application/wasm", 1], ["application/octet-stream", 0]]) {
      [type, streamed] = [served, 0];
      const fresh = await import(`${pathToFileURL(join(app, "node_modules/@vitte/package/modules.js"))}?streamed=${wanted}`);
      await fresh.init({ url: `http://127.0.0.1:${server.address().port}/` });
      assert.equal(streamed, wanted, served);
    }
    assert.match(warned.join("|"), /^[^|]*octet-stream[^|]*$/);
  } finally {
    WebAssembly.compileStreaming = compileStreaming;
    console.warn = warn;
    server.close();
    server.closeAllConnections();
  }
});

test("the published files keep the literal that bundlers look for, and use neither eval nor Function", () => {
  const published = join(app, "node_modules/@vitte/package");
  for (const name of Object.keys(budgets)) {
    const literal = `new URL("./${name}_bg.wasm", import.meta.url)`;
    assert.ok(readFileSync(join(published, "files.js"), "utf8").includes(literal), literal);
  }
  for (const name of readdirSync(published).filter((file) => file.endsWith(".js"))) {
    assert.doesNotMatch(readFileSync(join(published, name), "utf8"), /\beval\(|new Function\(|^await /m, name);
  }
});

test("the modules keep within their sizes", () => {
  for (const [name, limit] of Object.entries(budgets)) {
    const packed = gzipSync(readFileSync(join(app, `node_modules/@vitte/package/${name}_bg.wasm`)), { level: 9 }).length;
    assert.ok(packed <= limit, `${name}: ${packed} bytes by gzip, ${limit} allowed`);
  }
});

test("the modules import nothing but their glue", async () => {
  for (const name of Object.keys(budgets)) {
    const module = await WebAssembly.compile(readFileSync(join(app, `node_modules/@vitte/package/${name}_bg.wasm`)));
    const strangers = WebAssembly.Module.imports(module).filter(({ module: from }) => from !== `./${name}_bg.js`);
    assert.deepEqual(strangers, []);
  }
});

test("the licence and the README are inside", () => {
  for (const name of ["LICENSE", "README.md"]) assert.ok(readFileSync(join(app, "node_modules/@vitte/package", name), "utf8").length > 500, name);
});

test("what is not asked for is not loaded", async () => {
  const address = pathToFileURL(join(app, "node_modules/@vitte/package/"));
  writeFileSync(join(app, "lazy.mjs"), `
    import { setLoader, verify } from ${JSON.stringify(`${address}package.js`)};
    import { readFile } from "node:fs/promises";
    const asked = [];
    setLoader(async (name) => {
      asked.push(name);
      return { bytes: await readFile(new URL(\`vitte_\${name}_bg.wasm\`, ${JSON.stringify(String(address))})) };
    });
    await verify(await readFile(process.argv[2]));
    console.log(asked.join());
  `);
  assert.equal(execFileSync("node", ["lazy.mjs", fixture.signed], { cwd: app, encoding: "utf8" }), "core\n");
});
