// Builds dist/site: the scripts of a registry's site and the modules they load, which `vitte-registry serve --web-assets`
// serves. Their names stay: the server puts the digest of all of them in front.
import { copyFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
await build({
  root,
  configFile: false,
  logLevel: "warn",
  base: "./",
  publicDir: false,
  build: {
    outDir: "dist/site",
    emptyOutDir: true,
    target: "es2022",
    modulePreload: false,
    assetsInlineLimit: 0,
    rollupOptions: {
      input: { site: join(root, "../wasm/js/elements/site.js") },
      output: { entryFileNames: "[name].js", chunkFileNames: "[name].js", assetFileNames: "[name][extname]" },
    },
  },
});
if (existsSync(join(root, "dist/verify.html"))) await copyFile(join(root, "dist/verify.html"), join(root, "dist/site/verify.html"));
