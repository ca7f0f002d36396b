// The page and a registry on another origin, which any file server serves: made by the real command line.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { after, before, beforeEach, test } from "node:test";
import { fileURLToPath } from "node:url";
import { AxeBuilder } from "@axe-core/playwright";
import { launch } from "./browser.mjs";
import { binary } from "../../wasm/js/test/fixture.mjs";
import { makeSite, serve } from "../../wasm/js/test/registry.mjs";

const dist = new URL("../dist/", import.meta.url);
let browser, context, page, site, older, served, home, problems;

before(async () => {
  assert.ok(existsSync(fileURLToPath(new URL("verify.html", dist))), "build the page first: npm run build");
  site = makeSite();
  older = site.copy("older");
  site.publish("1.1.0");
  served = await serve(site.registry);
  home = await serve(fileURLToPath(dist));
  browser = await launch();
});
after(async () => {
  await browser?.close();
  served?.close();
  home?.close();
  site?.dispose();
});
beforeEach(async () => {
  served.root = site.registry;
  await context?.close();
  context = await browser.newContext();
  problems = [];
  await show();
});

/** Another window of the same reader: what was seen before is kept. */
async function show(query = "", address = `${home.address}verify.html`) {
  page = await context.newPage();
  page.on("pageerror", (error) => problems.push(String(error)));
  await page.goto(address + query);
  await page.locator("vitte-registry summary").waitFor();
}
const state = (name) => page.locator(`[data-state=${name}]`).waitFor();
const words = (selector) => page.locator(selector).innerText();
const step = (id) => page.locator(`[data-step=${id}]`).getAttribute("class");
const open = (path) => page.locator("vitte-drop input").setInputFiles(path);
async function check(name, { address = served.address, trustRoot = site.trustRoot } = {}) {
  const fields = page.locator("vitte-registry");
  if (!await fields.locator("details[open]").count()) await fields.locator("summary").click();
  for (const [id, value] of [["#address", address], ["#trust-root", trustRoot], ["#package", name]]) {
    await fields.locator(id).fill(value);
  }
  await fields.locator("#check").click();
}

test("a release goes green with every step of the registry", async () => {
  await check("demo/hello");
  await state("verified");
  for (const id of ["trust-root", "checkpoint", "index", "entry", "authority", "signature", "frames", "files"]) {
    assert.equal(await step(id), "passed", id);
  }
  // It is the first look.
  assert.equal(await step("continuity"), "not-asked");
  assert.match(await words("#log"), /entry 3 of 4 of local\//);
  assert.equal(await words("#name"), "demo/hello");
  assert.equal(await page.locator("#no-memory").count(), 0);
  await page.locator("[data-path='src/greet.vit']").click();
  assert.match(await words("#content"), /hello 1\.1\.0/);
  assert.deepEqual(problems, []);
});

test("the next look continues the one this browser keeps in IndexedDB", async () => {
  served.root = older.registry;
  await check("demo/hello");
  await state("verified");
  served.root = site.registry;
  await page.close();
  await follow("demo/hello@1.0.0");
  await state("verified");
  assert.equal(await step("continuity"), "passed");
  assert.match(await words("#log"), /entry 2 of 4/);
});

/** Opens a link that names a release of the registry, and says yes. */
async function follow(name, { address = served.address, trustRoot = site.trustRoot } = {}) {
  await show(`?registry=${encodeURIComponent(address)}&trust-root=${trustRoot}&package=${name}`);
  await page.locator("#link-ask").click();
}

test("t81: a stranger's link asks nothing of anybody, and is never green by a root that came with it", async () => {
  for (const mark of ["?", "#"]) {
    served.requests.length = 0;
    await show(`${mark}registry=${served.address}&trust-root=${site.trustRoot}&package=demo/hello`);
    const card = await words("#linked");
    for (const named of [served.address, site.trustRoot, "demo/hello", "compare it with the one published by the registry's owner"]) assert.ok(card.includes(named), card);
    assert.ok((await words("#link-ask")).includes(new URL(served.address).host));
    if (mark === "?") assert.deepEqual((await new AxeBuilder({ page }).analyze()).violations.map(({ id }) => id), []);
    await page.waitForTimeout(300);
    assert.deepEqual([served.requests, await page.locator("[data-state]").count()], [[], 0]);
    // A file that is dropped meanwhile is no matter of the link's.
    await open(site.archive("1.0.0"));
    await state("untrusted");
    assert.match(await words("#reason"), /VP0516/);
    assert.deepEqual(served.requests, []);
  }
  await page.locator("#link-ask").click();
  await page.locator("#unpinned").waitFor();
  await state("untrusted");
  assert.ok(served.requests.length > 0);
  const said = await words("#unpinned");
  assert.ok(said.includes(served.address) && said.includes(site.trustRoot), said);
  assert.equal(await page.locator("[data-state=verified]").count() + await page.locator("[data-mark=matches]").count(), 0);
  // Not by asking again, nor by another visit.
  await page.locator("#link-ask").click();
  await page.locator("#unpinned").waitFor();
  await page.close();
  await follow("demo/hello");
  await page.locator("#unpinned").waitFor();
  assert.equal(await page.locator("[data-state=verified]").count(), 0);
  // Pinned by an act of the reader's, it is green; the same root from another host as well, and still only when asked.
  await page.locator("#link-pin").click();
  await state("verified");
  await page.close();
  served.requests.length = 0;
  await show(`?registry=${served.address}&trust-root=${site.trustRoot}&package=demo/hello@1.0.0`);
  assert.match(await words("#linked"), /You have pinned this trust root/);
  await page.waitForTimeout(300);
  assert.deepEqual(served.requests, []);
  await page.locator("#link-ask").click();
  await state("verified");
  await page.locator("#link-dismiss").click();
  await page.locator("#linked").waitFor({ state: "detached" });
  assert.deepEqual(problems, []);
});

test("t81: a link with another root, or none, pins nothing and replaces nothing", async () => {
  await check("demo/hello");
  await state("verified");
  await page.close();
  await follow("demo/hello", { trustRoot: "0".repeat(64) });
  await state("tampered");
  await page.close();
  await follow("demo/hello", { trustRoot: "" });
  await state("could_not_check");
  assert.equal(await page.locator("#link-pin").count(), 0);
  // What the reader entered is still there.
  await page.locator("#link-dismiss").click();
  await page.locator("vitte-registry summary").click();
  assert.equal(await page.locator("#trust-root").inputValue(), site.trustRoot);
  await page.close();
  await show("?package=demo/hello");
  await page.waitForTimeout(300);
  assert.equal(await page.locator("[data-state]").count(), 0);
  // A link of nothing but words that look like something else.
  await show(`?registry=${encodeURIComponent("https://good.example@127.0.0.1:9/<b>")}&package=demo/hello`);
  assert.match(await words("#link-ask"), /127\.0\.0\.1:9/);
});

test("a file without proofs is untrusted by a trust root, and not green by a key", async () => {
  await page.locator("vitte-keys summary").click();
  await page.locator("#pem").fill(readFileSync(join(site.folder, "home/keys/demo.pub"), "utf8"));
  await page.locator("#for").fill("demo/hello");
  await page.locator("#add").click();
  await open(site.archive("1.0.0"));
  await state("verified");
  await page.locator("vitte-registry summary").click();
  await page.locator("#trust-root").fill(site.trustRoot);
  await page.locator("#trust-root").press("Tab");
  await state("untrusted");
  assert.match(await words("#reason"), /VP0529/);
  assert.match(await words("[data-state=untrusted]"), /without the proof/);
  assert.equal(await step("files"), "passed");
  assert.equal(await page.locator("[data-mark=matches]").count(), 0);
});

test("a release whose archive does not open is red", async () => {
  const altered = site.copy("altered-front");
  served.root = altered.registry;
  const bytes = readFileSync(altered.archive("1.1.0"));
  bytes[140] ^= 1;
  writeFileSync(altered.archive("1.1.0"), bytes);
  await check("demo/hello");
  await state("tampered");
  assert.match(await words("#reason"), /VP050[23]/);
});

test("an older copy of a registry is told as that, and stays so", async () => {
  await check("demo/hello");
  await state("verified");
  served.root = older.registry;
  await check("demo/hello");
  await state("could_not_check");
  assert.match(await words("#reason"), /VP0605/);
  assert.match(await words("#reason"), /older than what you have seen/);
  await page.close();
  await follow("demo/hello");
  await state("could_not_check");
});

test("t62: a page that the registry itself serves says that it cannot defend against it, and where else to check", async () => {
  const own = site.copy("own-page");
  copyFileSync(new URL("verify.html", dist), join(own.registry, "verify.html"));
  served.root = own.registry;
  await show("", `${served.address}verify.html`);
  const says = async (selector) => {
    const said = await words(selector);
    for (const word of ["cannot protect you from that registry", "vitte package verify", "@vitte/package"]) {
      assert.ok(said.includes(word), `${selector}: ${said}`);
    }
  };
  // A file that no registry vouches for is checked by the reader's keys alone.
  await open(site.archive("1.0.0"));
  await state("untrusted");
  assert.equal(await page.locator("#bounds").count(), 0);
  // Before the check it stands where the registry is named, and is read out with its form; after it, at the verdict.
  await page.locator("vitte-registry summary").click();
  await says("#own-page");
  const described = await page.locator("vitte-registry form").getAttribute("aria-describedby");
  assert.ok(described.split(" ").includes("own-page"), described);
  await check("demo/hello");
  await state("verified");
  await says("#bounds");
  const { violations } = await new AxeBuilder({ page }).analyze();
  assert.deepEqual(violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(" ")}`), []);
  // Nor is a verdict against a release more than what the page says.
  const other = older.copy("own-page-other");
  other.publish("1.2.0");
  served.root = other.registry;
  await check("demo/hello");
  await state("tampered");
  await says("#bounds");
  assert.deepEqual(problems, []);
});

test("two logs of one size are a split view", async () => {
  await check("demo/hello");
  await state("verified");
  const other = older.copy("other");
  other.publish("1.2.0");
  served.root = other.registry;
  await check("demo/hello");
  await state("tampered");
  assert.match(await words("#reason"), /VP0527/);
  assert.notEqual(await words("#before"), await words("#now"));
});

test("a rotated trust root is followed from the one this browser keeps", async () => {
  const rotated = older.copy("rotated");
  served.root = rotated.registry;
  await check("demo/hello");
  await state("verified");
  rotated.run("registry", "rotate", rotated.registry, "--root", "--log", "--index", "--yes");
  rotated.publish("1.4.0");
  await page.close();
  await follow("demo/hello");
  await state("verified");
  assert.equal(await step("trust-root"), "passed");
  assert.equal(await step("continuity"), "passed");
  // Its way back is barred: the keys of the registry before count no longer.
  served.root = older.registry;
  await check("demo/hello");
  await state("could_not_check");
});

test("a trust root signed by its own key alone, or two numbers on, is refused", async () => {
  const forged = older.copy("forged");
  const file = join(forged.registry, "trust/2.json");
  served.root = forged.registry;
  await check("demo/hello");
  await state("verified");
  forged.run("registry", "rotate", forged.registry, "--root", "--yes");
  const good = readFileSync(file, "utf8");
  const envelope = JSON.parse(good);
  const [old] = JSON.parse(readFileSync(join(forged.registry, "trust/1.json"), "utf8")).signatures;
  const signatures = envelope.signatures.filter(({ keyid }) => keyid !== old.keyid);
  assert.deepEqual([envelope.signatures.length, signatures.length], [2, 1]);
  writeFileSync(file, JSON.stringify({ ...envelope, signatures }));
  await check("demo/hello");
  await state("untrusted");
  assert.match(await words("#reason"), /VP0515/);
  assert.equal(await step("trust-root"), "failed");
  assert.equal(await step("frames"), "not-reached");
  // The third in the place of the second.
  writeFileSync(file, good);
  forged.run("registry", "rotate", forged.registry, "--root", "--yes");
  renameSync(join(forged.registry, "trust/3.json"), file);
  await page.close();
  await follow("demo/hello");
  await state("tampered");
  assert.equal(await step("trust-root"), "failed");
  // As it should be, it is followed: nothing of the refused ones was kept.
  renameSync(file, join(forged.registry, "trust/3.json"));
  writeFileSync(file, good);
  await page.close();
  await follow("demo/hello");
  await state("verified");
});

test("an altered index and stripped signatures are noticed", async () => {
  const altered = site.copy("altered");
  served.root = altered.registry;
  const index = join(altered.registry, "index/demo/hello");
  const good = readFileSync(index, "utf8");
  writeFileSync(index, good.replace('"files":2', '"files":3'));
  await check("demo/hello");
  await state("tampered");
  assert.match(await words("#reason"), /VP0530|index/);
  assert.equal(await step("index"), "failed");
  writeFileSync(index, good);
  copyFileSync(join(site.folder, "hello-1.1.0/hello-1.1.0.vitmod"), altered.archive("1.1.0"));
  await check("demo/hello");
  await state("unsigned");
  assert.equal(await step("entry"), "passed");
  assert.equal(await page.locator("[data-mark=matches]").count(), 0);
});

test("a dropped file must be in the log of the registry that is in use", async () => {
  await check("demo/hello");
  await state("verified");
  await open(site.archive("1.0.0"));
  await page.locator("[data-step=entry]", { hasText: "entry 2 of 4" }).waitFor();
  await state("verified");
  // The author's own copy, which was signed for this registry only on its way there: the content is in the log.
  await open(join(site.folder, "hello-1.0.0/hello-1.0.0.vitmod"));
  await state("unsigned");
  await page.locator("#forget").click();
  await page.locator("[data-step=entry]").waitFor({ state: "detached" });
});

test("a stapled file is verified with the digest of the trust root alone, and no request", async () => {
  const file = join(site.folder, "stapled.vitmod");
  copyFileSync(site.archive("1.0.0"), file);
  site.run("staple", file, "--registry", site.registry);
  await page.locator("vitte-registry summary").click();
  await page.locator("#trust-root").fill(site.trustRoot);
  served.requests.length = 0;
  await open(file);
  await state("verified");
  assert.match(await words("#log"), /entry 2 of 4/);
  assert.deepEqual(served.requests, []);
  await page.locator("#trust-root").fill("0".repeat(64));
  await page.locator("#trust-root").press("Tab");
  await state("tampered");
});

test("an unknown registry gives no verdict, and says what it offers", async () => {
  await check("demo/hello", { trustRoot: "" });
  await state("could_not_check");
  assert.match(await words("#offered"), new RegExp(site.trustRoot));
  await check("demo/nothing");
  await state("could_not_check");
  assert.match(await words("#reason"), /VP0606/);
  // A name that is not one is the reader's slip: no archive was read, so none is called unreadable.
  await check("not a name");
  await state("could_not_check");
  assert.match(await words("#reason"), /VP01/);
  await check("demo/hello", { address: "http://127.0.0.1:9/" });
  await page.locator("#reason", { hasText: "VP0602" }).waitFor();
});

test("opened from disk it checks as well, and says when it can keep nothing", async () => {
  await show("", new URL("verify.html", dist).href);
  await check("demo/hello");
  await state("verified");
  const kept = await page.locator("#no-memory").count() === 0;
  await check("demo/hello");
  await page.locator(`[data-step=continuity].${kept ? "passed" : "not-asked"}`).waitFor();
});

for (const scheme of ["light", "dark"]) {
  test(`axe finds nothing in a split view, ${scheme}`, async () => {
    await page.emulateMedia({ colorScheme: scheme });
    await check("demo/hello");
    await state("verified");
    const other = older.copy(`other-${scheme}`);
    other.publish("1.2.0");
    served.root = other.registry;
    await check("demo/hello");
    await state("tampered");
    const { violations } = await new AxeBuilder({ page }).analyze();
    assert.deepEqual(violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(" ")}`), []);
  });
}

/** A port that was free a moment ago. */
const freePort = () => new Promise((found) => {
  const probe = createServer().listen(0, "127.0.0.1", () => {
    const { port } = probe.address();
    probe.close(() => found(port));
  });
});

const nginx = ["/usr/sbin/nginx", "/usr/bin/nginx"].find(existsSync);
/** What a server exports of the registry, which it imported; the registry's own folder where there is no such program. */
function exported() {
  const server = join(dirname(binary()), "vitte-registry");
  if (!existsSync(server)) return site.registry;
  const { registry } = JSON.parse(readFileSync(join(site.registry, "config.json"), "utf8"));
  const keys = join(site.folder, "home/keys/registry", registry.replaceAll("/", "_"));
  const [data, folder] = [join(site.folder, "server"), join(site.folder, "exported")];
  execFileSync(server, ["import", site.registry, "--data", data, "--keys", keys]);
  execFileSync(server, ["export", folder, "--data", data]);
  return folder;
}

test("an exported registry is verified as nginx serves it by the example", { skip: nginx ? false : "nginx cannot be had here" }, async () => {
  const port = await freePort();
  const folder = join(site.folder, "nginx");
  mkdirSync(folder);
  const example = readFileSync(new URL("../../native/registry/deploy/nginx-static.conf", import.meta.url), "utf8");
  const plain = example.replace("listen 443 ssl http2", `listen 127.0.0.1:${port}`).replace(/^ *ssl_.*\n/gm, "");
  assert.ok(plain !== example && plain.includes("/srv/registry"));
  writeFileSync(join(folder, "site.conf"), plain.replace("/srv/registry", exported()));
  writeFileSync(join(folder, "nginx.conf"), `
    daemon off; pid ${folder}/pid; error_log stderr; worker_processes 1;
    events {}
    http {
      access_log off;
      client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy; fastcgi_temp_path ${folder}/fastcgi;
      uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi;
      include ${folder}/site.conf;
    }`);
  // As root, the worker would be another user, who may not look into this folder.
  const user = process.getuid?.() === 0 ? ["-g", "user root;"] : [];
  const server = spawn(nginx, ["-p", folder, "-c", join(folder, "nginx.conf"), ...user], { stdio: "ignore" });
  try {
    const address = `http://127.0.0.1:${port}/`;
    for (let tries = 0; tries < 100 && !await fetch(address).catch(() => undefined); tries += 1) {
      await new Promise((later) => setTimeout(later, 50));
    }
    await check("demo/hello", { address });
    await state("verified");
    for (const id of ["trust-root", "checkpoint", "index", "entry", "authority", "signature", "frames", "files"]) {
      assert.equal(await step(id), "passed", id);
    }
    assert.deepEqual(problems, []);
  } finally {
    server.kill();
  }
});
