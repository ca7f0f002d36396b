// The page in a real browser, on packages made by the real command line.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { after, before, beforeEach, test } from "node:test";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { AxeBuilder } from "@axe-core/playwright";
import { launch, listenForViolations } from "./browser.mjs";
import { makeFixture } from "../../wasm/js/test/fixture.mjs";

const file = new URL("../dist/verify.html", import.meta.url);
let browser, context, page, fixture, requests, problems;

before(async () => {
  assert.ok(existsSync(fileURLToPath(file)), "build the page first: npm run build");
  fixture = makeFixture();
  browser = await launch();
});

after(async () => {
  await browser?.close();
  fixture?.dispose();
});

beforeEach(async () => {
  await context?.close();
  context = await browser.newContext();
  page = await context.newPage();
  requests = [];
  problems = [];
  // From here on the browser hands choosers to the test instead of opening a window.
  page.on("filechooser", () => {});
  page.on("request", (request) => requests.push(request.url()));
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
  await listenForViolations(page);
  await page.goto(file.href);
  await page.locator("vitte-drop .zone").waitFor();
});

const open = (path) => page.locator("vitte-drop input").setInputFiles(path);
const state = (name) => page.locator(`[data-state=${name}]`).waitFor();
async function trust() {
  if (!await page.locator("vitte-keys details[open]").count()) await page.locator("vitte-keys summary").click();
  await page.locator("#pem").fill(fixture.key);
  await page.locator("#for").fill("demo/*");
  await page.locator("#add").click();
}
const words = (selector) => page.locator(selector).innerText();

test("a signed package by a trusted key goes green, and every step says passed", async () => {
  await trust();
  await open(fixture.signed);
  await state("verified");
  const steps = page.locator("[data-step]");
  assert.ok(await steps.count() >= 8);
  assert.equal(await page.locator("[data-step].failed").count(), 0);
  assert.equal(await words("#name"), "demo/hello");
  assert.deepEqual(problems, []);
});

test("nothing leaves the browser", async () => {
  await trust();
  await open(fixture.signed);
  await state("verified");
  await page.locator("[data-path='src/greet.vit']").click();
  await page.locator("#content").waitFor();
  assert.deepEqual(requests.filter((url) => !/^(file|blob|data):/.test(url)), []);
});

test("one flipped byte goes red and names the frame and its files", async () => {
  await trust();
  await open(fixture.flipped);
  await state("tampered");
  const reason = await words("#reason");
  assert.match(reason, /VP0501/);
  assert.match(reason, /frame 3 of 3/);
  assert.match(reason, /docs\/guide\.md/);
  assert.doesNotMatch(reason, /src\/main\.vit/);
  assert.equal(await page.locator("[data-mark=damaged]").count(), 1);
  assert.equal(await page.locator("[data-mark=matches]").count(), 0);
});

test("without a signature it is amber, and by an unknown key as well", async () => {
  await open(fixture.unsigned);
  await state("unsigned");
  assert.match(await words("#reason"), /VP0510/);
  await open(fixture.signed);
  await state("untrusted");
  assert.match(await words("#signers"), /SHA256:[A-Z2-7]{16}/);
  // Trusting the key checks the open package again.
  await trust();
  await state("verified");
});

/** Everything this page keeps, wherever a page can keep something. */
const kept = () => page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie]));

test("t82: a pasted private key is refused with a warning, and never stored", async () => {
  const pem = await readFile(join(fixture.folder, "home/keys/demo.pem"), "utf8").catch(() => readFile(join(fixture.folder, "home/keys/demo.key"), "utf8"));
  const body = pem.split("\n")[1];
  const openssh = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZWQy\n-----END OPENSSH PRIVATE KEY-----\n";
  await page.locator("vitte-keys summary").click();
  for (const text of [
    pem, pem.replaceAll("\n", "\r\n"), `\n\n  ${pem}\n`, pem.replaceAll("\n", " "), fixture.key + pem, pem + fixture.key, body,
    pem.replaceAll("PRIVATE", "ENCRYPTED PRIVATE"), pem.replaceAll("PRIVATE", "RSA PRIVATE"), openssh,
  ]) {
    await page.locator("#pem").fill(text);
    await page.locator("#add").click();
    await page.locator("#refused", { hasText: "private key" }).waitFor();
    assert.equal(await page.locator("#pem").inputValue(), "");
    const now = await kept();
    assert.ok(!now.includes(body) && !now.includes("PRIVATE"), now);
    assert.equal(await page.locator("vitte-keys li").count(), 0);
    // The next one's warning is its own.
    await page.locator("#pem").fill("nothing");
    await page.locator("#add").click();
    await page.locator("#refused", { hasText: "Not a public key" }).waitFor();
  }
  // As a file too.
  await page.locator("#key").setInputFiles({ name: "id_ed25519", mimeType: "", buffer: Buffer.from(pem) });
  await page.locator("#refused", { hasText: "private key" }).waitFor();
  assert.equal(await page.locator("vitte-keys li").count(), 0);
  assert.ok(!(await page.content()).includes(body));
  await trust();
  await page.locator("vitte-keys li").waitFor();
  assert.equal(await page.locator("#refused").count(), 0);
  assert.deepEqual(problems, []);
});

test("t82: what an earlier page stored by mistake is removed, and keeps no package from being checked", async () => {
  const pem = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n-----END PRIVATE KEY-----";
  const weak = `-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA${"A".repeat(43)}=\n-----END PUBLIC KEY-----`;
  for (const [stored, keys] of [
    [JSON.stringify([pem, "garbage", 7, null, { pem }, weak, fixture.key]), 1],
    ["{not JSON", 0], [JSON.stringify({ keys: [pem] }), 0], [JSON.stringify(pem), 0], ["null", 0],
  ]) {
    await page.evaluate((value) => localStorage.setItem("vitte.trusted-keys", value), stored);
    await page.reload();
    await page.locator("vitte-drop .zone").waitFor();
    assert.ok(!(await kept()).includes("PRIVATE"), stored);
    await open(fixture.signed);
    await state(keys ? "verified" : "untrusted");
    await page.locator("vitte-keys summary").click();
    // The weak key is found by the module, a moment later.
    await page.waitForFunction((wanted) => JSON.parse(localStorage.getItem("vitte.trusted-keys")).length === wanted, keys);
    assert.equal(await page.locator("vitte-keys li").count(), keys);
  }
  assert.deepEqual(problems, []);
});

test("manifest, tree and a file's content are shown", async () => {
  await open(fixture.signed);
  await state("untrusted");
  await page.locator("summary", { hasText: "Manifest" }).click();
  assert.match(await words("#manifest"), /name = "demo\/hello"/);
  await page.locator("[data-path='src/greet.vit']").click();
  assert.match(await words("#content"), /fn greet/);
});

test("a file in a damaged frame is not shown", async () => {
  await open(fixture.flipped);
  await state("tampered");
  await page.locator("[data-path='docs/guide.md']").click();
  await page.locator("[data-state]", { hasText: "" }).first().waitFor();
  await page.waitForTimeout(300);
  assert.equal(await page.locator("#content").count(), 0);
  // The frame of the sources is whole: its files are bound to the same list.
  await page.locator("[data-path='src/greet.vit']").click();
  assert.match(await words("#content"), /fn greet/);
});

test("another tool's archive is listed and never called verified", async () => {
  await open(fixture.foreign);
  await page.locator("[data-path='hello/src/greet.vit']").click();
  assert.match(await words("#content"), /fn greet/);
  assert.equal(await page.locator("[data-state]").count(), 0);
});

test("of many files only those are drawn that somebody looks at, and damage is seen from outside", async () => {
  await open(fixture.manyFlipped);
  await state("tampered");
  const files = page.locator(".file");
  // The manifest; the folder is closed, and says that something in it is damaged.
  assert.equal(await files.count(), 1);
  const folder = page.locator("vitte-contents summary", { hasText: "src/" });
  assert.match(await folder.innerText(), /✘/);
  await folder.click();
  await page.locator("[data-path='src/0.vit']").waitFor();
  assert.equal(await files.count(), 101);
  await page.locator("[data-more]").click();
  await page.locator("[data-more]").waitFor({ state: "detached" });
  assert.equal(await files.count(), 151);
  await page.locator("vitte-contents summary", { hasText: "inner/" }).click();
  await page.locator("[data-path='src/inner/0.vit']").waitFor();
  assert.equal(await files.count(), 251);
  await folder.click();
  await page.locator("[data-path='src/0.vit']").waitFor({ state: "detached" });
  assert.deepEqual(problems, []);
});

test("something else is refused in words", async () => {
  await page.locator("vitte-drop input").setInputFiles({ name: "x.vitmod", mimeType: "", buffer: Buffer.from("not a package at all") });
  await state("unreadable");
  assert.match(await words("#reason"), /VP02/);
});

test("a dropped file is checked", async () => {
  const bytes = (await readFile(fixture.unsigned)).toString("base64");
  await page.evaluate((base64) => {
    const data = new DataTransfer();
    data.items.add(new File([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))], "dropped.vitmod"));
    const zone = document.querySelector("vitte-verifier").shadowRoot.querySelector("vitte-drop").shadowRoot.querySelector(".zone");
    zone.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, composed: true }));
  }, bytes);
  await state("unsigned");
});

test("all of it works by keyboard", async () => {
  await page.bringToFront();
  const chooser = page.waitForEvent("filechooser");
  await page.keyboard.press("o");
  await (await chooser).setFiles(fixture.signed);
  await state("untrusted");
  await page.keyboard.press("v");
  const focused = () => page.evaluate(() => {
    let at = document.activeElement;
    while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
    return at?.textContent?.trim() ?? "";
  });
  assert.match(await focused(), /What was checked/);
  await page.keyboard.press("f");
  await page.keyboard.press("Enter");
  await page.locator("#content").waitFor();
  await page.keyboard.press("Escape");
  await page.locator("#content").waitFor({ state: "detached" });
  const first = await focused();
  await page.keyboard.press("ArrowUp");
  assert.notEqual(await focused(), first);
  await page.keyboard.press("ArrowDown");
  assert.equal(await focused(), first);
  // After a chooser was used by Tab and Enter, the focus is in its field, which takes no text.
  await page.locator("vitte-drop input").focus();
  await page.keyboard.press("v");
  assert.match(await focused(), /What was checked/);
  await page.keyboard.press("?");
  assert.match(await focused(), /Keyboard shortcuts/);
  // Where text is typed a letter is a letter, and switched off they are none of ours anywhere.
  await page.locator("vitte-registry summary").click();
  await page.locator("vitte-registry #package").focus();
  await page.keyboard.type("vof?");
  assert.equal(await page.locator("vitte-registry #package").inputValue(), "vof?");
  await page.locator("#shortcuts").uncheck();
  await page.keyboard.press("v");
  assert.doesNotMatch(await focused(), /What was checked/);
  await page.reload();
  assert.equal(await page.locator("#shortcuts").isChecked(), false);
  assert.deepEqual(problems, []);
});

for (const scheme of ["light", "dark"]) {
  test(`axe finds nothing, ${scheme}`, async () => {
    await page.emulateMedia({ colorScheme: scheme });
    await open(fixture.flipped);
    await state("tampered");
    const { violations } = await new AxeBuilder({ page }).analyze();
    assert.deepEqual(violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(" ")}`), []);
  });
}

test("the policy allows nothing but the page's own script", async () => {
  const policy = await page.locator("meta[http-equiv=Content-Security-Policy]").getAttribute("content");
  assert.match(policy, /default-src 'none'/);
  assert.match(policy, /require-trusted-types-for 'script'/);
  assert.doesNotMatch(policy, /unsafe-eval(?<!wasm-unsafe-eval)|unsafe-inline/);
  // Not in evaluate itself: what the debugger runs is exempt from the policy.
  const refused = await page.evaluate(() => new Promise((answer) => {
    setTimeout(() => {
      try {
        answer(eval("1"));
      } catch (error) {
        answer(error.name);
      }
    });
  }));
  assert.equal(refused, "EvalError");
});

test("the page speaks the browser's language, or the one that was chosen, and remembers it", async () => {
  await context.close();
  context = await browser.newContext({ locale: "fr-CA" });
  page = await context.newPage();
  await page.goto(file.href);
  await page.locator("vitte-drop .zone").waitFor();
  const lang = () => page.evaluate(() => document.documentElement.lang);
  assert.equal(await lang(), "fr");
  assert.equal(await page.title(), "Vérifier un paquet Vitte");
  await trust();
  await open(fixture.signed);
  await state("verified");
  assert.match(await words("[data-state=verified]"), /vérifié dans votre navigateur/);
  assert.match(await words("[data-step=container]"), /l’archive a la forme d’un paquet\u202f:/);
  // What was checked stays when the language changes.
  await page.locator("#languages [lang=en]").click();
  assert.match(await words("[data-state=verified]"), /verified in your browser/);
  assert.equal(await page.locator("#languages [lang=en]").getAttribute("aria-pressed"), "true");
  await page.reload();
  await page.locator("vitte-drop .zone").waitFor();
  assert.equal(await lang(), "en");
  await page.locator("#languages [lang=fr]").click();
  await open(fixture.unsigned);
  await state("unsigned");
  assert.match(await words("#reason"), /VP0510/);
  assert.equal(await page.locator("#reason [lang=en]").count(), 0);
  const { violations } = await new AxeBuilder({ page }).analyze();
  assert.deepEqual(violations.map(({ id }) => id), []);
});

test("in French, core's own sentences are French too, and one that has none comes after what its code means", async () => {
  await page.locator("#languages [lang=fr]").click();
  await trust();
  await open(fixture.flipped);
  await state("tampered");
  const reason = await words("#reason");
  assert.match(reason, /^VP0501 demo\/hello 1\.0\.0 n’est pas ce que son auteur a signé/);
  assert.match(reason, /la trame 3 sur 3/);
  assert.equal(await page.locator("#reason [lang=en]").count(), 0);
  // Back to English without another check.
  await page.locator("#languages [lang=en]").click();
  assert.match(await words("#reason"), /is not what its author signed/);
  await page.locator("#languages [lang=fr]").click();
  // What a check found.
  await open(fixture.signed);
  await state("verified");
  assert.match(await words("[data-step=frames]"), /trames/);
  // Why a key was refused.
  await page.locator("#pem").fill("nothing");
  await page.locator("#add").click();
  await page.locator("#refused", { hasText: "Ce n’est pas une clé publique" }).waitFor();
  await page.locator("#languages [lang=en]").click();
  await page.locator("#refused", { hasText: "Not a public key" }).waitFor();
  await page.locator("#languages [lang=fr]").click();
  // Another program's sentence, as an error of the system is.
  await open(fixture.flipped);
  await state("tampered");
  await page.evaluate(async () => {
    const verifier = document.querySelector("vitte-verifier");
    const { report } = verifier;
    verifier.report = { ...report, reason: { ...report.reason, message: "no sentence of ours" } };
    await verifier.updateComplete;
  });
  assert.match(await words("#reason"), /VP0501 une trame de l’archive n’est pas ce qui a été signé/);
  assert.equal(await words("#reason [lang=en]"), "no sentence of ours");
  assert.deepEqual(problems, []);
});
