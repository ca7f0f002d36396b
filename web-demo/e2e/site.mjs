// A server with a small registry: packages of every kind that its pages tell apart. Made by the real programs.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { binary } from "../../wasm/js/test/fixture.mjs";

const README = `# Math

Sums, products and powers of \`number\`s, **checked** for overflow.

## Use

\`\`\`vitte
use math.sum
proc main() {
  give sum([1, 2, 3]) // 6
}
\`\`\`

| function | since | what it does |
|-|-|-|
| sum | 1.0.0 | adds, from the left to the right, and stops at the first overflow |
| power | 1.1.0 | raises |

- [the guide](docs/guide.md), [elsewhere](https://example.com/)
- ![a picture](https://example.com/picture.png)

> It is exact, or it says that it cannot be.
`;

/** The server's program, beside the command line or at VITTE_REGISTRY_BIN. */
function program() {
  const found = process.env.VITTE_REGISTRY_BIN ?? join(dirname(binary()), "vitte-registry");
  if (!existsSync(found)) throw new Error("build the server first: cargo build -p vitte-registry");
  return found;
}

/** Starts it, with what `flags` add to its settings; `isSmall`: with one package. Call `end` when done. */
export async function startSite(flags = [], { isSmall = false } = {}) {
  const folder = mkdtempSync(join(tmpdir(), "vitte-site-"));
  const data = join(folder, "data");
  const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("VITTE_")));
  const operate = (input, ...args) => execFileSync(program(), [...args, "--data", data], { env: clean, input, encoding: "utf8", stdio: ["pipe", "pipe", "pipe"] }).trim();
  const [, trustRoot] = /--trust-root-sha256 ([0-9a-f]{64})/.exec(operate("", "init", "--id", "registry.example/"));
  operate("correct horse battery staple\n", "user", "add", "ada", "--password");
  const token = operate("", "token", "create", "--scopes", "publish,yank", "--packages", "*");
  const child = spawn(program(), ["serve", "--data", data, "--listen", "127.0.0.1:0", "--rate-limits", "off", ...flags], { env: clean, stdio: ["ignore", "pipe", "ignore"] });
  const end = async () => {
    const ended = child.exitCode === null && once(child, "exit");
    child.kill("SIGKILL");
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    return { ...(await fill()), end };
  } catch (error) {
    await end();
    throw new Error(error.stderr || error.message, { cause: error });
  }

  async function fill() {
    const [line] = await once(createInterface({ input: child.stdout }), "line");
    const address = `http://${line.split("://")[1].trim().replace(/\/$/, "")}`;

    const env = { ...clean, VITTE_HOME: join(folder, "home"), VITTE_TOKEN: token, CI: "1" };
    const vitte = (...args) => execFileSync(binary(), args, { env, cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
    const publish = (name, version, { more = "", files = {} } = {}) => {
      const project = join(folder, "project");
      rmSync(project, { recursive: true, force: true });
      const all = {
        "vitte.toml": `[package]\nname = "${name}"\nversion = "${version}"\nedition = "2025"\nlicense = "MIT OR Apache-2.0"\ninclude = ["src/**", "docs/**", "LICENSE", "README.md"]\n${more}\n`,
        LICENSE: "MIT\n",
        "src/lib.vit": `module ${basename(name).replaceAll("-", "_")}\n// ${name} ${version}\nproc sum(list: [int]) -> int {\n  let total = 0\n  for each in list { total = total + each } /* one by one */\n  give total\n}\nconst NAME = "sum <${version}>"\n`,
        ...files,
      };
      for (const [path, content] of Object.entries(all)) {
        mkdirSync(dirname(join(project, path)), { recursive: true });
        writeFileSync(join(project, path), content);
      }
      vitte("publish", "--yes", "--no-input", "--manifest", join(project, "vitte.toml"), "--registry", address);
    };
    vitte("key", "generate");
    vitte("registry", "add", address, "--trust-root-sha256", trustRoot);
    const words = `description = "Sums, products and powers, exact or refused"\nkeywords = ["math", "numbers"]\nrepository = "https://example.com/roussov/math"`;
    const docs = { "README.md": README, "docs/guide.md": "# Guide\n\nStart with *sum*.\n", "docs/data.json": "{\"a\": [1, 2.5e3, null, true], \"b\": \"<x>\"}\n", "src/deep/inner/power.vit": "module power\n", "docs/odd.txt": "\ufeffa\r\n\r\nb\rc\n\u202e<d>\r", "docs/empty.txt": "" };
    publish("roussov/vitte-math", "1.0.0", { more: words, files: docs });
    if (isSmall) return { address, trustRoot };
    publish("roussov/base", "1.0.0", { more: 'description = "What the others need"' });
    publish("roussov/vitte-math", "1.1.0", { more: `${words}\n[dependencies]\n"roussov/base" = "^1"`, files: { ...docs, "README.md": `${README}\n## New\n\n${"A long line of prose that wraps. ".repeat(30)}\n` } });
    publish("roussov/vitte-math", "2.0.0-beta.1", { more: words, files: docs });
    publish("roussov/gone", "1.0.0", { more: 'description = "Withdrawn"' });
    publish("roussov/bad", "1.0.0", { more: 'description = "Was malware"' });
    publish("roussov/an-extraordinarily-long-name-that-has-to-wrap", "1.0.0-a.very.long.prerelease.of.many.parts", { more: `description = "${"Much that is to be said of it. ".repeat(6).trim()}"` });
    const registry = ["--registry", address, "--yes", "--no-input"];
    vitte("yank", "roussov/gone@1.0.0", "--code", "broken", "--reason", "it adds instead of multiplying", ...registry);
    vitte("yank", "roussov/bad@1.0.0", "--code", "malware", "--reason", "it sends passwords away", ...registry);
    vitte("deprecate", "roussov/base@1.0.0", "--use", "roussov/vitte-math", "--reason", "no longer kept up", ...registry);
    for (let wait = 0; ; wait += 1) {
      const page = await (await fetch(`${address}/search?q=`, { headers: { accept: "text/html" } })).text();
      if (page.includes("an-extraordinarily") && page.includes("roussov/base")) break;
      if (wait > 300) throw new Error(`the search never knows the packages:\n${page}`);
      await new Promise((later) => setTimeout(later, 50));
  }
  return {
    address, trustRoot, folder, data, vitte, publish,
    /** Where an archive is. */
    archive: (name, version) => join(data, `public/p/${name}/${version}/${basename(name)}-${version}.vitmod`),
    /** Changes a byte in the last frame of an archive; gives what undoes it. */
    tamper(name, version) {
      const path = this.archive(name, version);
      const good = readFileSync(path);
      const bad = Buffer.from(good);
      bad[bad.length - 60] ^= 1;
      writeFileSync(path, bad);
      return () => writeFileSync(path, good);
    },
  };
  }
}

/** A page of each kind. The first part names it. */
export const ROUTES = {
  home: "/", search: "/search?q=math", "search-none": "/search?q=zzzz", package: "/roussov/vitte-math",
  older: "/roussov/vitte-math/1.0.0", prerelease: "/roussov/vitte-math/2.0.0-beta.1", deprecated: "/roussov/base",
  yanked: "/roussov/gone/1.0.0", malware: "/roussov/bad/1.0.0",
  long: "/roussov/an-extraordinarily-long-name-that-has-to-wrap/1.0.0-a.very.long.prerelease.of.many.parts",
  versions: "/roussov/vitte-math/versions", files: "/roussov/vitte-math/1.1.0/files",
  file: "/roussov/vitte-math/1.1.0/files/src/lib.vit", toml: "/roussov/vitte-math/1.1.0/files/vitte.toml",
  diff: "/roussov/vitte-math/diff/1.0.0..1.1.0", dependents: "/roussov/base/dependents", namespace: "/roussov",
  log: "/log", entry: "/log/entry/3", "entry-status": "/log/entry/8", explain: "/explain", code: "/explain/VP0501", schemas: "/schemas",
  "sign-in": "/sign-in", tokens: "/account/tokens", missing: "/roussov/nothing",
};
