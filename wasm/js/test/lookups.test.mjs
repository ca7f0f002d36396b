// Asking a registry: a resolution over its index by its trust root, and proofs that are checked by themselves.
import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, beforeEach, test } from "node:test";
import { checkProof, init, resolve, VitteError } from "../index.node.js";
import { makeSite, serve } from "./registry.mjs";

let site, served;
before(async () => {
  await init();
  site = makeSite();
  site.publish("1.1.0");
  served = await serve(site.registry);
});
after(() => {
  served?.close();
  site?.dispose();
});
beforeEach(() => {
  served.root = site.registry;
});

const manifest = (needs) => `[package]\nname = "demo/app"\nversion = "0.1.0"\nlicense = "MIT"\ndescription = "x"\n\n[lib]\npath = "src/lib.vit"\n\n[dependencies]\n${needs}\n`;
const at = (more) => ({ registryAt: served.address, trustRoot: site.trustRoot, ...more });

test("a registry is all that a resolution needs", async () => {
  const found = await resolve(manifest('"demo/hello" = "^1"'), at());
  assert.equal(found.status, "solved");
  assert.deepEqual(found.packages.map(({ name, version }) => `${name} ${version}`), ["demo/app 0.1.0", "demo/hello 1.1.0"]);
  assert.match(found.lock, /demo\/hello/);
  assert.equal(found.packages[1].registry, readFileSync(join(site.registry, "config.json"), "utf8").match(/"registry": ?"([^"]+)"/)[1]);
  const none = await resolve(manifest('"demo/nothing" = "1"'), at());
  assert.deepEqual([none.status, none.reason.code], ["no-solution", "VP0606"]);
  // The terminal chooses the same.
  const project = join(site.folder, "app");
  mkdirSync(join(project, "src"), { recursive: true });
  writeFileSync(join(project, "vitte.toml"), manifest('"demo/hello" = "^1"'));
  writeFileSync(join(project, "src/lib.vit"), "");
  site.run("lock", "--manifest", join(project, "vitte.toml"), "--registry", site.registry);
  const locked = readFileSync(join(project, "vitte.lock"), "utf8").match(/version = "[^"]+"/g);
  assert.deepEqual(found.lock.match(/version = "[^"]+"/g), locked);
});

test("what was seen of the registry is remembered, and held against it the next time", async () => {
  const kept = new Map();
  const memory = { read: async (key) => kept.get(key), update: async (key, merge) => void kept.set(key, merge(kept.get(key)) ?? kept.get(key)) };
  const older = site.copy("older");
  site.publish("1.2.0");
  assert.equal((await resolve(manifest('"demo/hello" = "^1"'), at({ memory }))).packages[1].version, "1.2.0");
  assert.equal(kept.size, 1);
  served.root = older.registry;
  const before = Buffer.from([...kept.values()][0]).toString();
  await assert.rejects(resolve(manifest('"demo/hello" = "^1"'), at({ memory })), (error) => error instanceof VitteError && error.failedIn === "registry");
  assert.equal(Buffer.from([...kept.values()][0]).toString(), before);
});

test("an altered registry, another root or none is thrown, and says where it failed", async () => {
  const source = manifest('"demo/hello" = "^1"');
  const altered = site.copy("altered");
  served.root = altered.registry;
  const file = join(altered.registry, "index/demo/hello");
  writeFileSync(file, readFileSync(file, "utf8").replace('"files":2', '"files":3'));
  await assert.rejects(resolve(source, at()), { code: "VP0531", failedIn: "registry" });
  served.root = site.registry;
  await assert.rejects(resolve(source, at({ trustRoot: "0".repeat(64) })), { code: "VP0534", failedIn: "registry" });
  await assert.rejects(resolve(source, at({ registryAt: "http://127.0.0.1:9/" })), (error) => error.code === "VP0602" && error.failedIn === undefined);
  for (const wrong of [{ registryAt: served.address }, at({ trustRoot: 5 }), at({ more: 1 }), at({ memory: {} })]) await assert.rejects(resolve(source, wrong), { code: "VP0903" });
  await assert.rejects(resolve(source, at(), { registries: { demo: "other.example/" } }), { code: "VP0903", message: /other\.example/ });
  const reason = new Error("enough");
  await assert.rejects(resolve(source, at(), { signal: AbortSignal.abort(reason) }), reason);
});

/** The proof of an entry that the registry keeps beside a release. */
function proofOf(copy) {
  const folder = copy.registry;
  const found = readdirSync(folder, { recursive: true }).find((path) => path.endsWith(".tlog-proof"));
  return found ? readFileSync(join(folder, found)) : undefined;
}

test("a proof leads to its entry by key, by policy and by trust root, and no altered one does", async () => {
  const proof = proofOf(site) ?? assert.fail("the registry has no proof");
  const root = JSON.parse(Buffer.from(JSON.parse(readFileSync(join(site.registry, "trust/1.json"))).payload, "base64"));
  const logPolicy = root.log_policy;
  const logKey = /^log (\S+)/m.exec(logPolicy)[1];
  for (const by of [{ logKey }, { logPolicy }, at()]) {
    for (const given of [proof, new Uint8Array(proof), proof.toString()]) {
      const heard = [];
      const found = await checkProof(given, by, { progress: (...done) => heard.push(done) });
      assert.equal(found.status, "proved", JSON.stringify(found));
      assert.ok(found.index < found.size && /^[0-9a-f]{64}$/.test(found.root) && found.entry.length > 0 && heard.length === 1);
      assert.deepEqual(found.witnesses, []);
      assert.match(found.origin, /local\//);
    }
  }
  let refused = 0;
  for (let at = 0; at < proof.length; at += 3) {
    const altered = Buffer.from(proof);
    altered[at] ^= 1;
    const found = await checkProof(altered, { logKey });
    if (found.status === "proved") continue;
    assert.match(found.reason.code, /^VP05/);
    refused += 1;
  }
  assert.equal(refused, Math.ceil(proof.length / 3));
  const other = makeSite();
  try {
    const foreign = JSON.parse(Buffer.from(JSON.parse(readFileSync(join(other.registry, "trust/1.json"))).payload, "base64")).log_policy;
    assert.equal((await checkProof(proof, { logPolicy: foreign })).status, "refused");
  } finally {
    other.dispose();
  }
  for (const wrong of [{}, { logKey, logPolicy }, { registryAt: served.address }, { logKey, trustRoot: "0" }, 5, undefined, { logKey: 5 }, { nonsense: 1 }]) {
    await assert.rejects(checkProof(proof, wrong), { code: "VP0903" });
  }
  await assert.rejects(checkProof(5, { logKey }), { code: "VP0903" });
  await assert.rejects(checkProof(proof, { logKey: "not a key" }), VitteError);
});
