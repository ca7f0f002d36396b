// What every call takes: arguments that are checked before a module sees them, a signal, progress, and a limit on silence.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { init, initSync, open, openRelease, parseManifest, parsePublicKey, resolve, verify, VitteError } from "../index.node.js";
import { makeFixture } from "./fixture.mjs";
import { makeSite, serve } from "./registry.mjs";

let fixture, good, site, served, stalling;
before(async () => {
  await init();
  fixture = makeFixture();
  good = new Uint8Array(readFileSync(fixture.signed));
  site = makeSite();
  served = await serve(site.registry);
  // Sends the first bytes of everything, and never the rest; at /silent not even a status.
  const server = createServer((request, response) => {
    if (request.url.startsWith("/silent")) return;
    response.writeHead(200, { "content-length": good.length });
    response.write(good.subarray(0, 100));
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  stalling = { address: `http://127.0.0.1:${server.address().port}/`, close: () => (server.close(), server.closeAllConnections()) };
});
after(() => {
  stalling?.close();
  served?.close();
  site?.dispose();
  fixture?.dispose();
});

const keys = () => ({ keys: [fixture.key] });
const byRegistry = (more) => ({ registryAt: served.address, trustRoot: site.trustRoot, package: "demo/hello", ...more });

test("an argument of another type is refused by its name, in the words of the types", async () => {
  const opened = await open(good);
  const manifest = '[package]\nname = "p/one"\nversion = "1.0.0"\n';
  const cases = {
    "policy": [() => verify(good, 5), () => verify(good, "keys"), () => verify(good, [])],
    "policy.keys": [() => verify(good, { keys: fixture.key }), () => verify(good, { keys: [5] }), () => verify(good, { keys: [{ key: fixture.key }] }), () => verify(good, { keys: [{ key: fixture.key, for: "demo/*", more: 1 }] })],
    "policy.authorised": [() => verify(good, { authorised: { package: "demo/hello", keys: [], threshold: -1 } })],
    "policy.version": [() => verify(good, { version: 1 })],
    "policy.kind": [() => verify(good, { kind: "zip" })],
    "policy.nonsense": [() => verify(good, { nonsense: 1 }), () => opened.verify({ nonsense: 1 })],
    "policy.unproven": [() => verify(good, { unproven: true })],
    "policy.registryAt": [() => verify(good, { registryAt: {} }), () => openRelease({ package: "demo/hello" })],
    "policy.package": [() => openRelease({ registryAt: served.address })],
    "policy.memory": [() => verify(good, byRegistry({ memory: {} })), () => verify(good, byRegistry({ memory: 5 }))],
    "options": [() => verify(good, keys(), () => {}), () => open(good, "x"), () => opened.read("vitte.toml", 1)],
    "options.signal": [() => verify(good, {}, { signal: 5 }), () => open(good, { signal: {} })],
    "options.progress": [() => verify(good, {}, { progress: 5 })],
    "options.timeout": [() => open(good, { timeout: 0 }), () => open(good, { timeout: "1" }), () => open(good, { timeout: Number.NaN })],
    "options.colour": [() => resolve(manifest, {}, { colour: "red" }), () => verify(good, {}, { colour: "red" })],
    "options.minAge": [() => resolve(manifest, {}, { minAge: "1d" }), () => resolve(manifest, {}, { minAge: -1 })],
    "options.lock": [() => resolve(manifest, {}, { lock: 5 }), () => resolve(manifest, {}, { lock: [{ name: "a/b" }] })],
    "options.precise": [() => resolve(manifest, {}, { precise: { "a/b": 1 } })],
    "manifest": [() => resolve(5, {}), () => resolve(undefined, {}), () => resolve([5], {})],
    "text": [3, true, {}, undefined, null].flatMap((wrong) => [() => parseManifest(wrong), () => parsePublicKey(wrong)]),
    "path": [() => opened.read(3), () => opened.read({}), () => opened.read()],
    "other": [() => opened.diff(), () => opened.diff({ files: [] })],
    "options.url": [() => init({ url: 5 })],
    "options.registry": [() => init({ registry: 5 })],
    "options.registry.bytes": [() => init({ registry: { bytes: "x" } })],
  };
  for (const [name, calls] of Object.entries(cases)) {
    for (const call of calls) {
      await assert.rejects(async () => call(), (error) => {
        assert.ok(error instanceof VitteError, `${call}: ${error}`);
        assert.deepEqual([error.code, error.message.includes(`\`${name}\``), error.failedIn], ["VP0903", true, undefined], `${call}: ${error.message}`);
        assert.ok(error.diagnostic.help.length > 0);
        return true;
      });
    }
  }
  for (const call of [() => initSync(), () => initSync({}), () => initSync({ module: 5 })]) assert.throws(call, { code: "VP0903" });
  for (const options of [{ url: "x", bytes: new Uint8Array(8) }, { registry: {} }]) await assert.rejects(init(options), { code: "VP0903", message: /url, module and bytes/ });
  opened.dispose();
});

test("no message of a wrong argument or file speaks of the machinery", async () => {
  const machinery = /serde|untagged|struct |enum |line 1 column|wasm_bindgen|RuntimeError|panicked|unwrap|at position|JSON/;
  const wrong = [null, 5, true, "x", [], {}, [[]], [null], { a: 1 }, () => {}, Symbol("s"), 5n, Number.NaN];
  const manifest = '[package]\nname = "p/one"\nversion = "1.0.0"\nlicense = "MIT"\ndescription = "x"\n';
  const members = ["keys", "authorised", "package", "version", "kind", "target", "registry", "tree", "registryAt", "trustRoot", "memory", "index"];
  const rules = ["registry", "registries", "indexKeys", "paths", "lock", "update", "precise", "now", "minAge", "exempt", "targets", "features"];
  const calls = wrong.flatMap((value) => [
    () => verify(value), () => verify(good, value), () => verify(good, {}, value), () => open(value), () => open(good, value), () => openRelease(value),
    () => parseManifest(value), () => parsePublicKey(value), () => resolve(value, {}), () => resolve(manifest, value), () => resolve(manifest, {}, value),
    ...members.map((member) => () => verify(good, { [member]: value })),
    ...rules.map((rule) => () => resolve(manifest, {}, { [rule]: value })),
  ]);
  for (const call of calls) {
    await (async () => call())().catch((error) => {
      assert.ok(error instanceof VitteError, `${call}: ${error?.stack}`);
      assert.doesNotMatch(`${error.message} ${error.diagnostic.help}`, machinery, `${call}`);
    });
  }
});

test("a source that is none, or cannot be read, is named with a way out", async () => {
  const locked = new Blob([good]).stream();
  locked.getReader();
  for (const [source, code, words] of [
    [5, "VP0903", /number is not a source/], [null, "VP0903", /null is not a source/], [[good], "VP0903", /array is not a source/], [{}, "VP0903", /object/],
    ["/no/such/file.vitmod", "VP0903", /not an address/], [new URL("file:///etc/hostname"), "VP0903", /not an address/], ["", "VP0903", /not an address/],
    [locked, "VP0903", /locked/], [new Response("x"), "VP0903", /not a source/],
    [() => new ReadableStream({ start: (controller) => (controller.enqueue("text"), controller.close()) }), "VP0903", /Uint8Array/],
    ["http://127.0.0.1:9/", "VP0602", /cannot fetch/],
  ]) {
    const given = () => (typeof source === "function" ? source() : source);
    for (const call of [() => open(given()), () => verify(given(), keys()), () => verify(given(), { trustRoot: site.trustRoot })]) {
      await assert.rejects(call, (error) => {
        assert.ok(error instanceof VitteError, String(error.stack));
        assert.deepEqual([error.code, error.diagnostic.help.length > 0], [code, true], error.message);
        assert.match(error.message, words);
        return true;
      });
    }
  }
  const view = new DataView(good.buffer, good.byteOffset, good.byteLength);
  assert.equal((await verify(view, keys())).status, "verified");
  const own = new Error("mine");
  const failing = () => (async function* () { yield good.subarray(0, 200); throw own; })();
  await assert.rejects(verify(failing(), keys()), own);
  await assert.rejects(open(failing()), own);
});

/** A stream that sends the front of the package and then nothing. */
function stalled() {
  const seen = { cancelled: false };
  const stream = new ReadableStream({
    start: (controller) => controller.enqueue(good.slice(0, 300)),
    cancel: () => void (seen.cancelled = true),
  });
  return { stream, seen };
}

test("a signal ends whatever is waited for, with its reason", async () => {
  const reason = new Error("enough");
  const endless = async function* () {
    yield good.slice(0, 300);
    await new Promise(() => {});
  };
  const waiting = {
    "verify an address": (options) => verify(stalling.address, keys(), options),
    "verify an address that is silent": (options) => verify(`${stalling.address}silent`, keys(), options),
    "open an address": (options) => open(stalling.address, options),
    "verify a stream": (options) => verify(stalled().stream, keys(), options),
    "open a stream": (options) => open(stalled().stream, options),
    "verify an iterable": (options) => verify(endless(), keys(), options),
    "ask a registry": (options) => openRelease(byRegistry({ registryAt: `${stalling.address}silent/` }), options),
    "verify by a registry": (options) => verify(good, byRegistry({ registryAt: `${stalling.address}silent/` }), options),
    "resolve": (options) => resolve('[package]\nname = "p/one"\nversion = "1.0.0"\nlicense = "MIT"\ndescription = "x"\n\n[dependencies]\n"a/b" = "1"\n', () => new Promise(() => {}), { registry: "registry.example/", ...options }),
  };
  for (const [name, call] of Object.entries(waiting)) {
    const controller = new AbortController();
    const outcome = call({ signal: controller.signal });
    // Whether it is aborted before or while it waits, the outcome is the same.
    setImmediate(() => setImmediate(() => controller.abort(reason)));
    await assert.rejects(outcome, (error) => error === reason, name);
    await assert.rejects(call({ signal: AbortSignal.abort(reason) }), (error) => error === reason, `${name}, aborted before`);
  }
  const { stream, seen } = stalled();
  const controller = new AbortController();
  const verifying = verify(stream, keys(), { signal: controller.signal });
  controller.abort();
  await assert.rejects(verifying, { name: "AbortError" });
  await new Promise(setImmediate);
  assert.ok(!stream.locked || seen.cancelled);
  const opened = await open(good);
  await assert.rejects(opened.read("vitte.toml", { signal: AbortSignal.abort(reason) }), reason);
  await assert.rejects(opened.diff(opened, { signal: AbortSignal.abort(reason) }), reason);
  // What was ended leaves it usable.
  assert.equal((await opened.verify(keys())).status, "verified");
  opened.dispose();
});

test("a server that says nothing any more is given up after the limit", async () => {
  const timeout = 60;
  for (const [name, call] of Object.entries({
    "before it answered": () => verify(`${stalling.address}silent`, keys(), { timeout }),
    "in the middle": () => verify(stalling.address, keys(), { timeout }),
    "opened": () => open(stalling.address, { timeout }),
    "a registry": () => openRelease(byRegistry({ registryAt: `${stalling.address}silent/` }), { timeout }),
  })) {
    await assert.rejects(call, (error) => {
      assert.ok(error instanceof VitteError, name);
      assert.deepEqual([error.code, error.failedIn], ["VP0603", undefined], `${name}: ${error.message}`);
      assert.match(error.message, /nothing came from http.* for 0.06 s/);
      return true;
    });
  }
});

test("progress is told everywhere, and what it throws ends the call", async () => {
  const stop = new Error("stop");
  const opened = await open(good);
  const calls = {
    verify: (options) => verify(good, keys(), options),
    "verify by a registry": (options) => verify(new Uint8Array(readFileSync(site.archive("1.0.0"))), byRegistry(), options),
    open: (options) => open(good, options),
    read: (options) => opened.read("src/main.vit", options),
    diff: (options) => opened.diff(opened, options),
  };
  for (const [name, call] of Object.entries(calls)) {
    const heard = [];
    await call({ progress: (done, total) => heard.push([done, total]) });
    assert.ok(heard.length > 0 && heard.every(([done, total]) => Number.isInteger(done) && (total === undefined || done <= total)), `${name}: ${heard}`);
    await assert.rejects(call({ progress: () => { throw stop; } }), (error) => error === stop, name);
  }
  opened.dispose();
});

test("`using` disposes of a package", async () => {
  const opened = await open(good);
  opened[Symbol.dispose]();
  for (const use of [() => opened.files(), () => opened.manifest, () => opened.stapled]) assert.throws(use, { code: "VP0904" });
  for (const use of [() => opened.read("vitte.toml"), () => opened.verify(keys()), () => opened.diff(opened)]) await assert.rejects(use, { code: "VP0904" });
});
