// What the site's scripts add: the eight frames of a reader's way through a package, and what goes wrong on it. Each frame
// is pictured under target/site.
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, beforeEach, test } from "node:test";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { AxeBuilder } from "@axe-core/playwright";
import { launch } from "./browser.mjs";
import { startSite } from "./site.mjs";

const assets = fileURLToPath(new URL("../dist/site/", import.meta.url));
const pictures = fileURLToPath(new URL("../../target/site/", import.meta.url));
const PACKAGE = "/roussov/vitte-math";
const FILE = `${PACKAGE}/1.1.0/files/src/lib.vit`;

let browser, site, context, page, problems, asked;
before(async () => {
  assert.ok(existsSync(join(assets, "site.js")), "build the scripts first: node web-demo/build/site.mjs");
  mkdirSync(pictures, { recursive: true });
  [site, browser] = await Promise.all([startSite(["--web-assets", assets]), launch()]);
});
after(async () => {
  await browser?.close();
  await site?.end();
});
beforeEach(async () => {
  await context?.close();
  await reader();
});

/** Another reader, who has seen nothing yet. */
async function reader(options = {}) {
  context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  page = await context.newPage();
  [problems, asked] = [[], []];
  page.on("console", (message) => ["error", "warning"].includes(message.type()) && !/status of 404/.test(message.text()) && problems.push(message.text()));
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("request", (request) => asked.push(request));
}

const go = (path) => page.goto(site.address + path);
const state = (name, within = "main") => page.locator(`${within} .trust[data-state=${name}]`).waitFor();
const said = (selector) => page.locator(selector).innerText();
const picture = (name) => page.screenshot({ path: join(pictures, `${name}.png`) });
const axe = async () => assert.deepEqual((await new AxeBuilder({ page }).analyze()).violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target)}`), []);

test("frames 1 and 8: without scripts there is a claim, and the command that checks it", async () => {
  await reader({ javaScriptEnabled: false });
  await go(PACKAGE);
  await state("claim");
  assert.match(await said(".trust"), /says the server/);
  assert.match(await said(".trust"), /vitte package verify roussov\/vitte-math@1\.1\.0/);
  await picture("1-claim");
  for (const path of [`${PACKAGE}/versions`, FILE, `${PACKAGE}/dependents`, `${PACKAGE}/diff/1.0.0..1.1.0`]) assert.equal((await go(path)).status(), 200, path);
  await picture("8-without-scripts");
  await go("/resolve");
  assert.match(await said("vitte-resolve"), /vitte package lock/);
});

test("frame 2: verified in the browser, with the steps behind it and nothing asked of another host", async () => {
  await go(PACKAGE);
  await state("verified");
  assert.match(await page.title(), /^✔ /);
  const rows = await page.locator(".chain li").evaluateAll((all) => all.map(({ className }) => className));
  assert.deepEqual(rows, ["ok", "ok", "ok", "skip-s", "ok"], "there is nothing yet that the log could go on from");
  assert.equal(await page.locator("details.steps[open]").count(), 0, "what passed is folded");
  await page.keyboard.press("v");
  await page.locator("details.steps[open]").waitFor();
  assert.equal(await page.locator(".grps section").count(), 5);
  assert.match(await said(".grps"), /entry 4 of \d+/);
  assert.match(await said(".t-act"), /vitte package add roussov\/vitte-math@1\.1\.0/);
  await axe();
  await picture("2-verified");
  // The next look has something to go on from, in this browser.
  await page.reload();
  await state("verified");
  assert.equal(await page.locator(".chain li").nth(3).getAttribute("class"), "ok");
  assert.deepEqual(asked.map((request) => new URL(request.url()).origin).filter((origin) => origin !== site.address), []);
  // What is typed is not a key.
  await page.locator("#q").press("v");
  assert.equal(await page.locator("details.steps[open]").count(), 0);
  assert.deepEqual(problems, []);
});

test("the same in French, dark, on a phone", async () => {
  await reader({ locale: "fr", colorScheme: "dark", viewport: { width: 360, height: 740 } });
  await go(PACKAGE);
  await state("verified");
  assert.match(await said(".trust"), /Vérifié dans votre navigateur/);
  await page.locator(".steps summary").click();
  assert.match(await said(".grps"), /chaque fichier a son empreinte/);
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth > innerWidth), false);
  await axe();
  assert.deepEqual(problems, []);
});

test("frame 3: a file is as signed, by its frame; one that the page shows otherwise is not", async () => {
  await go(FILE);
  await page.locator(".f-mark[data-state=verified]").waitFor();
  await state("verified");
  const ranges = asked.filter((request) => request.url().endsWith(".vitmod")).map((request) => request.headers().range);
  assert.ok(ranges.length > 0 && ranges.every((range) => range?.startsWith("bytes=")), String(ranges));
  await picture("3-file");
  await axe();
  for (const name of ["odd.txt", "empty.txt"]) {
    await go(`${PACKAGE}/1.1.0/files/docs/${name}`);
    await page.locator(".f-mark").waitFor();
    assert.equal(await page.locator(".f-mark").getAttribute("data-state"), "verified", name);
  }
  // A server that shows what is not in the file.
  await page.route((url) => url.pathname === FILE, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: (await response.text()).replace("give</span> total", "give</span> 7") });
  });
  await go(FILE);
  await page.locator(".f-mark[data-state=tampered]").waitFor();
  assert.deepEqual(problems, []);
});

test("frame 4: the changes between two versions", async () => {
  await go(`${PACKAGE}/diff/1.0.0..1.1.0`);
  assert.match(await said("main"), /1\.0\.0 → 1\.1\.0: 3 files changed/);
  await picture("4-diff");
});

test("frame 5: a manifest is resolved here, or refused in the terminal's words", async () => {
  await go("/resolve");
  const fill = (dependencies) => page.locator("vitte-resolve textarea").fill(`[package]\nname = "me/mine"\nversion = "0.1.0"\nedition = "2025"\nlicense = "MIT"\n\n[dependencies]\n${dependencies}\n`);
  await fill('"roussov/vitte-math" = "^1"');
  await page.locator("vitte-resolve [type=submit]").click();
  await page.locator(".fit table").waitFor();
  assert.match(await said(".fit"), /It fits: 2 packages/);
  assert.match(await said(".fit table"), /roussov\/base\s+1\.0\.0/);
  await picture("5-fits");
  await axe();
  await fill('"roussov/vitte-math" = "^7"');
  await page.locator("vitte-resolve [type=submit]").click();
  await page.locator(".fit pre").filter({ hasText: /error\[VP04\d\d\]/ }).waitFor();
  const explained = await page.locator(".fit pre").innerText();
  const project = join(site.folder, "mine");
  mkdirSync(project, { recursive: true });
  writeFileSync(join(project, "vitte.toml"), await page.locator("vitte-resolve textarea").inputValue());
  let terminal;
  try {
    site.vitte("lock", "--manifest", join(project, "vitte.toml"), "--registry", site.address);
  } catch (error) {
    terminal = error.stderr;
  }
  const words = (text) => text.split("\n").map((line) => line.trim()).filter((line) => /^error\[|\^|-{3}|wants|help/.test(line));
  assert.deepEqual(words(explained), words(terminal));
  assert.deepEqual(problems, []);
});

test("frame 6: the page that verifies by itself is here too, and sends nothing", { skip: !existsSync(join(assets, "verify.html")) && "verify.html is not built" }, async () => {
  await go("/verify");
  asked.length = 0;
  await page.locator("vitte-drop input").setInputFiles(site.archive("roussov/vitte-math", "1.1.0"));
  await page.locator("[data-state=untrusted]").first().waitFor();
  await picture("6-dropped");
  assert.deepEqual(asked.filter((request) => request.url().startsWith("http") && request.method() !== "GET").map((request) => request.url()), []);
});

test("frame 7: one byte changed, and there is no line to install it by", async () => {
  const undo = site.tamper("roussov/vitte-math", "1.1.0");
  try {
    await go(PACKAGE);
    await state("tampered");
    assert.match(await page.title(), /^✘ /);
    const card = await said(".trust");
    for (const part of ["Not what roussov signed", "VP0501", "frame 2 of 2", "src/lib.vit", "vitte package report roussov/vitte-math@1.1.0"]) assert.ok(card.includes(part), `${part}: ${card}`);
    assert.ok(!/package add/.test(card), card);
    assert.equal(await page.locator("details.steps[open]").count(), 1, "what failed is unfolded");
    await axe();
    await picture("7-tampered");
    await go(FILE);
    await state("tampered");
    assert.deepEqual(problems, []);
  } finally {
    undo();
  }
});

test("a signature that is gone, and a release of malware, are said before and after", async () => {
  await go("/roussov/bad/1.0.0");
  assert.match(await said("main"), /This version does harm on purpose/);
  assert.equal(await page.locator(".t-act .cmd.off").count(), 1);
  await state("verified");
  assert.match(await said("main"), /This version does harm on purpose/, "a good signature does not take it away");
  assert.equal(await page.locator(".t-act .cmd.off").count(), 1);
  // Another one, since the server keeps what it has read of the first.
  const path = site.archive("roussov/gone", "1.0.0");
  const good = readFileSync(path);
  const bad = Buffer.from(good);
  const at = bad.indexOf('{"payloadType"');
  bad.write(" ", at);
  writeFileSync(path, bad);
  try {
    await reader({ javaScriptEnabled: false });
    await go("/roussov/gone/1.0.0");
    await state("unsigned");
    assert.match(await said(".trust"), /Not signed/);
    assert.equal(await page.locator(".t-act .cmd.off").count(), 1);
    await reader();
    await go("/roussov/gone/1.0.0");
    await state("tampered");
  } finally {
    writeFileSync(path, good);
  }
});

test("a browser that cannot load the modules has the claim's command, and no verdict", async () => {
  await page.route(/\.wasm$/, (route) => route.abort());
  await go(PACKAGE);
  await state("unchecked");
  assert.match(await said(".trust"), /Could not check/);
  assert.match(await said(".trust"), /vitte package verify roussov\/vitte-math@1\.1\.0/);
});

test("the log goes on from the one seen here before; another with the same address is none that was seen", async () => {
  await go("/log");
  await state("verified");
  assert.match(await said(".trust"), /for the first time/);
  await page.reload();
  await state("verified");
  assert.match(await said(".trust"), /Goes on from the log seen here before/);
  // The same address, and another registry behind it.
  const other = await startSite(["--web-assets", assets], { isSmall: true });
  try {
    const isOfSite = (url) => url.origin === site.address && !url.pathname.startsWith("/assets/");
    await page.route(isOfSite, async (route) => route.fulfill({ response: await route.fetch({ url: other.address + new URL(route.request().url()).pathname }) }));
    await page.reload();
    await state("tampered");
    assert.match(await said(".trust"), /Not the log that was seen here before/);
  } finally {
    await other.end();
  }
});

test("an element that is taken away ends its check, and begins anew with the claim where it is put", async () => {
  await go(PACKAGE);
  await state("verified");
  const states = await page.evaluate(async () => {
    const element = document.querySelector("vitte-verify");
    const [place, seen] = [element.parentNode, []];
    element.remove();
    seen.push(element.querySelector(".trust").dataset.state, document.title.startsWith("✔"));
    const done = new Promise((resolve) => document.addEventListener("vitte-report", resolve, { once: true }));
    place.append(element);
    await done;
    seen.push(element.state);
    // Two on one page.
    const second = element.cloneNode(true);
    const again = new Promise((resolve) => second.addEventListener("vitte-report", resolve, { once: true }));
    place.append(second);
    await again;
    seen.push(element.state, second.state);
    return seen;
  });
  assert.deepEqual(states, ["claim", false, "verified", "verified", "verified"]);
  assert.deepEqual(problems, []);
});

test("names are looked for while they are typed, and one that is chosen is opened", async () => {
  await go("/log");
  await page.locator("#q").pressSequentially("mat");
  const option = page.locator("#q-names option");
  await option.first().waitFor({ state: "attached" });
  assert.deepEqual(await option.evaluateAll((all) => all.map(({ value }) => value)), ["roussov/vitte-math"]);
  await axe();
  await Promise.all([page.waitForURL(/\/roussov\/vitte-math$/), page.locator("#q").fill("roussov/vitte-math")]);
  assert.deepEqual(problems, []);
});

test("scripts are small until they are used, and kept for ever", async () => {
  await go("/explain");
  const scripts = asked.filter((request) => request.url().endsWith(".js"));
  let bytes = 0;
  for (const request of scripts) {
    const response = await request.response();
    assert.match(response.headers()["cache-control"], /immutable/);
    bytes += gzipSync(await response.body()).length;
  }
  assert.ok(scripts.length > 0 && bytes <= 40 * 1024, `${bytes} bytes`);
  assert.deepEqual(asked.filter((request) => request.url().endsWith(".wasm")).map((request) => request.url()), []);
});
