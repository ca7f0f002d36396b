// What a registry says about a release, asked over HTTP: the registry is made by the real command line.
import assert from "node:assert/strict";
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { after, before, beforeEach, test } from "node:test";
import { init, open, openRelease, verify, VitteError } from "../index.node.js";
import { makeSite, serve } from "./registry.mjs";

let site, older, served;
before(async () => {
  await init();
  site = makeSite();
  older = site.copy("older");
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

function makeMemory() {
  const kept = new Map();
  return {
    kept,
    read: async (registry) => kept.get(registry),
    update: async (registry, merge) => {
      const merged = merge(kept.get(registry));
      if (merged) kept.set(registry, merged);
    },
  };
}
const policy = (more) => ({ registryAt: served.address, trustRoot: site.trustRoot, package: "demo/hello", ...more });
const verdicts = (report) => Object.fromEntries(report.steps.map(({ id, verdict }) => [id, verdict]));
async function look(more) {
  const found = await openRelease(policy(more));
  const report = await found.verify(policy(more));
  found.dispose();
  return report;
}
test("the newest release is proved from its log and verified to the last byte", async () => {
  const report = await look();
  assert.equal(report.status, "verified");
  assert.deepEqual([report.release.version, report.log.index, report.log.size, report.log.witnessed], ["1.1.0", 3, 4, false]);
  const found = verdicts(report);
  for (const id of ["trust-root", "checkpoint", "index", "entry", "authority", "signature", "key", "registry", "frames", "files", "end"]) {
    assert.equal(found[id], "passed", id);
  }
  // Nothing was seen before.
  assert.equal(found.continuity, "not-asked");
  assert.equal((await look({ version: "1.0.0" })).release.version, "1.0.0");
});

test("a file from anywhere is held against the registry by its identity", async () => {
  const bytes = new Uint8Array(readFileSync(site.archive("1.0.0")));
  const report = await verify(bytes, policy({ package: undefined }));
  assert.deepEqual([report.status, report.log.index], ["verified", 2]);
  await assert.rejects(verify(bytes, policy({ version: "1.1.0" })), { code: "VP0606" });
  await assert.rejects(verify(bytes, policy({ package: "demo/other" })), { code: "VP0606" });
  assert.equal((await verify(bytes, policy({ registry: "other.example/" }))).reason.class, "registry-mismatch");
});

test("a second look continues the first, and asks for little", async () => {
  const memory = makeMemory();
  served.root = older.registry;
  assert.equal((await look({ memory })).log.size, 3);
  served.root = site.registry;
  served.requests.length = 0;
  const report = await look({ memory });
  assert.deepEqual([report.status, report.log.size, verdicts(report).continuity], ["verified", 4, "passed"]);
  assert.ok(served.requests.length <= 9, served.requests.join("\n"));
});

test("an older copy of a registry proves nothing, and nothing of it is remembered", async () => {
  const memory = makeMemory();
  await look({ memory });
  const before = [...memory.kept.values()];
  served.root = older.registry;
  await assert.rejects(look({ memory }), (error) => {
    assert.equal(error.code, "VP0605");
    assert.match(error.message, /older than what you have seen \(3 of 4 entries\)/);
    return true;
  });
  assert.deepEqual([...memory.kept.values()], before);
  // Files that are not there, in whatever way a store says so.
  const partial = site.copy("partial");
  served.root = partial.registry;
  rmSync(join(partial.registry, "index/demo/hello"));
  await assert.rejects(look({ memory }), { code: "VP0605" });
  assert.deepEqual([...memory.kept.values()], before);
});

test("a store that may not be listed serves a registry, a page in the place of a file does not", async () => {
  for (const [status, body, code] of [
    [403, "<Error><Code>AccessDenied</Code></Error>", undefined],
    [200, "<!DOCTYPE html>\n<title>Sign in</title>", "VP0602"],
  ]) {
    const server = createServer((request, response) => {
      const file = join(site.registry, request.url);
      return existsSync(file)
        ? response.writeHead(200).end(readFileSync(file))
        : response.writeHead(status, { "content-type": "text/html" }).end(body);
    });
    await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
    const looked = look({ registryAt: `http://127.0.0.1:${server.address().port}/` });
    try {
      if (code) await assert.rejects(looked, { code, message: /web page/ });
      else assert.equal((await looked).status, "verified");
    } finally {
      server.close();
      server.closeAllConnections();
    }
  }
});

test("two logs of one size are a split view, with both checkpoints as evidence", async () => {
  const memory = makeMemory();
  await look({ memory });
  const other = older.copy("other");
  other.publish("1.2.0");
  served.root = other.registry;
  const report = await look({ memory });
  assert.deepEqual([report.status, report.reason.class], ["tampered", "split-view"]);
  const { before, now } = report.reason.data;
  assert.match(before, /\n4\n/);
  assert.match(now, /\n4\n/);
  assert.notEqual(before, now);
  // Who looks for the first time sees nothing wrong: that is what comparing is for.
  assert.equal((await look({ memory: makeMemory() })).status, "verified");
});

test("an altered index, archive or trust root is refused", async () => {
  const altered = site.copy("altered");
  served.root = altered.registry;
  const change = (path, edit) => {
    const file = join(altered.registry, path);
    const bytes = readFileSync(file);
    writeFileSync(file, edit(Buffer.from(bytes)));
    return () => writeFileSync(file, bytes);
  };
  const flip = (at) => (bytes) => {
    bytes[bytes.length + at] ^= 1;
    return bytes;
  };
  for (const [path, edit, status, kind] of [
    ["index/demo/hello", (bytes) => Buffer.from(bytes.toString().replace('"files":2', '"files":3')), "tampered", "index-signature"],
    ["log/checkpoint", flip(-10), "tampered", "note"],
    ["ns/demo.jsonl", (bytes) => Buffer.from(bytes.toString().replace('"log":1', '"log":2')), "tampered", "leaf"],
    ["log/tile/0/000.p/4", flip(-1), "tampered", "inclusion"],
    ["log/tile/entries/000.p/4", flip(-3), "tampered", "inclusion"],
    ["trust/1.json", flip(-3), "tampered", "trust-root"],
    ["p/demo/hello/1.1.0/hello-1.1.0.vitmod", flip(-40), "tampered", "frame-digest"],
  ]) {
    const restore = change(path, edit);
    const report = await look();
    const failedIn = path.startsWith("p/") ? "archive" : "registry";
    assert.deepEqual([report.status, report.reason.class, report.failedIn], [status, kind, failedIn], path);
    restore();
  }
  assert.equal((await look()).status, "verified");
});

test("without the author's signatures it is nobody's word, whatever the registry says", async () => {
  const stripped = site.copy("stripped");
  served.root = stripped.registry;
  // What was built before it was signed: the same content.
  copyFileSync(join(site.folder, "hello-1.1.0/hello-1.1.0.vitmod"), stripped.archive("1.1.0"));
  const report = await look();
  assert.deepEqual([report.status, report.reason.class], ["unsigned", "unsigned"]);
});

test("files that config.json says are elsewhere are asked for there", async () => {
  const front = join(site.folder, "front");
  mkdirSync(front);
  const config = JSON.parse(readFileSync(join(site.registry, "config.json"), "utf8"));
  const place = (member) => `${served.address}${config[member]}`;
  const moved = { ...config, ...Object.fromEntries(["index", "ns", "log", "trust", "dl"].map((member) => [member, place(member)])) };
  writeFileSync(join(front, "config.json"), JSON.stringify(moved));
  const address = await serve(front);
  try {
    assert.equal((await look({ registryAt: address.address })).status, "verified");
    assert.deepEqual(address.requests, ["/config.json"]);
    writeFileSync(join(front, "config.json"), JSON.stringify({ ...config, log: "../log/" }));
    await assert.rejects(look({ registryAt: address.address }), (error) => error instanceof VitteError);
  } finally {
    address.close();
  }
});

test("what cannot be asked is an error, not a verdict", async () => {
  await assert.rejects(look({ package: "demo/nothing" }), { code: "VP0606", failedIn: "registry" });
  await assert.rejects(look({ package: "not a name" }), (error) => error instanceof VitteError && error.failedIn === undefined);
  await assert.rejects(look({ version: "9.0.0" }), { code: "VP0606" });
  const unknown = await look({ trustRoot: undefined }).catch((error) => error);
  assert.ok(unknown instanceof VitteError);
  assert.deepEqual([unknown.code, unknown.diagnostic.data.offered], ["VP0536", site.trustRoot]);
  await assert.rejects(look({ registryAt: `${served.address}nowhere/` }), { code: "VP0610" });
  await assert.rejects(look({ registryAt: "http://127.0.0.1:9/" }), (error) => error.code === "VP0602" && error.failedIn === undefined);
  await assert.rejects(look({ trustRoot: "12" }), (error) => error instanceof VitteError);
  assert.equal((await look({ trustRoot: "0".repeat(64) })).reason.class, "trust-root");
  rmSync(join(older.registry, "log/checkpoint"));
  served.root = older.registry;
  await assert.rejects(look(), { code: "VP0610" });
});

test("stapled proofs are enough without the registry, and only for what they prove", async () => {
  const file = join(site.folder, "stapled.vitmod");
  copyFileSync(site.archive("1.0.0"), file);
  site.run("staple", file, "--registry", site.registry);
  const bytes = new Uint8Array(readFileSync(file));
  const offline = (more, source = bytes) => verify(source, { trustRoot: site.trustRoot, ...more });
  const found = await open(bytes);
  assert.equal(found.stapled, true);
  found.dispose();
  const report = await offline();
  assert.deepEqual([report.status, report.log.index], ["verified", 2]);
  assert.deepEqual([verdicts(report).authority, verdicts(report).continuity], ["passed", "not-asked"]);
  assert.equal((await offline({ version: "1.0.1" })).status, "tampered");
  assert.equal((await offline({ trustRoot: "0".repeat(64) })).reason.class, "trust-root");
  const text = Buffer.from(bytes).toString("latin1");
  const altered = bytes.slice();
  altered[text.indexOf('"release":"c2sp.org/tlog-proof@v1') + 120] ^= 1;
  const outcome = await offline({}, altered).then(({ status }) => status, ({ code }) => code);
  assert.match(outcome, /^(tampered|VP02\d\d|VP05\d\d)$/);
});

test("t80: a release that was opened by one policy is verified by that one, or anew by another, and never by none", async () => {
  const memory = makeMemory();
  const found = await openRelease(policy({ version: "1.0.0", memory }));
  try {
    const tree = found.contents().tree;
    const by = (more) => found.verify(more).then(({ status }) => status, ({ code }) => code);
    // The same, all of it or what differs from it: nothing.
    for (const same of [undefined, {}, policy({ version: "1.0.0", memory }), { version: "1.0.0" }, { tree }, { package: "demo/hello" }]) {
      assert.equal(await by(same), "verified", JSON.stringify(same));
    }
    const kept = JSON.stringify([...memory.kept].map(([root, bytes]) => [root, Buffer.from(bytes).toString()]));
    assert.deepEqual([...memory.kept.keys()], [site.trustRoot]);
    for (const [other, outcome] of [
      [{ package: "demo/other" }, "VP0606"], [{ version: "1.1.0" }, "VP0606"], [{ version: "9.9.9" }, "VP0606"],
      [{ kind: "vitpkg" }, "VP0606"], [{ target: "x86_64-unknown-linux-gnu" }, "VP0606"],
      [{ tree: `vp1-sha256:${"0".repeat(64)}` }, "VP0606"],
      [{ registry: "other.example/" }, "tampered"], [{ trustRoot: "0".repeat(64) }, "tampered"],
      [{ registryAt: "http://127.0.0.1:9/" }, "VP0602"], [{ registryAt: "no address" }, "VP0903"],
      // By keys alone, it is theirs to say.
      [{ keys: [] }, "untrusted"],
      [{ index: `sha256:${"0".repeat(64)}` }, "VP0903"], [{ authorised: { package: "demo/hello", keys: [], threshold: 1 } }, "VP0903"],
      [{ head: `sha256:${"0".repeat(64)}` }, "VP0903"], [{ vresion: "1.0.0" }, "VP0903"],
    ]) {
      // As it is, and on top of what it was opened by.
      assert.equal(await by(other), outcome, JSON.stringify(other));
      if (!other.keys) assert.equal(await by(policy({ version: "1.0.0", memory, ...other })), outcome, JSON.stringify(other));
    }
    // Nothing of all this was remembered, under any root.
    assert.equal(JSON.stringify([...memory.kept].map(([root, bytes]) => [root, Buffer.from(bytes).toString()])), kept);
    // Another memory is one that has seen nothing: it is asked anew, and gets what was proved under this root.
    const second = makeMemory();
    assert.equal(await by(policy({ version: "1.0.0", memory: second })), "verified");
    assert.deepEqual([...second.kept.keys()], [site.trustRoot]);
  } finally {
    found.dispose();
  }
  await assert.rejects(found.verify(), { code: "VP0904" });
  await assert.rejects(openRelease(policy({ index: `sha256:${"0".repeat(64)}` })), { code: "VP0903" });
});

test("t80: a memory of another trust root is refused, and left as it is", async () => {
  const other = makeSite();
  const server = await serve(other.registry);
  // Somebody who keeps one memory for all registries.
  let kept;
  const memory = {
    read: async () => kept,
    update: async (_, merge) => {
      kept = merge(kept) ?? kept;
    },
  };
  try {
    assert.equal((await look({ memory })).status, "verified");
    const before = Buffer.from(kept).toString();
    const elsewhere = { registryAt: server.address, trustRoot: other.trustRoot, memory };
    await assert.rejects(look(elsewhere), { code: "VP0507" });
    await assert.rejects(verify(new Uint8Array(readFileSync(other.archive("1.0.0"))), elsewhere), { code: "VP0507" });
    assert.equal(Buffer.from(kept).toString(), before);
    // Put there between reading and writing, it is not written over either.
    const late = { read: async () => undefined, update: async (_, merge) => assert.equal(merge(Buffer.from(before)), undefined) };
    assert.equal((await look({ ...elsewhere, memory: late })).status, "verified");
    assert.equal((await look({ memory })).status, "verified");
  } finally {
    server.close();
    other.dispose();
  }
});

test("a trust root without proofs is untrusted, whoever signed, and altered all the same", async () => {
  const bytes = new Uint8Array(readFileSync(site.archive("1.0.0")));
  const key = readFileSync(join(site.folder, "home/keys/demo.pub"), "utf8");
  for (const more of [{}, { package: "demo/hello", version: "1.0.0" }]) {
    const report = await verify(bytes, { trustRoot: site.trustRoot, ...more });
    assert.deepEqual([report.status, report.reason.code, verdicts(report).key], ["untrusted", "VP0529", "failed"]);
    assert.deepEqual([verdicts(report).frames, verdicts(report).files], ["passed", "passed"]);
    assert.match(report.reason.message, /no proof/);
  }
  const found = await open(bytes);
  assert.equal((await found.verify({ trustRoot: site.trustRoot })).reason.code, "VP0529");
  // Trust of two kinds is no policy: it is neither the weaker nor the stronger of the two.
  for (const both of [{ trustRoot: site.trustRoot, keys: [key] }, policy({ keys: [key] }), { keys: [key], memory: makeMemory() }, { trustRoot: site.trustRoot, memory: makeMemory() }]) {
    await assert.rejects(found.verify(both), { code: "VP0903" });
    await assert.rejects(verify(bytes, both), { code: "VP0903" });
  }
  found.dispose();
  assert.equal((await verify(bytes, { trustRoot: site.trustRoot, version: "1.0.1" })).status, "tampered");
  const flipped = bytes.slice();
  flipped[flipped.length - 40] ^= 1;
  assert.deepEqual((await verify(flipped, { trustRoot: site.trustRoot })).reason.class, "frame-digest");
  const unsigned = new Uint8Array(readFileSync(join(site.folder, "hello-1.0.0/hello-1.0.0.vitmod")));
  assert.equal((await verify(unsigned, { trustRoot: site.trustRoot })).status, "unsigned");
});

test("a release whose archive does not open is tampered, not something that could not be checked", async () => {
  const altered = site.copy("altered-front");
  served.root = altered.registry;
  const file = altered.archive("1.1.0");
  const good = readFileSync(file);
  let tampered = 0;
  for (let at = 20; at < 220; at += 5) {
    const bytes = Buffer.from(good);
    bytes[at] ^= 1;
    writeFileSync(file, bytes);
    const outcome = await look().catch((error) => error);
    if (outcome instanceof VitteError) {
      assert.match(outcome.code, /^VP02/, `byte ${at}`);
      continue;
    }
    const report = outcome;
    tampered += 1;
    assert.deepEqual([report.status, verdicts(report).entry], ["tampered", "passed"], `byte ${at}`);
  }
  assert.ok(tampered >= 20, `${tampered} are tampered`);
});

/** Serves the registry, but the archive as `answer` sends it: what a lying server does. */
async function lying(answer) {
  const server = createServer(async (request, response) => {
    const file = join(site.registry, request.url);
    if (request.url.startsWith("/p/")) return answer(response, readFileSync(file));
    return existsSync(file) ? response.writeHead(200).end(readFileSync(file)) : response.writeHead(404).end();
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { address: `http://127.0.0.1:${server.address().port}/`, close };
}

test("no more of an archive is taken than the index says it has", async () => {
  let sent = 0;
  const endless = (response) => {
    const more = () => {
      if (response.destroyed || sent > 64 * 1024 * 1024) return response.end();
      sent += 65536;
      return response.write(new Uint8Array(65536)) ? setImmediate(more) : response.once("drain", more);
    };
    more();
  };
  for (const [name, answer] of [
    ["a byte more", (response, file) => response.end(Buffer.concat([file, Buffer.of(0)]))],
    ["a byte more, its length not stated", (response, file) => {
      response.write(file);
      response.end(Buffer.of(0));
    }],
    ["a large length stated", (response, file) => response.writeHead(200, { "content-length": 1e12 }).write(file)],
    ["no end", endless],
  ]) {
    const server = await lying(answer);
    try {
      await assert.rejects(look({ registryAt: server.address }), { code: "VP0205" }, name);
    } finally {
      server.close();
    }
  }
  assert.ok(sent <= 16 * 1024 * 1024, `${sent} bytes were sent`);
  // Less than was promised: the connection ends early, which is no verdict either.
  const server = await lying((response, file) => {
    response.writeHead(200, { "content-length": file.length });
    response.write(file.subarray(1));
    setTimeout(() => response.destroy(), 50);
  });
  await assert.rejects(look({ registryAt: server.address }), { code: "VP0602" });
  server.close();
});

const trust = (copy, number) => join(copy.registry, `trust/${number}.json`);
const rotate = (copy, ...keys) => copy.run("registry", "rotate", copy.registry, ...keys, "--yes");

test("a rotated trust root is followed from the one that was seen, and remembered", async () => {
  const memory = makeMemory();
  const rotated = site.copy("rotated");
  served.root = rotated.registry;
  const trustRoot = site.trustRoot;
  assert.equal((await look({ trustRoot, memory })).status, "verified");
  rotate(rotated, "--root", "--log", "--index");
  rotated.publish("1.3.0");
  const report = await look({ trustRoot, memory });
  assert.deepEqual([report.status, report.release.version, verdicts(report).continuity], ["verified", "1.3.0", "passed"]);
  // The first trust root is enough to find the way anew, and the first look as well.
  assert.equal((await look({ trustRoot, memory: makeMemory() })).status, "verified");
  // Gone back to the registry before: its trust root was replaced.
  const kept = [...memory.kept.values()];
  served.root = site.registry;
  await assert.rejects(look({ trustRoot, memory }), { code: "VP0605" });
  assert.deepEqual([...memory.kept.values()], kept);
});

test("a trust root that the one before did not sign, or that skips one, is refused", async () => {
  const forged = site.copy("forged");
  const memory = makeMemory();
  served.root = forged.registry;
  const trustRoot = site.trustRoot;
  assert.equal((await look({ trustRoot, memory })).status, "verified");
  rotate(forged, "--root");
  const good = readFileSync(trust(forged, 2));
  const envelope = JSON.parse(good);
  assert.equal(envelope.signatures.length, 2);
  const kept = [...memory.kept.values()];
  const old = new Set(JSON.parse(readFileSync(trust(forged, 1))).signatures.map(({ keyid }) => keyid));
  for (const [name, signatures] of [
    ["the new key alone", envelope.signatures.filter(({ keyid }) => !old.has(keyid))],
    ["the old key alone", envelope.signatures.filter(({ keyid }) => old.has(keyid))],
  ]) {
    assert.equal(signatures.length, 1, name);
    writeFileSync(trust(forged, 2), JSON.stringify({ ...envelope, signatures }));
    const report = await look({ trustRoot, memory });
    assert.deepEqual([report.status, report.reason.class], ["untrusted", "threshold"], name);
    assert.equal(verdicts(report)["trust-root"], "failed", name);
  }
  writeFileSync(trust(forged, 2), good);
  assert.equal((await look({ trustRoot, memory: makeMemory() })).status, "verified");
  // The third in place of the second.
  rotate(forged, "--root");
  writeFileSync(trust(forged, 2), readFileSync(trust(forged, 3)));
  rmSync(trust(forged, 3));
  const report = await look({ trustRoot, memory });
  assert.deepEqual([report.status, report.reason.class], ["tampered", "trust-root-rollback"]);
  assert.deepEqual([...memory.kept.values()], kept);
});
