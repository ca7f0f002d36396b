// Every altered archive has the same class and code here as in the terminal, from an array and from a Blob, whether it
// is verified at once or opened first.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { init, open, verify, VitteError } from "../index.node.js";
import { makeFixture } from "./fixture.mjs";
import { judgedByTerminal, mutations } from "./mutations.mjs";

let fixture, judged;
before(async () => {
  await init();
  fixture = makeFixture();
  const [signed, many] = [fixture.signed, fixture.many].map((path) => new Uint8Array(readFileSync(path)));
  judged = await judgedByTerminal(mutations(signed, many), join(fixture.folder, "altered"), join(fixture.folder, "home"), "--key", "demo");
});
after(() => fixture?.dispose());

const policy = () => ({ keys: [fixture.key] });

/** The outcome as the terminal's exit code, class, code and status. Whatever is thrown must be a VitteError. */
async function outcome(checking) {
  try {
    const { status, reason } = await checking;
    return { exit: status === "verified" ? 0 : 5, code: reason?.code ?? null, class: reason?.class ?? null, status };
  } catch (error) {
    assert.ok(error instanceof VitteError, error);
    assert.equal(error.failedIn, "archive", error.message);
    return { exit: exits(error.code), code: error.code, class: error.diagnostic.class, status: null };
  }
}
const table = JSON.parse(readFileSync(new URL("../../pkg/words.json", import.meta.url))).codes;
const exits = (code) => table.find((entry) => entry.code === code).exit;

/** Opened, then verified: also an archive that was altered where its files are listed. */
async function openedFirst(source, wanted) {
  const found = await open(source);
  try {
    return await found.verify(wanted);
  } finally {
    found.dispose();
  }
}

test("there are enough of them, of every kind", () => {
  assert.ok(judged.length >= 300, `${judged.length} mutations`);
  const by = (exit) => judged.filter(({ said }) => said.exit === exit).length;
  assert.ok(by(5) >= 150 && by(3) >= 20, `${by(5)} end with 5, ${by(3)} with 3`);
  assert.ok(new Set(judged.map(({ said }) => said.code)).size >= 8);
});

test("an altered archive is what the terminal says it is, from an array and from a Blob", async () => {
  for (const { name, bytes, said } of judged) {
    assert.deepEqual(await outcome(verify(bytes, policy())), said, `${name}, array`);
    assert.deepEqual(await outcome(verify(new Blob([bytes]), policy())), said, `${name}, Blob`);
  }
});

/** Serves each of the altered archives by its number, in ranges under /range/ and whole under /whole/. */
async function serveAll() {
  const server = createServer((request, response) => {
    const [, way, number] = request.url.split("/");
    const { bytes } = judged[Number(number)];
    const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "") ?? [];
    if (way === "whole" || from === undefined) return response.writeHead(200).end(bytes);
    if (Number(from) >= bytes.length) return response.writeHead(416, { "content-range": `bytes */${bytes.length}` }).end();
    const part = bytes.subarray(Number(from), Number(to) + 1);
    return response.writeHead(206, { "content-range": `bytes ${from}-${Number(from) + part.length - 1}/${bytes.length}` }).end(part);
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  return { address: `http://127.0.0.1:${server.address().port}`, close: () => (server.close(), server.closeAllConnections()) };
}

test("an altered archive is the same from a stream, an iterable, and an address with and without ranges", async () => {
  const server = await serveAll();
  const cut = async function* (bytes, length) {
    for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
  };
  try {
    for (const [number, { name, bytes, said }] of judged.entries()) {
      const sources = {
        stream: () => new Blob([bytes]).stream(),
        iterable: () => cut(bytes, 1 + (number * 7) % 97),
        "address with ranges": () => `${server.address}/range/${number}`,
        "address without": () => `${server.address}/whole/${number}`,
      };
      for (const [kind, source] of Object.entries(sources)) {
        assert.deepEqual(await outcome(verify(source(), policy())), said, `${name}, ${kind}`);
        const got = await outcome(openedFirst(source(), policy()));
        if (["VP0208", "VP0216"].includes(said.code)) assert.deepEqual([got.exit, got.status], [3, null], `${name}, ${kind}, opened`);
        else assert.deepEqual(got, said, `${name}, ${kind}, opened`);
      }
    }
  } finally {
    server.close();
  }
});

test("an altered archive that is opened first is the same", async () => {
  for (const { name, bytes, said } of judged) {
    for (const source of [bytes, new Blob([bytes])]) {
      const got = await outcome(openedFirst(source, policy()));
      // What does not begin as a package may be another tool's archive, or none; either is no verdict.
      if (["VP0208", "VP0216"].includes(said.code)) assert.deepEqual([got.exit, got.status], [3, null], name);
      else assert.deepEqual(got, said, name);
    }
  }
});

test("an altered archive is tampered by a trust root too, exactly where the terminal ends with 5", async () => {
  const trustRoot = "1".repeat(64);
  for (const { name, bytes, said } of judged) {
    const got = await outcome(verify(bytes, { trustRoot }));
    // Without proofs nobody's signature counts, so none is checked: what is not altered otherwise is untrusted.
    if (said.class === "signature") assert.ok(["untrusted", "tampered"].includes(got.status), `${name}: ${got.status}`);
    else if (said.status === "tampered") assert.deepEqual(got, said, name);
    else if (said.status) assert.ok(["untrusted", "unsigned"].includes(got.status), `${name}: ${got.status}`);
    else assert.deepEqual(got, said, name);
  }
});
