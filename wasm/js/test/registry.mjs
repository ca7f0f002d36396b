// A registry made by the real command line, served by a plain static file server that allows other origins.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join, normalize } from "node:path";
import { binary } from "./fixture.mjs";

/** A user with keys, and a registry of theirs. Copied, it can go two ways. */
class Site {
  constructor(folder) {
    this.folder = folder;
    this.registry = join(folder, "registry");
  }

  run(...args) {
    const env = { ...process.env, VITTE_HOME: join(this.folder, "home"), CI: "1" };
    return execFileSync(binary(), args, { env, encoding: "utf8", cwd: this.folder });
  }

  /** Builds and publishes a version of `demo/hello`. Gives the path of what was built, which is signed for no registry. */
  publish(version) {
    const project = join(this.folder, `hello-${version}`);
    mkdirSync(join(project, "src"), { recursive: true });
    const manifest = ["[package]", 'name = "demo/hello"', `version = "${version}"`, 'license = "MIT"', 'description = "Says hello"', "", "[lib]", 'path = "src/greet.vit"', ""];
    writeFileSync(join(project, "vitte.toml"), manifest.join("\n"));
    writeFileSync(join(project, "src/greet.vit"), `fn greet() { print("hello ${version}") }\n`);
    this.run("build", "--manifest", join(project, "vitte.toml"), "--out", project, "--kind", "mod");
    const built = join(project, `hello-${version}.vitmod`);
    this.run("publish", "--yes", "--registry", this.registry, "--key", "demo", built);
    return built;
  }

  /** Where the registry has the archive of a version. */
  archive(version) {
    return join(this.registry, `p/demo/hello/${version}/hello-${version}.vitmod`);
  }

  /** What its owner tells others to believe. */
  get trustRoot() {
    return createHash("sha256").update(readFileSync(join(this.registry, "trust/1.json"))).digest("hex");
  }

  copy(name) {
    const folder = join(this.folder, name);
    for (const part of ["home", "registry"]) cpSync(join(this.folder, part), join(folder, part), { recursive: true });
    // Node 22 makes the folders of a copy with the usual mode, and keys are refused in a folder that others may read.
    const keys = join(folder, "home/keys");
    for (const { name, parentPath } of readdirSync(keys, { recursive: true, withFileTypes: true }).filter((entry) => entry.isDirectory())) {
      chmodSync(join(parentPath, name), 0o700);
    }
    chmodSync(keys, 0o700);
    return new Site(folder);
  }

  dispose() {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A registry with `demo/hello` 1.0.0 in it. Call `dispose` when done. */
export function makeSite() {
  const site = new Site(mkdtempSync(join(tmpdir(), "vitte-registry-")));
  site.run("key", "generate", "--name", "demo");
  site.run("registry", "init", site.registry);
  site.publish("1.0.0");
  return site;
}

/** Types without which a browser runs no script and installs no page. */
const TYPES = { html: "text/html; charset=utf-8", js: "text/javascript", webmanifest: "application/manifest+json", svg: "image/svg+xml" };

/** Serves a folder, which can be exchanged for another one: `{ address, root, requests, close }`. */
export async function serve(root) {
  const served = { root, requests: [] };
  const server = createServer(async (request, response) => {
    served.requests.push(request.url);
    const path = normalize(decodeURIComponent(new URL(request.url, "http://x").pathname));
    const file = await readFile(join(served.root, path)).catch(() => undefined);
    const type = TYPES[path.slice(path.lastIndexOf(".") + 1)];
    response.writeHead(file ? 200 : 404, { "access-control-allow-origin": "*", ...(type && { "content-type": type }) }).end(file);
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  served.address = `http://127.0.0.1:${server.address().port}/`;
  served.close = () => {
    server.close();
    server.closeAllConnections();
  };
  return served;
}
