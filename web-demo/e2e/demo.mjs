// A registry with a few packages behind a server whose pages check them: `serve` until Ctrl-C, or `pictures FOLDER`, the
// two that the README shows.
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startSite } from "./site.mjs";

const [what, folder] = process.argv.slice(2);
const assets = fileURLToPath(new URL("../dist/site/", import.meta.url));
const flags = existsSync(join(assets, "site.js")) ? ["--web-assets", assets] : [];
if (flags.length === 0) console.error("demo: the scripts of the site are not built: its pages say what is claimed, and no more");
const site = await startSite(flags);
const end = async () => {
  await site.end();
  process.exit();
};
process.on("SIGINT", end).on("SIGTERM", end);

if (what === "pictures") {
  const { launch } = await import("./browser.mjs");
  const browser = await launch();
  mkdirSync(folder, { recursive: true });
  const take = async (state, name) => {
    // A browser that has read the archive keeps it.
    const page = await browser.newPage({ viewport: { width: 1240, height: 700 }, colorScheme: "light" });
    await page.goto(`${site.address}/roussov/vitte-math`);
    await page.locator(`.trust[data-state=${state}]`).waitFor();
    await page.screenshot({ path: join(folder, `${name}.png`) });
    console.log(join(folder, `${name}.png`));
  };
  try {
    await take("verified", "verified");
    site.tamper("roussov/vitte-math", "1.1.0");
    await take("tampered", "tampered");
  } finally {
    await browser.close();
    await site.end();
  }
  process.exit();
} else {
  console.log(`${site.address}/roussov/vitte-math`);
  console.error(`demo: your browser checks that page. Change a byte of ${site.archive("roussov/vitte-math", "1.1.0")}, and open it in a private window, which has no copy of it. Ctrl-C ends it`);
}
