// Debian's Chromium, an empty profile, and nothing that asks the network on its own.
import { existsSync } from "node:fs";
import { chromium } from "playwright-core";

/** The browser to drive: CHROMIUM, or Debian's. */
function executable() {
  const places = [process.env.CHROMIUM, "/usr/bin/chromium"];
  const found = places.find((place) => place && existsSync(place));
  if (!found) throw new Error("there is no browser: install Debian's chromium, or set CHROMIUM");
  return found;
}

export function launch() {
  return chromium.launch({
    executablePath: executable(),
    args: [
      ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
      "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
      "--disable-component-update", "--disable-sync",
    ],
  });
}

/** Makes an error on the console of everything that the page's policies refuse, in documents that are opened from now on. */
export function listenForViolations(page) {
  return page.addInitScript(() => document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) => {
    console.error(`refused by the policy: ${violatedDirective} ${blockedURI}`);
  }));
}
