// Builds dist/verify.html: one file with styles, script, worker and wasm inside. It opens from disk, and its
// content security policy names the script and the style by digest, so nothing else can run in it. The files beside it make
// it installable where it is served; it does without them. The same sources and modules give the same bytes, whose digest
// is printed.  usage: node standalone.mjs [FOLDER]
import { createHash } from "node:crypto";
import { copyFile, readFile, mkdir, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { dirname, join, resolve } from "node:path";
import { build } from "vite";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const bindings = join(root, "../wasm/js");

/** A module that exists only while building: its source is `code`. */
function virtual(name, code) {
  const id = `virtual:${name}`;
  return {
    name: id,
    resolveId: (source) => (source === id ? `\0${id}` : undefined),
    load: (resolved) => (resolved === `\0${id}` ? code : undefined),
  };
}

/** Bundles one entry into one script. */
async function bundle(entry, plugins) {
  const result = await build({
    root,
    configFile: false,
    logLevel: "warn",
    plugins,
    resolve: { alias: { "@vitte/package": join(bindings, "package.js") } },
    build: {
      write: false,
      target: "es2022",
      modulePreload: false,
      rollupOptions: { input: join(root, entry), output: { format: "iife" } },
    },
  });
  const output = (Array.isArray(result) ? result[0] : result).output;
  return output.filter((part) => part.type === "chunk").map((part) => part.code).join("\n");
}

const digest = (text) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

/** A `</script` inside the script would end it early. */
const inScript = (code) => code.replaceAll("</script", "<\\/script").trim();

const wasm = async (name) => (await readFile(join(bindings, `vitte_${name}_bg.wasm`))).toString("base64");
const { messages } = JSON.parse(await readFile(join(root, "../wasm/pkg/words.json"), "utf8"));
/** The page's own words and the names of checks. Core's sentences come from the modules, their French from wasm/js/french.js. */
const words = Object.fromEntries(Object.entries(messages).filter(([id]) => /^(web\.|verify\.check_)/.test(id)));
const text = (id, language) => {
  const message = words[id];
  if (!message) throw new Error(`there is no message ${id}`);
  return (language === "fr" ? message.french : message.forms).at(-1);
};

const worker = await bundle("src/worker.ts", [
  virtual("wasm", `export const core = ${JSON.stringify(await wasm("core"))}, registry = ${JSON.stringify(await wasm("registry"))};`),
]);
const page = await bundle("src/main.ts", [
  virtual("worker", `export default ${JSON.stringify(worker)};`),
  virtual("messages", `export default ${JSON.stringify(words)}`),
]);

const script = inScript(page);
const style = (await readFile(join(root, "src/page.css"), "utf8")).trim();
const policy = [
  "default-src 'none'",
  `script-src ${digest(script)} 'wasm-unsafe-eval'`,
  `style-src ${digest(style)}`,
  "img-src data: 'self'",
  // The worker is inside the page; what keeps the page for offline use is beside it.
  "worker-src blob: 'self'",
  "manifest-src 'self'",
  // A registry that the reader names. Nothing else is ever asked, and nothing is sent.
  "connect-src https: http://127.0.0.1:* http://localhost:*",
  "base-uri 'none'",
  "form-action 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types vitte lit-html",
].join("; ");

const template = await readFile(join(root, "index.html"), "utf8");
const html = template
  .replaceAll(/\{\{text:([a-z_.]+)(?::(fr))?\}\}/g, (_, id, language) => text(id, language))
  .replace("{{policy}}", () => policy)
  .replace("{{style}}", () => style)
  .replace("{{script}}", () => script);
const folder = resolve(process.argv[2] ?? join(root, "dist"));
await mkdir(folder, { recursive: true });
await writeFile(join(folder, "verify.html"), html);
for (const name of ["verify-offline.js", "verify.webmanifest", "verify-icon.svg"]) await copyFile(join(root, "src", name), join(folder, name));
console.log(`verify.html ${Buffer.byteLength(html)} bytes, SHA-256 ${createHash("sha256").update(html).digest("hex")}`);
