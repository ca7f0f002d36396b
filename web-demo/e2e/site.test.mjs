// Every page of a registry's site: nothing that axe or the content security policy objects to, no page wider than a
// phone, no more bytes than there may be. In both languages, light and dark, with scripts and without.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { AxeBuilder } from "@axe-core/playwright";
import { launch } from "./browser.mjs";
import { ROUTES, startSite } from "./site.mjs";

/** HTML and style of a page, gzip. */
const PAGE_LIMIT = 60 * 1024;

const assets = fileURLToPath(new URL("../dist/site/", import.meta.url));

let browser, site, signedIn;
before(async () => {
  assert.ok(existsSync(join(assets, "site.js")), "build the scripts first: node web-demo/build/site.mjs");
  [site, browser] = await Promise.all([startSite(["--web-assets", assets]), launch()]);
  const page = await browser.newPage();
  await page.goto(`${site.address}/sign-in?return=%2Faccount%2Ftokens`);
  await page.fill("[name=user]", "ada");
  await page.fill("[name=password]", "correct horse battery staple");
  await Promise.all([page.waitForURL(/\/account\/tokens$/), page.click("main form button")]);
  signedIn = await page.context().storageState();
});
after(async () => {
  await browser?.close();
  await site?.end();
});

/** A window of a reader who has signed in, where `page` says what is wrong with it. */
async function reader({ scripts = true, ...options }) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, storageState: signedIn, ...options });
  // axe is a script itself: the page's own do not arrive.
  if (!scripts) await context.route(/\/assets\/.*\.js$/, (route) => route.abort());
  const page = await context.newPage();
  const said = [];
  page.on("console", (message) => message.type() === "error" && !/status of 404|ERR_FAILED/.test(message.text()) && said.push(message.text()));
  page.on("pageerror", (error) => said.push(String(error)));
  return { context, page, said };
}

const findings = ({ violations }) => violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target).join(", ")}`);

for (const [locale, colorScheme, scripts] of [["en", "light", true], ["en", "dark", false], ["fr", "dark", true], ["fr", "light", false]]) {
  test(`axe finds nothing: ${locale}, ${colorScheme}, scripts ${scripts ? "on" : "off"}`, { timeout: 300_000 }, async () => {
    const { context, page, said } = await reader({ locale, colorScheme, scripts });
    const found = [];
    for (const [name, path] of Object.entries(ROUTES)) {
      const response = await page.goto(site.address + path);
      assert.equal(response.status(), name === "missing" ? 404 : 200, path);
      assert.equal(await page.locator("html").getAttribute("lang"), locale, path);
      // What it says once it has checked.
      const isUnderWay = "vitte-verify[data-words] .trust:is([data-state=claim], [data-state=checking])";
      if (scripts) await page.waitForFunction((selector) => !document.querySelector(selector), isUnderWay);
      found.push(...findings(await new AxeBuilder({ page }).analyze()).map((finding) => `${name}: ${finding}`));
    }
    assert.deepEqual(found, []);
    assert.deepEqual(said, []);
    await context.close();
  });
}

test("no page is wider than a phone, or than a window at 200 %, and none is without its focus or its signs in forced colours", async () => {
  const { context, page } = await reader({ viewport: { width: 360, height: 740 }, reducedMotion: "reduce", forcedColors: "active" });
  const wide = [];
  for (const [name, path] of Object.entries(ROUTES)) {
    for (const width of [360, 640]) {
      await page.setViewportSize({ width, height: 740 });
      await page.goto(site.address + path);
      if (await page.evaluate(() => document.documentElement.scrollWidth > innerWidth)) wide.push(`${name} at ${width}`);
    }
    // What is cut off within something that does not scroll.
    const cut = await page.evaluate(() => [...document.querySelectorAll("main .tag, main h1, main .lead, main dd, main td")]
      .filter((element) => element.getClientRects().length > 0 && !element.closest(".src, pre, .scroll") && element.getBoundingClientRect().right > innerWidth)
      .map((element) => element.textContent.trim().slice(0, 40)));
    if (cut.length > 0) wide.push(`${name}: ${cut}`);
    await page.keyboard.press("Tab");
    const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
    assert.notEqual(outline, "none", `${name}: the first focus is not seen`);
    const moving = await page.evaluate(() => document.getAnimations().length);
    assert.equal(moving, 0, name);
  }
  assert.deepEqual(wide, []);
  await context.close();
});

test("a tag beside a package's version is seen whole", async () => {
  const { context, page } = await reader({});
  for (const name of ["package", "malware"]) {
    await page.goto(site.address + ROUTES[name]);
    const [tag, clip] = await page.evaluate(() => {
      const meta = document.querySelector(".meta");
      const box = meta.getBoundingClientRect();
      const inset = parseFloat(getComputedStyle(meta).clipPath.split(" ")[3]);
      return [document.querySelector(".meta .tag").getBoundingClientRect().left, box.left + inset];
    });
    assert.ok(tag >= clip - 0.5, `${name}: ${tag} is left of ${clip}`);
  }
  await context.close();
});

test("the map of the site names every package, as often as it is asked for", async () => {
  const maps = await Promise.all([0, 1, 2].map(async () => (await fetch(`${site.address}/sitemap.xml`)).text()));
  for (const map of maps) assert.equal([...map.matchAll(/<loc>[^<]*\/roussov\/[^<]+<\/loc>/g)].length, 5, map);
});

test("pages are small, and every asset may be kept for ever", async () => {
  const headers = { accept: "text/html" };
  for (const [name, path] of Object.entries(ROUTES)) {
    const html = await (await fetch(site.address + path, { headers })).text();
    const assets = [...html.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].map(([, asset]) => asset);
    let bytes = gzipSync(html).length;
    for (const asset of new Set(assets)) {
      const response = await fetch(site.address + asset);
      assert.equal(response.status, 200, asset);
      assert.match(response.headers.get("cache-control"), /immutable/, asset);
      const body = Buffer.from(await response.arrayBuffer());
      if (asset.endsWith(".css")) bytes += gzipSync(body).length;
    }
    assert.ok(bytes <= PAGE_LIMIT, `${name}: ${bytes} bytes`);
  }
});
