// Firefox and WebKit as Debian has them, driven by the protocols they have built in: Firefox by Marionette over a socket,
// WebKit by its WebDriver over HTTP. Both take the same commands, so no library is needed.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const first = (...places) => places.find((place) => place && existsSync(place));
const firefox = first(process.env.FIREFOX, "/usr/bin/firefox-esr", "/usr/bin/firefox");
const driver = first("/usr/bin/WebKitWebDriver");
const screen = first("/usr/bin/Xvfb");
/** It lies in the folder of the machine's architecture. */
const miniBrowser = () => first(...readdirSync("/usr/lib").map((folder) => `/usr/lib/${folder}/webkit2gtk-4.1/MiniBrowser`));

/** Why an engine cannot be had here; `false` if it can. */
export const absent = {
  firefox: firefox ? false : "there is no Firefox here",
  webkit: driver && screen && miniBrowser() ? false : "there is no WebKit here",
};

/** How long a browser may take to start. */
const START = 90_000;

/** Tries until it works or the time is up. */
async function soon(what, milliseconds, attempt) {
  const end = Date.now() + milliseconds;
  for (;;) {
    try {
      const found = await attempt();
      if (found !== undefined && found !== false) return found;
    } catch (error) {
      if (Date.now() > end) throw error;
    }
    if (Date.now() > end) throw new Error(`${what}: not within ${milliseconds} ms`);
    await sleep(50);
  }
}

const freePort = () => new Promise((found) => {
  const probe = createServer().listen(0, "127.0.0.1", () => {
    const { port } = probe.address();
    probe.close(() => found(port));
  });
});

/** Starts a program in a process group of its own, which `end` ends: politely, as some have files to put away. */
function started(command, args, env, stdio = "ignore") {
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio, detached: true });
  const over = new Promise((ended) => child.on("exit", ended).on("error", ended));
  const signal = (name) => {
    try {
      process.kill(-child.pid, name);
    } catch {
      // It has ended already.
    }
  };
  // A test that ran out of time leaves none of it behind either.
  const kill = () => signal("SIGKILL");
  process.once("exit", kill);
  const end = async () => {
    signal("SIGTERM");
    await Promise.race([over, sleep(5_000, undefined, { ref: false })]);
    kill();
    await over;
    process.off("exit", kill);
  };
  return { child, end };
}

/** Commands to Marionette: each is `LENGTH:[0, number, name, parameters]`, each answer `LENGTH:[1, number, error, result]`. */
async function marionette(port) {
  const socket = connect(port, "127.0.0.1");
  await new Promise((ready, failed) => socket.once("connect", ready).once("error", failed));
  const waiting = new Map();
  let buffer = Buffer.alloc(0);
  socket.on("data", (bytes) => {
    buffer = Buffer.concat([buffer, bytes]);
    for (;;) {
      const colon = buffer.indexOf(":");
      const length = Number(buffer.subarray(0, Math.max(colon, 0)).toString());
      if (colon < 0 || buffer.length < colon + 1 + length) return;
      const message = JSON.parse(buffer.subarray(colon + 1, colon + 1 + length).toString());
      buffer = buffer.subarray(colon + 1 + length);
      if (!Array.isArray(message)) continue; // It says hello.
      const [, id, error, result] = message;
      const { resolve, reject } = waiting.get(id);
      waiting.delete(id);
      if (error) reject(new Error(`${error.error}: ${error.message}`));
      else resolve(result && "value" in result ? result.value : result);
    }
  });
  socket.on("close", () => waiting.forEach(({ reject }) => reject(new Error("Firefox has ended"))));
  let next = 0;
  return (name, parameters) => new Promise((resolve, reject) => {
    const id = (next += 1);
    waiting.set(id, { resolve, reject });
    const text = Buffer.from(JSON.stringify([0, id, name, parameters]));
    socket.write(Buffer.concat([Buffer.from(`${text.length}:`), text]));
  });
}

async function startFirefox() {
  const profile = mkdtempSync(join(tmpdir(), "vitte-firefox-"));
  const prefs = {
    "marionette.port": 0, "app.update.enabled": false, "browser.shell.checkDefaultBrowser": false, "datareporting.policy.dataSubmissionEnabled": false,
    "toolkit.telemetry.enabled": false, "browser.aboutwelcome.enabled": false, "network.captive-portal-service.enabled": false,
    "network.connectivity-service.enabled": false, "services.settings.server": "data:,", "extensions.systemAddon.update.enabled": false,
    "intl.accept_languages": "en-US", "intl.locale.requested": "en-US",
  };
  writeFileSync(join(profile, "user.js"), Object.entries(prefs).map(([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`).join(""));
  const { end } = started(firefox, ["--headless", "--marionette", "--no-remote", "--profile", profile], { MOZ_HEADLESS: "1", HOME: profile });
  const close = async () => {
    await end();
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    const port = await soon("Firefox's port", START, () => Number(readFileSync(join(profile, "MarionetteActivePort"), "utf8")) || undefined);
    const command = await soon("Firefox", START, () => marionette(port));
    await command("WebDriver:NewSession", { capabilities: { alwaysMatch: {} } });
    return {
      go: (url) => command("WebDriver:Navigate", { url }),
      run: (script, args) => command("WebDriver:ExecuteScript", { script, args }),
      send: (id, text) => command("WebDriver:ElementSendKeys", { id, text }),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function startWebKit() {
  const home = mkdtempSync(join(tmpdir(), "vitte-webkit-"));
  const port = await freePort();
  // It says which number is free.
  const { child, end: endScreen } = started(screen, ["-displayfd", "3", "-screen", "0", "1280x1024x24", "-nolisten", "tcp"], {}, ["ignore", "ignore", "ignore", "pipe"]);
  const [display] = await once(child.stdio[3], "data", { signal: AbortSignal.timeout(START) });
  // As root there is no sandbox, and the driver says so by ending.
  const root = process.getuid?.() === 0 ? { WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: "1" } : {};
  const { end } = started(driver, [`--port=${port}`], { ...root, DISPLAY: `:${String(display).trim()}`, HOME: home, XDG_RUNTIME_DIR: home, LANG: "C.UTF-8", LIBGL_ALWAYS_SOFTWARE: "1" });
  const close = async () => {
    await end();
    await endScreen();
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  };
  const ask = async (path, body) => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, body === undefined ? {} : { method: "POST", body: JSON.stringify(body) });
    const { value } = await answer.json();
    if (!answer.ok) throw new Error(`${value.error}: ${value.message}`);
    return value;
  };
  try {
    await soon("WebKit's driver", START, () => ask("/status"));
    const capabilities = { alwaysMatch: { "webkitgtk:browserOptions": { binary: miniBrowser(), args: ["--automation"] } } };
    const { sessionId } = await ask("/session", { capabilities });
    return {
      go: (url) => ask(`/session/${sessionId}/url`, { url }),
      run: (script, args) => ask(`/session/${sessionId}/execute/sync`, { script, args }),
      send: (id, text) => ask(`/session/${sessionId}/element/${id}/value`, { text }),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

const ELEMENT = "element-6066-11e4-a52e-4f735466cecf";
/** Finds an element in any shadow tree; what comes after a space is looked for within the element before it. */
const FIND = `const one = (root, selector) => root.querySelector(selector)
  ?? [...root.querySelectorAll("*")].map((element) => element.shadowRoot && one(element.shadowRoot, selector)).find(Boolean) ?? null;
const find = (root, selector) => selector.split(" ").reduce((at, part) => at && one(at.shadowRoot ?? at, part), root);`;

/** A page in an engine: `go`, `text` of an element, `click`, `fill`, `choose` a file, `until` there is an element. */
export async function start(engine) {
  const { go, run, send, close } = await (engine === "firefox" ? startFirefox() : startWebKit());
  const inPage = (script, ...args) => run(`${FIND} ${script}`, args);
  const text = (selector) => inPage("return find(document, arguments[0])?.textContent ?? null", selector);
  return {
    go, close, text,
    evaluate: inPage,
    until: (selector, milliseconds = 60_000) => soon(selector, milliseconds, async () => (await text(selector)) ?? undefined).catch(async (error) => {
      throw new Error(`${error.message}; the page says: ${await inPage("return one(document, 'vitte-verdict')?.shadowRoot.textContent.replaceAll(/\\\\s+/g, ' ') ?? document.title")}`);
    }),
    click: (selector) => inPage("find(document, arguments[0]).click()", selector),
    fill: (selector, value) => inPage(`const field = find(document, arguments[0]); field.value = arguments[1];
      for (const name of ["input", "change"]) field.dispatchEvent(new Event(name, { bubbles: true, composed: true }));`, selector, value),
    async choose(selector, path) {
      const element = await inPage("return find(document, arguments[0])", selector);
      await send(element[ELEMENT], path);
    },
  };
}
