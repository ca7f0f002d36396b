// What the page says and offers around a verdict: commands, keys, several files, what a browser refuses, announcements.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createHash } from "node:crypto";
import { createServer } from "node:http";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { after, before, beforeEach, test } from "node:test";
import { AxeBuilder } from "@axe-core/playwright";
import { launch, listenForViolations } from "./browser.mjs";
import { binary, makeFixture } from "../../wasm/js/test/fixture.mjs";
import { makeSite, serve } from "../../wasm/js/test/registry.mjs";

const file = new URL("../dist/verify.html", import.meta.url);
let browser, context, page, fixture, problems;
before(async () => {
  fixture = makeFixture();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  fixture?.dispose();
});
beforeEach(async () => {
  await context?.close();
  context = await browser.newContext({ acceptDownloads: true });
  page = await context.newPage();
  problems = [];
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
  await listenForViolations(page);
  await page.goto(file.href);
  await page.locator("vitte-drop .zone").waitFor();
});

const open = (...paths) => page.locator("vitte-drop input").setInputFiles(paths);
const state = (name) => page.locator(`[data-state=${name}]`).waitFor();
const words = (selector) => page.locator(selector).innerText();
async function trust(scope = "demo/*") {
  if (!await page.locator("vitte-keys details[open]").count()) await page.locator("vitte-keys summary").click();
  await page.locator("#pem").fill(fixture.key);
  await page.locator("#for").fill(scope);
  await page.locator("#add").click();
}
async function drop(...files) {
  await page.evaluate((files) => {
    const data = new DataTransfer();
    for (const { name, base64 } of files) data.items.add(new File([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))], name));
    document.body.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, composed: true, cancelable: true }));
  }, files.map(([name, bytes]) => ({ name, base64: Buffer.from(bytes).toString("base64") })));
}
async function noViolations() {
  const { violations } = await new AxeBuilder({ page }).analyze();
  assert.deepEqual(violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(" ")}`), []);
}
const fits = () => page.evaluate(() => document.documentElement.scrollWidth <= innerWidth);

/** Pastes what the page shows into a shell, in a folder with the file, as another user with no keys and no registries. */
function paste(script, copied) {
  const folder = mkdtempSync(join(fixture.folder, "pasted-"));
  for (const [from, name] of copied) copyFileSync(from, join(folder, name));
  mkdirSync(join(folder, "bin"));
  writeFileSync(join(folder, "bin/vitte"), `#!/bin/sh\nshift\nexec '${binary()}' "$@"\n`, { mode: 0o755 });
  const env = { ...process.env, PATH: `${join(folder, "bin")}:${process.env.PATH}`, VITTE_HOME: join(folder, "home"), CI: "1" };
  const done = spawnSync("bash", ["-ec", script], { cwd: folder, env, encoding: "utf8" });
  return { ...done, folder };
}

test("the command that is shown does the same check when it is pasted, whatever the file is called", async () => {
  await trust();
  const names = ["hello-1.0.0.vitmod", "a b; $(touch pwned) 'x'.vitmod", "-rf.vitmod", "demo@1.0.0", "tab\tand\nline.vitmod", "`touch pwned`\"\\.vitmod", "é.vitmod"];
  for (const name of names) {
    // A wrong one would find another file, or none: every second one is altered.
    const isAltered = names.indexOf(name) % 2 === 1;
    const path = isAltered ? fixture.flipped : fixture.signed;
    await drop([name, readFileSync(path)]);
    await state(isAltered ? "tampered" : "verified");
    assert.equal(await words("#subject"), "demo/hello 1.0.0");
    const done = paste(await page.locator("#command").textContent(), [[path, name]]);
    assert.equal(done.status, isAltered ? 5 : 0, `${name}: ${done.stderr}`);
    assert.ok(!existsSync(join(done.folder, "pwned")), name);
  }
  // A key that is trusted for something else is none of this command's.
  await page.locator("vitte-keys li button").click();
  await trust("other/*");
  await open(fixture.signed);
  await state("untrusted");
  const done = paste(await page.locator("#command").textContent(), [[fixture.signed, "hello-1.0.0.vitmod"]]);
  assert.equal(done.status, 5, done.stderr);
  assert.match(done.stderr, /VP0516/);
  assert.deepEqual(problems, []);
});

test("the command of a registry's release and of its file names the registry and its trust root", async () => {
  const site = makeSite();
  const served = await serve(site.registry);
  try {
    await page.locator("vitte-registry summary").click();
    for (const [id, value] of [["#address", served.address], ["#trust-root", site.trustRoot], ["#package", "demo/hello"]]) {
      await page.locator(`vitte-registry ${id}`).fill(value);
    }
    await page.locator("#check").click();
    await state("verified");
    // The terminal's own look at the registry takes place beside this program, which serves it.
    const run = async (copied) => {
      const script = await page.locator("#command").textContent();
      assert.ok(script.includes(served.address) && script.includes(site.trustRoot), script);
      return paste(script.replaceAll(served.address, `'${site.registry}'`), copied);
    };
    let done = await run([]);
    assert.equal(done.status, 0, done.stderr);
    await open(site.archive("1.0.0"));
    await page.locator("#subject", { hasText: "demo/hello 1.0.0" }).waitFor();
    await state("verified");
    done = await run([[site.archive("1.0.0"), "hello-1.0.0.vitmod"]]);
    assert.equal(done.status, 0, done.stderr);
    assert.match(done.stdout + done.stderr, /log/);
  } finally {
    served.close();
    site.dispose();
  }
});

test("a key that is dropped is taken by its fingerprint, for what the reader says, and counts for nothing else", async () => {
  await open(fixture.signed);
  await state("untrusted");
  const fingerprint = await words("#signers li");
  // The package's namespace is suggested.
  assert.equal(await page.locator("#for").inputValue(), "demo/*");
  await page.locator("vitte-keys details").evaluate((details) => { details.open = true; });
  await page.locator("#for").fill("");
  await drop(["demo.pub", fixture.key]);
  await page.locator("#pending", { hasText: fingerprint }).waitFor();
  assert.equal(await page.locator("vitte-keys li").count(), 0);
  assert.ok(!(await page.evaluate(() => JSON.stringify({ ...localStorage }))).includes("PUBLIC"));
  await page.locator("#for").fill("not a scope");
  await page.locator("#add").click();
  await page.locator("#refused", { hasText: "The key was not stored" }).waitFor();
  await drop(["demo.pub", fixture.key]);
  await page.locator("#refused", { hasText: "The key was not stored" }).waitFor();
  for (const [scope, wanted] of [["demo/other", "untrusted"], ["other/*", "untrusted"], ["demo/hello", "verified"]]) {
    await page.locator("#for").fill(scope);
    await drop(["demo.pub", fixture.key]);
    await page.locator("vitte-keys li", { hasText: scope }).waitFor();
    assert.ok((await words(`vitte-keys li:has-text("${scope}")`)).includes(fingerprint));
    await state(wanted);
  }
  // It is what the terminal calls the key, and a later visit says the same.
  const { env } = process;
  assert.ok(execFileSync(binary(), ["key", "list"], { env: { ...env, VITTE_HOME: join(fixture.folder, "home") }, encoding: "utf8" }).includes(fingerprint));
  await page.reload();
  await page.locator("vitte-keys summary").click();
  await page.locator("vitte-keys li", { hasText: fingerprint }).first().waitFor();
  assert.equal(await page.locator("vitte-keys li").count(), 3);
  // A private key that is dropped is refused as one that is pasted.
  await drop(["id", "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n-----END PRIVATE KEY-----\n"]);
  await page.locator("#refused", { hasText: "private key" }).waitFor();
  assert.deepEqual(problems, []);
});

test("several files are a table, one row each with its verdict, and each can be shown in full", async () => {
  await trust();
  await open(fixture.signed, fixture.flipped, fixture.unsigned, fixture.foreign, fixture.manyFlipped);
  await page.locator("vitte-batch h2", { hasText: "5 files checked" }).waitFor();
  const rows = await page.locator("vitte-batch tbody tr").allInnerTexts();
  for (const [index, wanted] of [/verified in your browser\s+demo\/hello 1\.0\.0/, /✘.*VP0501/, /unsigned VP0510/, /not a Vitte package/, /✘.*VP0501\s+demo\/many/].entries()) {
    assert.match(rows[index], wanted);
  }
  assert.equal(await page.locator("[data-state]").count(), 0);
  assert.match(await words("#announced"), /5 files checked/);
  await noViolations();
  await page.locator("vitte-batch button", { hasText: "flipped.vitmod" }).first().click();
  await state("tampered");
  assert.match(await words("#reason"), /frame 3 of 3/);
  await page.setViewportSize({ width: 360, height: 700 });
  assert.ok(await fits());
  // Another key: all of them are judged again.
  await page.locator("vitte-keys li button").click();
  await page.locator("vitte-batch [data-row=untrusted]").first().waitFor();
  // One file again: no table.
  await open(fixture.unsigned);
  await state("unsigned");
  assert.equal(await page.locator("vitte-batch").count(), 0);
  assert.deepEqual(problems, []);
});

test("a report is saved as JSON, the tab says the verdict, and a screen reader hears of it once", async () => {
  await trust();
  assert.equal(await page.title(), "Verify a Vitte package");
  await page.evaluate(() => {
    globalThis.heard = [];
    const root = document.querySelector("vitte-verifier").shadowRoot;
    new MutationObserver(() => globalThis.heard.push(root.querySelector("#announced").textContent)).observe(root.querySelector("#announced"), { childList: true, characterData: true, subtree: true });
  });
  await open(fixture.signed);
  await state("verified");
  assert.equal(await page.title(), "✔ demo/hello 1.0.0 – verified in your browser");
  await page.locator("#announced", { hasText: "verified" }).waitFor({ state: "attached" });
  assert.ok((await page.evaluate(() => globalThis.heard)).length <= 2);
  assert.equal((await page.evaluate(() => globalThis.heard)).at(-1), "demo/hello 1.0.0, verified in your browser");
  const [saved] = await Promise.all([page.waitForEvent("download"), page.locator("#save").click()]);
  assert.equal(saved.suggestedFilename(), "demo-hello-1.0.0.report.json");
  const report = JSON.parse(readFileSync(await saved.path(), "utf8"));
  assert.deepEqual([report.file, report.report.status, report.report.release.package], ["hello-1.0.0.vitmod", "verified", "demo/hello"]);
  assert.deepEqual(report.trust.keys, [{ key: fixture.key, for: "demo/*" }]);
  assert.ok(Date.parse(report.checked) > 0 && report.report.steps.length >= 8);
  await open(fixture.flipped);
  await state("tampered");
  assert.match(await page.title(), /^✘ demo\/hello 1\.0\.0 – not what/);
  assert.deepEqual(problems, []);
});

test("a registry that says nothing shows progress, is announced once and can be left", async () => {
  let asked = 0;
  const silent = createServer(() => { asked += 1; });
  await new Promise((ready) => silent.listen(0, "127.0.0.1", ready));
  try {
    await page.locator("vitte-registry summary").click();
    for (const [id, value] of [["#address", `http://127.0.0.1:${silent.address().port}/`], ["#trust-root", "0".repeat(64)], ["#package", "demo/hello"]]) {
      await page.locator(`vitte-registry ${id}`).fill(value);
    }
    await page.locator("#check").click();
    await page.locator("#cancel").waitFor();
    assert.match(await words("#progress"), /querying http:\/\/127\.0\.0\.1/);
    assert.match(await page.locator("#announced").textContent(), /^Checking demo\/hello$/);
    assert.match(await page.title(), /^… demo\/hello/);
    await noViolations();
    await page.locator("#cancel").click();
    await page.locator("[data-state]").waitFor({ state: "detached" });
    assert.match(await page.locator("#announced").textContent(), /cancelled/);
    assert.ok(asked > 0);
    // What comes next is not held up.
    await page.locator("#check").click();
    await page.locator("#cancel").waitFor();
    await page.locator("#forget").click();
    await open(fixture.signed);
    await state("untrusted");
  } finally {
    silent.close();
    silent.closeAllConnections();
  }
});

test("a worker or a module that the host refuses is said at once, with the command for the terminal", async () => {
  const html = readFileSync(file, "utf8");
  const server = createServer((request, response) => {
    const policy = request.url.startsWith("/worker") ? "worker-src 'none'" : "script-src 'self' 'unsafe-inline' blob:";
    response.writeHead(200, { "content-type": "text/html", "content-security-policy": policy }).end(html);
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  try {
    for (const path of ["worker", "wasm"]) {
      await page.close();
      page = await context.newPage();
      await page.goto(`http://127.0.0.1:${server.address().port}/${path}`);
      await page.locator("#no-start").waitFor();
      assert.match(await words("#no-start"), /does not allow the page's worker or WebAssembly[\s\S]*vitte package verify/);
      await noViolations();
      await open(fixture.signed);
      await state("could_not_check");
      assert.equal(await page.locator("#command").textContent(), "vitte package verify hello-1.0.0.vitmod");
      assert.ok(!(await words("[data-state]")).includes("✘"));
      await open(fixture.signed, fixture.flipped);
      assert.equal(await page.locator("vitte-batch [data-row=could_not_check]").count(), 2);
    }
  } finally {
    server.close();
    server.closeAllConnections();
  }
});

test("a file that changes on disk after its verdict is green no longer", async () => {
  await trust();
  const path = join(fixture.folder, "changing.vitmod");
  copyFileSync(fixture.signed, path);
  await open(path);
  await state("verified");
  writeFileSync(path, readFileSync(fixture.flipped));
  await page.locator("[data-path='docs/guide.md']").click();
  await page.locator("[data-state=could_not_check], [data-state=tampered]").waitFor();
  assert.equal(await page.locator("[data-state=verified]").count() + await page.locator("[data-mark=matches]").count(), 0);
  rmSync(path);
});

test("a chip says what is known: of an empty file, of words that are no digest, of another registry's package", async () => {
  const empty = join(fixture.folder, "empty.vitmod");
  writeFileSync(empty, "");
  const terminal = spawnSync(binary(), ["verify", empty], { env: { ...process.env, CI: "1", VITTE_HOME: join(fixture.folder, "nobody") }, encoding: "utf8" });
  await open(empty);
  await state("unreadable");
  const [, code] = /(VP\d{4})/.exec(terminal.stderr);
  assert.match(await words("#reason"), new RegExp(code));
  // What is wrong with the reader's own words is no fault of the package.
  await page.locator("vitte-registry summary").click();
  for (const [id, value] of [["#address", "http://127.0.0.1:9/"], ["#trust-root", "abc"], ["#package", "demo/hello"]]) {
    await page.locator(`vitte-registry ${id}`).fill(value);
  }
  await page.locator("#check").click();
  await state("could_not_check");
  await open(fixture.signed);
  await page.locator("#subject", { hasText: "hello" }).waitFor();
  await state("could_not_check");
  assert.ok(!(await words("[data-state]")).includes("✘"));
  await page.locator("#forget").click();
  // Lengths are no digests, and nothing is called a digest that is none.
  await trust();
  const cut = join(fixture.folder, "longer.vitmod");
  writeFileSync(cut, Buffer.concat([readFileSync(fixture.signed), Buffer.from("x")]));
  await open(cut);
  await state("tampered");
  assert.doesNotMatch(await words("vitte-verdict"), /signed digest/);
});

test("what cannot be asked of a registry is said in words: no scheme, plain http, no permission, nobody there", async () => {
  const closed = createServer((_, response) => response.writeHead(200).end("{}")); // It allows no other origin.
  await new Promise((ready) => closed.listen(0, "127.0.0.1", ready));
  try {
    await page.locator("vitte-registry summary").click();
    await page.locator("vitte-registry #package").fill("demo/hello");
    await page.locator("#trust-root").fill("abc");
    await page.locator("#not-a-digest").waitFor();
    await page.locator("#trust-root").fill(`sha256:${"A".repeat(64)}`);
    await page.locator("#not-a-digest").waitFor({ state: "detached" });
    for (const [address, wanted] of [
      ["127.0.0.1:7901", /VP0903[\s\S]*127\.0\.0\.1:7901[\s\S]*http or https address/],
      [`http://127.0.0.1:${closed.address().port}/`, /VP0602[\s\S]*must also allow this page to read it \(CORS\)/],
      ["http://127.0.0.1:9/", /VP0602[\s\S]*check the address and the network/],
      ["http://registry.invalid/", /VP0602/],
    ]) {
      await page.locator("#address").fill(address);
      assert.equal(await page.locator("#insecure").count(), address.includes("registry.invalid") ? 1 : 0, address);
      // The form's own check of addresses is not what is asked here.
      await page.locator("vitte-registry form").evaluate((form) => { form.noValidate = true; });
      await page.locator("#check").click();
      await page.locator("#reason", { hasText: address.replace(/^http:\/\//, "").slice(0, 12) }).waitFor();
      await state("could_not_check");
      assert.match(await words("#reason"), wanted, address);
    }
  } finally {
    closed.close();
    closed.closeAllConnections();
  }
});

test("a folder is named as that, and a file that is dropped for real is checked", async () => {
  const cdp = await context.newCDPSession(page);
  const dragged = async (path) => {
    const data = { items: [], files: [path], dragOperationsMask: 1 };
    for (const type of ["dragEnter", "dragOver", "drop"]) await cdp.send("Input.dispatchDragEvent", { type, x: 200, y: 200, data });
  };
  await dragged(join(fixture.folder, "hello"));
  await page.locator("#folder", { hasText: "hello is a folder" }).waitFor();
  assert.equal(await page.locator("[data-state]").count(), 0);
  await dragged(fixture.signed);
  await state("untrusted");
  assert.equal(await page.locator("#folder").count(), 0);
  assert.deepEqual(problems, []);
});

test("another tool's archive has no nameless rows, and its folders are not counted as files", async () => {
  await open(fixture.foreign);
  await page.locator("[data-path='hello/src/greet.vit']").waitFor();
  const names = await page.locator(".file").allInnerTexts();
  assert.ok(names.length >= 4 && names.every((name) => name.trim() !== ""), names.join());
  assert.match(await words("#files h2"), new RegExp(`^${names.length} files$`));
});

test("at 360 px nothing is wider than the page, in any state", async () => {
  await page.setViewportSize({ width: 360, height: 700 });
  assert.ok(await fits());
  await trust();
  await page.locator("vitte-registry summary").click();
  for (const [path, wanted] of [[fixture.signed, "verified"], [fixture.flipped, "tampered"], [fixture.unsigned, "unsigned"]]) {
    await open(path);
    await state(wanted);
    assert.ok(await fits(), wanted);
  }
  await noViolations();
});

test("the same sources and modules give the same page, and its digest is printed", () => {
  const folder = join(fixture.folder, "built");
  const printed = execFileSync(process.execPath, [new URL("../build/standalone.mjs", import.meta.url).pathname, folder], { encoding: "utf8" });
  const [built, dist] = [join(folder, "verify.html"), file].map((path) => createHash("sha256").update(readFileSync(path)).digest("hex"));
  assert.equal(built, dist);
  assert.ok(printed.includes(dist), printed);
});

test("served, it is installable and goes on without its host", async () => {
  const served = await serve(dirname(fileURLToPath(file)));
  await page.goto(`${served.address}verify.html`);
  await page.evaluate(() => navigator.serviceWorker.ready);
  const cdp = await context.newCDPSession(page);
  const { errors } = await cdp.send("Page.getAppManifest");
  assert.deepEqual(errors, []);
  served.close();
  await page.reload();
  await trust();
  await open(fixture.signed);
  await state("verified");
  assert.deepEqual(problems.filter((problem) => !/ERR_CONNECTION_REFUSED/.test(problem)), []);
});
