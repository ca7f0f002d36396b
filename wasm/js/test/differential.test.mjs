// One verdict everywhere: each altered archive, by each kind of trust, from each kind of source, against the terminal. More
// than 400 archives, since a difference shows in one in a hundred; which is why this takes longer than other tests.
import assert from "node:assert/strict";
import { copyFileSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { init, open, verify, VitteError } from "../index.node.js";
import { makeFixture } from "./fixture.mjs";
import { judgedByTerminal, mutations } from "./mutations.mjs";
import { makeSite, serve } from "./registry.mjs";

const table = JSON.parse(readFileSync(new URL("../../pkg/words.json", import.meta.url))).codes;
const exits = new Map(table.map(({ code, exit }) => [code, exit]));
const read = (path) => new Uint8Array(readFileSync(path));

let fixture, site, served, altered, archives;
before(async () => {
  await init();
  fixture = makeFixture();
  site = makeSite();
  served = await serve(site.registry);
  const stapled = join(site.folder, "stapled.vitmod");
  copyFileSync(site.archive("1.0.0"), stapled);
  site.run("staple", stapled, "--registry", site.registry);
  const other = read(fixture.many);
  archives = {
    keys: mutations(read(fixture.signed), other),
    registry: mutations(read(site.archive("1.0.0")), other),
    staples: mutations(read(stapled), other),
  };
  altered = { requests: 0, current: undefined };
  const server = createServer((request, response) => {
    altered.requests += 1;
    const { bytes } = archives[request.url.split("/")[2]][Number(request.url.split("/")[3])];
    const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "") ?? [];
    if (request.url.startsWith("/whole/") || from === undefined) return response.writeHead(200, { "content-length": bytes.length }).end(bytes);
    if (Number(from) >= bytes.length) return response.writeHead(416, { "content-range": `bytes */${bytes.length}` }).end();
    const part = bytes.subarray(Number(from), Number(to) + 1);
    return response.writeHead(206, { "content-range": `bytes ${from}-${Number(from) + part.length - 1}/${bytes.length}` }).end(part);
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  altered.address = `http://127.0.0.1:${server.address().port}`;
  altered.close = () => (server.close(), server.closeAllConnections());
});
after(() => {
  altered?.close();
  served?.close();
  site?.dispose();
  fixture?.dispose();
});

/** The outcome as the terminal says it: exit status, code, class and status. Whatever is thrown must be a VitteError. */
async function outcome(checking) {
  try {
    const { status, reason } = await checking();
    return { exit: status === "verified" ? 0 : 5, code: reason?.code ?? null, class: reason?.class ?? null, status };
  } catch (error) {
    assert.ok(error instanceof VitteError, error?.stack);
    assert.doesNotMatch(error.code, /^VP05/, `a code of class 05 was thrown: ${error.message}`);
    return { exit: exits.get(error.code), code: error.code, class: error.diagnostic.class, status: null };
  }
}

async function* pieces(bytes, length) {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
}

/** Every way that bytes come in. */
const sources = (kind, number, bytes) => ({
  bytes: () => bytes,
  Blob: () => new Blob([bytes]),
  stream: () => new Blob([bytes]).stream(),
  iterable: () => pieces(bytes, 1 + (number * 7) % 97),
  "address with ranges": () => `${altered.address}/range/${kind}/${number}`,
  "address without": () => `${altered.address}/whole/${kind}/${number}`,
});

/** Opened first, then verified. */
async function openedFirst(source, policy) {
  const found = await open(source);
  try {
    return await found.verify(policy);
  } finally {
    found.dispose();
  }
}

const policies = {
  keys: () => ({ policy: { keys: [fixture.key] }, home: join(fixture.folder, "home"), args: ["--key", "demo"] }),
  registry: () => ({ policy: { registryAt: served.address, trustRoot: site.trustRoot }, home: join(site.folder, "home"), args: ["--registry", site.registry] }),
  staples: () => ({ policy: { trustRoot: site.trustRoot }, home: join(site.folder, "home"), args: ["--offline"] }),
};

/** What the terminal says of each, by the kind of trust: asked once. */
const asked = {};
function judgedBy(kind) {
  const { home, args } = policies[kind]();
  return (asked[kind] ??= judgedByTerminal(archives[kind], join(fixture.folder, kind), home, ...args));
}

for (const kind of Object.keys(policies)) {
  test(`by ${kind}, every altered archive is from every source what the terminal says it is`, async () => {
    const { policy } = policies[kind]();
    const judged = await judgedBy(kind);
    assert.ok(judged.length >= 400, `${judged.length} mutations`);
    const by = (exit) => judged.filter(({ said }) => said.exit === exit).length;
    assert.ok(by(5) >= 150 && by(3) >= 20, `${by(5)} end with 5, ${by(3)} with 3`);
    const differing = [];
    // Of a registry's release the terminal has a code and no status.
    const differs = (got, said) => got.code !== said.code || got.class !== said.class || got.exit !== said.exit || (said.status !== null && got.status !== said.status)
      || (said.exit === 5 ? !["tampered", "untrusted", "unsigned"].includes(got.status) : said.exit !== 0 && got.status !== null);
    for (const [number, { name, bytes, said }] of judged.entries()) {
      // By a registry and by staples all bytes go one way once they are there: beside an array, one other source each.
      const all = Object.entries(sources(kind, number, bytes));
      for (const [from, source] of kind === "keys" ? all : [all[0], all[1 + number % (all.length - 1)]]) {
        const got = await outcome(() => verify(source(), policy));
        if (differs(got, said)) differing.push(`${name}, ${from}: ${JSON.stringify(got)}, the terminal: ${JSON.stringify(said)}`);
      }
      const got = await outcome(() => openedFirst(bytes, policy));
      // What does not begin as a package may be another tool's archive, or none; either is no verdict.
      const isNoPackage = ["VP0208", "VP0216"].includes(said.code) && got.status === null && got.exit === 3;
      if (!isNoPackage && differs(got, said)) differing.push(`${name}, opened: ${JSON.stringify(got)}, the terminal: ${JSON.stringify(said)}`);
    }
    assert.equal(differing.length, 0, `${differing.length}\n${differing.slice(0, 12).join("\n")}`);
  });
}

test("by a trust root without proofs it is tampered exactly where the terminal ends with 5", async () => {
  for (const { name, bytes, said } of await judgedBy("keys")) {
    const got = await outcome(() => verify(bytes, { trustRoot: "1".repeat(64) }));
    // Nobody's signature counts, so none is checked: what is not altered otherwise is untrusted.
    if (said.class === "signature") assert.ok(["untrusted", "tampered"].includes(got.status), `${name}: ${got.status}`);
    else if (said.status === "tampered" || said.status === null) assert.deepEqual(got, said, name);
    else assert.ok(["untrusted", "unsigned"].includes(got.status), `${name}: ${got.status}`);
  }
});
