// The main states in Firefox and WebKit, from disk and from a server.
import assert from "node:assert/strict";
import { appendFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { after, before, test } from "node:test";
import { absent, start } from "./engines.mjs";
import { makeFixture } from "../../wasm/js/test/fixture.mjs";
import { makeSite, serve } from "../../wasm/js/test/registry.mjs";

const dist = new URL("../dist/", import.meta.url);
let fixture, site, home, served;
before(async () => {
  [fixture, site] = [makeFixture(), makeSite()];
  [home, served] = [await serve(fileURLToPath(dist)), await serve(site.registry)];
});
after(() => {
  home?.close();
  served?.close();
  site?.dispose();
  fixture?.dispose();
});

for (const engine of ["firefox", "webkit"]) {
  const skipped = process.env.VITTE_TEST_SKIPPED;
  if (absent[engine] && skipped) appendFileSync(skipped, `the page in ${engine} (${absent[engine]})\n`);
  test(`${engine} says the same of each package, from disk and from a server`, { skip: absent[engine], timeout: 300_000 }, async () => {
    const page = await start(engine);
    try {
      for (const address of [new URL("verify.html", dist).href, `${home.address}verify.html`]) {
        await page.go(address);
        await page.until("vitte-drop .zone");
        assert.equal(await page.text("#no-start"), null);
        const says = async (path, state) => {
          await page.choose("vitte-drop input", path);
          await page.until(`[data-state=${state}]`);
        };
        await says(fixture.unsigned, "unsigned");
        await says(fixture.signed, "untrusted");
        await page.fill("#pem", fixture.key);
        await page.fill("#for", "demo/*");
        await page.click("#add");
        await page.until("[data-state=verified]");
        await page.click("[data-path='src/greet.vit']");
        assert.match(await page.until("#content"), /fn greet/);
        await says(fixture.flipped, "tampered");
        assert.match(await page.text("#reason"), /VP0501[\s\S]*frame 3 of 3/);
        for (const [id, value] of [["#address", served.address], ["#trust-root", site.trustRoot], ["vitte-registry input#package", "demo/hello"]]) {
          await page.fill(id, value);
        }
        await page.until("#check:not([disabled])");
        await page.click("#check");
        await page.until("[data-state=verified]");
        assert.match(await page.text("#log"), /entry \d+ of \d+/);
        await page.fill("vitte-registry input#package", "demo/nothing");
        await page.click("#check");
        await page.until("[data-state=could_not_check]");
        assert.match(await page.text("#reason"), /VP0606/);
        await page.evaluate("try { localStorage.clear() } catch { }");
      }
    } finally {
      await page.close();
    }
  });
}
