// Digests computed beside the module: the same reports as without, and no pass for a wrong one.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, test } from "node:test";
import { digests, setDigests } from "../digests.js";
import { init, verify } from "../index.node.js";
import { binary } from "./fixture.mjs";

const folder = new URL("../../../tests/cases/archives/", import.meta.url);
const { keys, cases } = JSON.parse(readFileSync(new URL("cases.json", folder)));
const pem = (name) => `-----BEGIN PUBLIC KEY-----\n${keys[name]}\n-----END PUBLIC KEY-----\n`;

const sha256 = async (bytes) => new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
const node = digests();
/** Every way there is: nothing beside the module, a browser (for all contents, and as it is), and Node. */
const ways = {
  module: undefined,
  browser: { digest: sha256, least: 8 * 1024, later: 0 },
  "browser for everything": { digest: sha256, least: 0, later: 0 },
  node,
  "node for everything": { ...node, least: 0, later: 0 },
};
afterEach(() => setDigests(node));

let place, big;

/** A package of several frames: a file that spans three of them, one that spans two, and small ones. */
before(async () => {
  await init();
  place = mkdtempSync(join(tmpdir(), "vitte-digests-"));
  const run = (...args) => execFileSync(binary(), args, { env: { ...process.env, VITTE_HOME: join(place, "home"), CI: "1" } });
  mkdirSync(join(place, "big/src"), { recursive: true });
  writeFileSync(join(place, "big/vitte.toml"), '[package]\nname = "demo/big"\nversion = "1.0.0"\nlicense = "MIT"\ndescription = "Spans frames"\n');
  for (const [name, length] of [["a", 17 << 20], ["b", 9 << 20], ["c", 100_000], ["d", 10], ["e", 0]]) {
    writeFileSync(join(place, `big/src/${name}.vit`), Buffer.alloc(length, `${name} line\n`));
  }
  run("key", "generate", "--name", "demo");
  run("build", "--manifest", join(place, "big/vitte.toml"), "--out", place, "--kind", "mod");
  run("sign", join(place, "big-1.0.0.vitmod"), "--key", "demo");
  big = { bytes: new Uint8Array(readFileSync(join(place, "big-1.0.0.vitmod"))), key: readFileSync(join(place, "home/keys/demo.pub"), "utf8") };
});
after(() => rmSync(place, { recursive: true, force: true }));

const check = (source = big.bytes, progress) => verify(source, { keys: [big.key] }, { progress });

/** The report, or what was thrown, in full. */
async function outcome(work) {
  return work().catch((error) => ({ thrown: error.diagnostic ?? assert.fail(error) }));
}

async function inEveryWay(work, what, tried = Object.keys(ways)) {
  const outcomes = {};
  for (const way of tried) {
    setDigests(ways[way]);
    outcomes[way] = await outcome(work);
    assert.deepEqual(outcomes[way], outcomes.module, `${what}, digested by ${way}`);
  }
  return outcomes.module;
}

async function* pieces(bytes, length) {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
}

function policy({ expect = {}, policy: given }) {
  if (given?.chain) return { ...expect, authorised: { ...given.chain, keys: given.chain.keys.map(pem) } };
  const trusted = given?.trust ?? [{ key: "release", for: "demo/*" }];
  return { ...expect, keys: trusted.map((entry) => ({ key: pem(entry.key), for: entry.for })) };
}

test("every hostile archive gets the same report, whoever digests", async () => {
  assert.ok(cases.length >= 170, `${cases.length} cases`);
  for (const entry of cases) {
    const bytes = new Uint8Array(readFileSync(new URL(`${entry.name}.vitpkg`, folder)));
    await inEveryWay(() => verify(bytes, policy(entry)), entry.name);
    await inEveryWay(() => verify(pieces(bytes, 100), policy(entry)), `${entry.name} as a stream`);
  }
});

test("every flipped byte gets the same report, whoever digests", async () => {
  const [good] = cases;
  const bytes = new Uint8Array(readFileSync(new URL(`${good.name}.vitpkg`, folder)));
  for (let at = 0; at < bytes.length; at += 1) {
    const flipped = bytes.slice();
    flipped[at] ^= 1 << at % 8;
    await inEveryWay(() => verify(flipped, policy(good)), `byte ${at}`, ["module", "browser for everything", "node for everything"]);
  }
});

test("files that span frames get the same report, whoever digests", async () => {
  const whole = await inEveryWay(() => check(), "as it is");
  assert.equal(whole.status, "verified");
  const { bytes } = big;
  // In the stored bytes of the frames, and behind them.
  for (const share of [0.3, 0.5, 0.7, 0.9, 1]) {
    const flipped = bytes.slice();
    flipped[Math.round((bytes.length - 1) * share)] ^= 1;
    const { status, thrown } = await inEveryWay(() => check(flipped), `flipped at ${share}`);
    assert.ok(status === "tampered" || thrown, share);
  }
  const { thrown } = await inEveryWay(() => check(pieces(bytes.subarray(0, -20), 65536)), "cut");
  assert.equal(thrown.class, "archive-length");
});

test("a wrong digest is never a pass, and is told as what it is about", async () => {
  const flip = async (digest) => Uint8Array.from(await digest, (byte, at) => (at === 7 ? byte ^ 1 : byte));
  const honest = ways["browser for everything"];
  let calls = 0;
  setDigests({ ...honest, digest: (bytes) => (calls += 1, sha256(bytes)) });
  assert.equal((await check()).status, "verified");
  const all = calls;
  assert.ok(all >= 10, `${all} digests`);
  const seen = new Set();
  for (let lie = 0; lie < all; lie += 1) {
    let call = 0;
    setDigests({ ...honest, digest: (bytes) => (call++ === lie ? flip(sha256(bytes)) : sha256(bytes)) });
    const { status, reason } = await check();
    assert.equal(status, "tampered", `digest ${lie}`);
    seen.add(reason.class);
  }
  assert.deepEqual([...seen].sort(), ["file-digest", "frame-digest"]);
  for (const forged of [new Uint8Array(), new Uint8Array(31), new Uint8Array(32)]) {
    setDigests({ ...honest, digest: async () => forged });
    const { status } = await outcome(check);
    assert.notEqual(status, "verified", `${forged.length} bytes`);
  }
});

test("a digest that cannot be computed is thrown, and one that nobody waits for is not", async () => {
  setDigests({ ...ways.browser, digest: async () => { throw new Error("no memory"); } });
  await assert.rejects(check(), (error) => error.code === "VP1001" && /no memory/.test(error.message));
  const unheard = [];
  process.on("unhandledRejection", (error) => unheard.push(error));
  const stop = new Error("stop");
  await assert.rejects(check(pieces(big.bytes, 500), () => { throw stop; }), stop);
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.deepEqual(unheard, []);
});

test("progress never goes back, and ends with all of it", async () => {
  for (const given of Object.values(ways)) {
    setDigests(given);
    const heard = [];
    await check(pieces(big.bytes, 10_000), (done) => heard.push(done));
    assert.deepEqual(heard, heard.toSorted((a, b) => a - b));
    assert.equal(heard.at(-1), big.bytes.length);
  }
});
