// Streams that do not end, or come in the smallest pieces: no more of one is read than can be a package.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { gzipSync } from "node:zlib";
import { init, open, verify } from "../index.node.js";
import { Blocks } from "../source.js";
import { makeFixture } from "./fixture.mjs";

const MIB = 1024 * 1024;
/** What is kept of a stream, see index.d.ts. */
const LIMIT = 256 * MIB;
let fixture, good;
before(async () => {
  await init();
  fixture = makeFixture();
  good = new Uint8Array(readFileSync(fixture.signed));
});
after(() => fixture?.dispose());

/** A stream that begins with `first` and goes on with `piece` for ever: it counts what was taken, and whether it was ended. */
function endless(first, piece) {
  const taken = { bytes: 0, ended: false };
  const pieces = (async function* () {
    try {
      taken.bytes += first.length;
      if (first.length > 0) yield first;
      for (;;) {
        // Far beyond every limit there is no use in going on: the test has failed then.
        assert.ok(taken.bytes < 2 * LIMIT, "it is read without end");
        taken.bytes += piece.length;
        yield piece;
      }
    } finally {
      taken.ended = true;
    }
  })();
  return { pieces, taken };
}

test("t79: a stream that does not end is read no further than its package goes", async () => {
  for (const piece of [new Uint8Array(65536), Uint8Array.of(7)]) {
    const { pieces, taken } = endless(good, piece);
    const found = await open(pieces);
    assert.deepEqual([found.fault.code, (await found.verify()).status], ["VP0506", "tampered"]);
    assert.throws(() => found.files(), { code: "VP0506" });
    await assert.rejects(found.read("vitte.toml"), { code: "VP0506" });
    found.dispose();
    assert.ok(taken.ended && taken.bytes <= good.length + 2 * piece.length, `${taken.bytes} bytes were taken`);
  }
  // With a policy that needs the whole as well, and as a stream of the web.
  const { pieces, taken } = endless(good, new Uint8Array(65536));
  assert.equal((await verify(ReadableStream.from(pieces), { trustRoot: "0".repeat(64) })).reason.code, "VP0506");
  assert.ok(taken.ended && taken.bytes <= good.length + 2 * 65536, `${taken.bytes} bytes were taken`);
  const byKeys = endless(good, new Uint8Array(65536));
  assert.equal((await verify(byKeys.pieces, { keys: [fixture.key] })).reason.code, "VP0506");
  assert.ok(byKeys.taken.ended && byKeys.taken.bytes <= good.length + 2 * 65536);
});

test("t79: a front that is altered, or says more than is kept, ends the stream at once", async () => {
  const altered = good.slice();
  altered[140] ^= 1;
  const one = endless(altered, new Uint8Array(65536));
  const found = await open(one.pieces);
  assert.match(found.fault.code, /^VP05/);
  assert.equal((await found.verify({ keys: [fixture.key] })).status, "tampered");
  assert.ok(one.taken.ended && one.taken.bytes <= good.length + 4 * 65536, `${one.taken.bytes} bytes were taken`);
});

test("t79: of anything else that does not end, the limit is kept and no more", async () => {
  for (const [name, first] of [["gzip", gzipSync("x")], ["zeros", new Uint8Array(0)], ["text", Buffer.from("not a package ".repeat(10))]]) {
    const { pieces, taken } = endless(first, new Uint8Array(4 * MIB));
    await assert.rejects(open(pieces), { code: "VP0205" }, name);
    assert.ok(taken.ended && taken.bytes <= LIMIT + 8 * MIB, `${name}: ${taken.bytes} bytes were taken`);
  }
});

test("pieces of a byte cost no more than their bytes", async () => {
  const whole = new Uint8Array(2 * MIB).map((_, at) => at >> 3);
  const used = () => process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers;
  const before = used();
  const blocks = new Blocks();
  let most = 0;
  for (let at = 0; at < whole.length; at += 1) {
    blocks.push(whole.subarray(at, at + 1));
    if (at % 65536 === 0) most = Math.max(most, used() - before);
  }
  assert.equal(blocks.size, whole.length);
  assert.deepEqual(blocks.bytes(), whole);
  for (const [start, end] of [[0, 0], [0, 1], [16 * 1024 - 1, 16 * 1024 + 1], [5, whole.length - 5], [whole.length - 1, whole.length]]) {
    assert.deepEqual(blocks.bytes(start, end), whole.subarray(start, end));
  }
  // Kept as they come, the pieces would be more than 200 MiB.
  assert.ok(most < 100 * MIB, `${most} bytes were in use`);
});

test("a stream that ends is opened, however it is cut", async () => {
  for (const length of [1, 7, 63, 64, 65, 1000, good.length]) {
    const pieces = (async function* () {
      for (let at = 0; at < good.length; at += length) yield good.subarray(at, at + length);
    })();
    const found = await open(pieces);
    assert.equal((await found.verify({ keys: [fixture.key] })).status, "verified", `pieces of ${length}`);
    found.dispose();
  }
});
