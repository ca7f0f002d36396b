// The page in Chromium and the native command in turn, on the same file: from the choice of the file to the verdict on
// the screen, and how long the page's main thread was ever busy at a stretch.
// usage: node browser.mjs PAIRS FILE KEY.pub COMMAND...      prints JSON: {page: [ms], native: [ms], longest: ms}
import { spawnSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { launch } from "../../web-demo/e2e/browser.mjs";

const [pairs, file, key, command, ...args] = process.argv.slice(2);
const browser = await launch();
try {
  const page = await (await browser.newContext()).newPage();
  await page.goto(new URL("../../web-demo/dist/verify.html", import.meta.url).href);
  await page.locator("vitte-drop .zone").waitFor();
  await page.locator("vitte-keys summary").click();
  await page.locator("#pem").fill(await readFile(key, "utf8"));
  await page.locator("#for").fill("*");
  await page.locator("#add").click();
  const input = page.locator("vitte-drop input");
  await input.evaluate((element) => {
    globalThis.longest = 0;
    new PerformanceObserver((list) => {
      for (const task of list.getEntries()) globalThis.longest = Math.max(globalThis.longest, task.duration);
    }).observe({ type: "longtask" });
    const find = (root) => root.querySelector("[data-state=verified]")
      ?? [...root.querySelectorAll("*")].map((one) => one.shadowRoot && find(one.shadowRoot)).find(Boolean);
    // The clock starts when the page is given the file, and stops at the frame after the verdict is there.
    element.addEventListener("change", () => {
      if (element.files.length === 0) return;
      const began = performance.now();
      globalThis.verdict = new Promise((done) => {
        const seen = () => find(document)
          ? requestAnimationFrame(() => done(performance.now() - began))
          : requestAnimationFrame(seen);
        // The verdict of the file before goes first.
        requestAnimationFrame(() => requestAnimationFrame(seen));
      });
    }, { capture: true }); // before the page's own, which empties the input
  });
  const native = [], shown = [];
  for (let pair = 0; pair <= Number(pairs); pair += 1) {
    await input.setInputFiles([]);
    await page.evaluate(() => delete globalThis.verdict);
    await input.setInputFiles(file);
    const took = await page.evaluate(() => globalThis.verdict);
    const began = performance.now();
    const done = spawnSync(command, args, { env: { ...process.env, VITTE_JOBS: "1" } });
    const ended = performance.now();
    if (done.status !== 0) throw new Error(String(done.stderr));
    // The first of each is for warming up.
    if (pair > 0) {
      shown.push(took);
      native.push(ended - began);
    }
  }
  const longest = await page.evaluate(() => globalThis.longest);
  console.log(JSON.stringify({ page: shown, native, longest }));
} finally {
  await browser.close();
}
