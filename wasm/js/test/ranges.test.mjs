// An archive at an address is opened by range requests: few of them, and none that brings other bytes than were asked for.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { init, open, openRelease, verify, VitteError } from "../index.node.js";
import { binary, makeFixture } from "./fixture.mjs";
import { makeSite } from "./registry.mjs";

let fixture, big;
before(async () => {
  await init();
  fixture = makeFixture();
  big = made("big", 9 << 20);
});
after(() => fixture?.dispose());

/** A signed package of two files with `bytes` bytes each, and a small one behind them in the last frame. */
function made(name, bytes) {
  const project = join(fixture.folder, name);
  mkdirSync(join(project, "src"), { recursive: true });
  writeFileSync(join(project, "vitte.toml"), `[package]\nname = "demo/${name}"\nversion = "1.0.0"\nlicense = "MIT"\ndescription = "Large"\n`);
  writeFileSync(join(project, "src/a.vit"), randomBytes(bytes));
  writeFileSync(join(project, "src/b.vit"), randomBytes(bytes));
  writeFileSync(join(project, "src/z.vit"), "small\n");
  const run = (...args) => execFileSync(binary(), args, { env: { ...process.env, VITTE_HOME: join(fixture.folder, "home"), CI: "1" } });
  run("build", "--manifest", join(project, "vitte.toml"), "--out", join(fixture.folder, "out"), "--kind", "mod");
  const file = join(fixture.folder, `out/${name}-1.0.0.vitmod`);
  run("sign", file, "--key", "demo");
  return readFileSync(file);
}

const keys = () => ({ keys: [fixture.key] });

/** Serves `file()` by ranges as they are asked for, or as `answer` does. */
async function ranged(file, answer) {
  const seen = { requests: [], bytes: 0 };
  const server = createServer((request, response) => {
    seen.requests.push(request.headers.range ?? "all");
    const all = file();
    if (answer?.(request, response, all)) return;
    const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "") ?? [];
    if (from === undefined) {
      seen.bytes += all.length;
      return response.writeHead(200, { etag: `"${all.length}"`, "content-length": all.length }).end(all);
    }
    if (Number(from) >= all.length) return response.writeHead(416, { "content-range": `bytes */${all.length}` }).end();
    const part = all.subarray(Number(from), to === "" ? all.length : Number(to) + 1);
    seen.bytes += part.length;
    response.writeHead(206, { etag: `"${all.length}"`, "content-range": `bytes ${from}-${Number(from) + part.length - 1}/${all.length}`, "content-length": part.length }).end(part);
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  return { ...seen, seen, address: `http://127.0.0.1:${server.address().port}/x`, close: () => (server.close(), server.closeAllConnections()) };
}

test("at most three requests and 10 MB bring the first file of a package of 100 MB", async () => {
  const hundred = made("hundred", 50_000_000);
  const server = await ranged(() => hundred);
  try {
    const opened = await open(server.address);
    assert.deepEqual(opened.contents().release, { package: "demo/hundred", version: "1.0.0", kind: "vitmod" });
    assert.match(opened.manifest, /demo\/hundred/);
    assert.equal(new TextDecoder().decode(await opened.read("src/z.vit")), "small\n");
    assert.ok(server.seen.requests.length <= 3 && !server.seen.requests.includes("all"), server.seen.requests.join());
    assert.ok(hundred.length > 100_000_000 && server.seen.bytes <= 10_000_000, `${server.seen.bytes} of ${hundred.length} bytes`);
    // What was read is kept.
    const asked = server.seen.requests.length;
    await opened.read("src/z.vit");
    assert.equal(server.seen.requests.length, asked);
    // All of it: one request for what lies behind the front.
    assert.equal((await opened.verify(keys())).status, "verified");
    assert.equal(server.seen.requests.length, asked + 1);
    opened.dispose();
  } finally {
    server.close();
  }
});

test("a small package takes one request", async () => {
  const server = await ranged(() => readFileSync(fixture.signed));
  const opened = await open(server.address);
  assert.match(new TextDecoder().decode(await opened.read("docs/guide.md")), /hello/);
  assert.equal((await opened.verify(keys())).status, "verified");
  assert.deepEqual(server.seen.requests, ["bytes=0-131071"]);
  server.close();
});

test("a server without ranges is read whole, an empty file and another tool's archive as elsewhere", async () => {
  for (const [name, file, answer] of [
    ["no ranges", () => big, (_, response, all) => response.writeHead(200).end(all)],
    ["a range without its place", () => big, (request, response, all) => request.headers.range && response.writeHead(206).end(all.subarray(0, 5))],
  ]) {
    const server = await ranged(file, answer);
    const opened = await open(server.address);
    assert.equal((await opened.verify(keys())).status, "verified", name);
    opened.dispose();
    server.close();
  }
  const empty = await ranged(() => Buffer.alloc(0));
  const local = await open(new Uint8Array()).catch((error) => error);
  await assert.rejects(open(empty.address), { code: local.code });
  empty.close();
  const foreign = await ranged(() => readFileSync(fixture.foreign));
  const opened = await open(foreign.address);
  assert.deepEqual([opened.foreign, opened.frames()], [true, []]);
  opened.dispose();
  foreign.close();
});

test("other bytes than were asked for are refused, and no verdict", async () => {
  const part = (all, from, to) => all.subarray(from, to);
  const header = (from, to, total) => ({ "content-range": `bytes ${from}-${to}/${total}` });
  const lies = {
    "another start": (_, response, all) => response.writeHead(206, header(1, 131072, all.length)).end(part(all, 1, 131073)),
    "more than was asked": (_, response, all) => response.writeHead(206, header(0, all.length - 1, all.length)).end(all),
    "a body that is longer": (_, response, all) => response.writeHead(206, header(0, 131071, all.length)).end(part(all, 0, 131080)),
    "a body that is shorter": (_, response, all) => response.writeHead(206, header(0, 131071, all.length)).end(part(all, 0, 131000)),
    "an end behind the end": (_, response, all) => response.writeHead(206, header(0, 131071, 5)).end(part(all, 0, 131072)),
    "a second range of another place": (request, response, all) => !request.headers.range.startsWith("bytes=0-") && response.writeHead(206, header(0, 9, all.length)).end(part(all, 0, 10)),
    "all in place of a second range": (request, response, all) => !request.headers.range.startsWith("bytes=0-") && response.writeHead(200).end(all),
    "another file meanwhile": (request, response, all) => !request.headers.range.startsWith("bytes=0-")
      && response.writeHead(206, { ...header(...request.headers.range.slice(6).split("-"), all.length), etag: '"other"' }).end(part(all, ...request.headers.range.slice(6).split("-").map((at, n) => Number(at) + n))),
    "gone meanwhile": (request, response) => !request.headers.range.startsWith("bytes=0-") && response.writeHead(500).end(),
  };
  for (const [name, answer] of Object.entries(lies)) {
    const server = await ranged(() => big, answer);
    const outcome = async () => {
      const opened = await open(server.address);
      await opened.read("src/z.vit");
    };
    await assert.rejects(outcome, (error) => error instanceof VitteError && error.code === "VP0602" && error.failedIn === undefined, name);
    server.close();
  }
});

test("a release of a registry that serves ranges is opened by them, and no longer than its index says", async () => {
  const site = makeSite();
  try {
    const serve = (length) => ranged(() => Buffer.alloc(0), (request, response) => {
      const file = join(site.registry, request.url.replace("/x/", "/"));
      let all;
      try {
        all = readFileSync(file);
      } catch {
        return response.writeHead(404).end();
      }
      if (!request.headers.range) return response.writeHead(200).end(all);
      return response.writeHead(206, { "content-range": `bytes 0-${all.length - 1}/${all.length + length}` }).end(all);
    });
    const policy = (server) => ({ registryAt: `${server.address}/`, trustRoot: site.trustRoot, package: "demo/hello" });
    const honest = await serve(0);
    const opened = await openRelease(policy(honest));
    assert.equal((await opened.verify()).status, "verified");
    assert.equal(honest.seen.requests.filter((range) => range !== "all").length, 1);
    opened.dispose();
    honest.close();
    const longer = await serve(1);
    await assert.rejects(openRelease(policy(longer)), { code: "VP0205" });
    longer.close();
  } finally {
    site.dispose();
  }
});

test("what differs between two packages is named file by file", async () => {
  const build = async (name, files) => {
    const project = join(fixture.folder, name);
    for (const [path, content] of Object.entries({ "vitte.toml": '[package]\nname = "demo/d"\nversion = "1.0.0"\nlicense = "MIT"\ndescription = "d"\n', ...files })) {
      mkdirSync(join(project, path, ".."), { recursive: true });
      writeFileSync(join(project, path), content);
    }
    execFileSync(binary(), ["build", "--manifest", join(project, "vitte.toml"), "--out", project, "--kind", "mod"], { env: { ...process.env, VITTE_HOME: join(fixture.folder, "home"), CI: "1" } });
    return open(new Uint8Array(readFileSync(join(project, "d-1.0.0.vitmod"))));
  };
  const one = await build("one", { "src/a.vit": "a\n", "src/b.vit": "b\n", "src/gone.vit": "gone\n", "src/old.vit": "the same content\n" });
  const two = await build("two", { "src/a.vit": "a\n", "src/b.vit": "other\n", "src/new.vit": "new\n", "src/renamed.vit": "the same content\n" });
  const found = await one.diff(two);
  assert.deepEqual(found.map(({ kind, path, before, after }) => [kind, path, before?.path, after?.path]), [
    ["changed", "src/b.vit", "src/b.vit", "src/b.vit"], ["removed", "src/gone.vit", "src/gone.vit", undefined],
    ["added", "src/new.vit", undefined, "src/new.vit"], ["moved", "src/renamed.vit", "src/old.vit", "src/renamed.vit"],
  ]);
  assert.deepEqual(await one.diff(one), []);
  assert.ok(one.frames().length >= 2 && one.frames().every(({ raw, stored, digest }) => raw >= 0 && stored > 0 && /^[0-9a-f]{64}$/.test(digest)));
});
