// The resolver through the module: every case file the Rust tests run natively, and a real registry's index.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { init, resolve, VitteError } from "../index.node.js";
import { binary } from "./fixture.mjs";
import { makeSite } from "./registry.mjs";

const folder = new URL("../../../tests/cases/", import.meta.url);
const REGISTRY = "registry.example/";
const DIGEST = "b592f69b09d0f1db2c8d35164487f94d66e4fc6f43888678a0f1cec667bb945a";
before(() => init());

const item = (name, version) => ({ name, version, needs: [], features: {}, time: 0, target: "any" });

/** Reads a case (tests/cases/README.md). What it does not know is refused. */
function parse(source) {
  const found = { releases: [], projects: [], members: [], locked: [], precise: {}, policy: {}, expect: [] };
  let section;
  for (const [at, line] of source.split("\n").entries()) {
    const unknown = () => assert.fail(`line ${at + 1} is not understood: ${line}`);
    if (section === "expect") {
      if (line !== "") found.expect.push(line);
      continue;
    }
    const text = line.trim();
    if (text === "" || text.startsWith("#")) continue;
    const heading = /^\[(.*)\]$/.exec(text)?.[1].split(" ");
    if (heading) {
      const [kind, name, version] = heading;
      if (["project", "member"].includes(kind) && heading.length === 3) found[`${kind}s`].push(item(name, version));
      else if (heading.length !== 1 || !["releases", "locked", "precise", "policy", "expect"].includes(kind)) unknown();
      section = kind;
      continue;
    }
    const split = (mark) => (text.includes(mark) ? [text.slice(0, text.indexOf(mark)), text.slice(text.indexOf(mark) + mark.length)] : unknown());
    if (section === "policy") {
      const [key, value] = split(" = ");
      if (["now", "min-age"].includes(key)) found.policy[key] = Number(value);
      else if (["exempt", "targets", "features"].includes(key)) found.policy[key] = value.split(" ");
      else unknown();
    } else if (section === "precise") {
      const [name, version] = split(" ");
      found.precise[name] = version;
    } else if (section === "locked") {
      const [package_, given] = text.includes(" -> ") ? split(" -> ") : [text, ""];
      const [name, version] = package_.split(" ");
      found.locked.push({ name, version, dependencies: given.split(", ").filter(Boolean).map((one) => one.split(" ")) });
    } else if (["releases", "project", "member"].includes(section)) {
      const items = section === "releases" ? found.releases : found[`${section}s`];
      if (text.startsWith("needs ")) items.at(-1).needs.push(parseNeed(text.slice(6)));
      else if (text.startsWith("feature ")) {
        const [, name, values] = /^feature (\S+) =(.*)$/.exec(text) ?? unknown();
        items.at(-1).features[name] = values.trim().split(/\s+/).filter(Boolean);
      } else {
        if (section !== "releases") unknown();
        const [name, version, ...words] = text.split(" ");
        const release = item(name, version);
        for (const word of words) {
          const [key, value] = word.split("=");
          if (["yanked", "withdrawn"].includes(word)) release.status = word;
          else if (word === "no-time") release.time = undefined;
          else if (key === "time") release.time = Number(value);
          else if (key === "target") release.target = value;
          else unknown();
        }
        items.push(release);
      }
    } else unknown();
  }
  return found;
}

function parseNeed(text) {
  const [first, ...parts] = text.split(";").map((part) => part.trim());
  const at = first.indexOf(" ");
  const need = { name: first.slice(0, at), requirement: first.slice(at + 1), optional: false, default: true, features: [], kind: "normal", targets: [], path: false };
  for (const part of parts) {
    const [word, ...rest] = part.split(" ");
    if (["features", "target"].includes(word) && rest.length > 0) need[{ features: "features", target: "targets" }[word]] = rest;
    else if (rest.length > 0) assert.fail(part);
    else if (["optional", "path"].includes(word)) need[word] = true;
    else if (["build", "dev"].includes(word)) need.kind = word;
    else if (word === "no-default") need.default = false;
    else assert.fail(part);
  }
  return need;
}

/** The manifest of a project or member. */
function manifest({ name, version, needs, features }) {
  const toml = JSON.stringify;
  const lines = ["[package]", `name = ${toml(name)}`, `version = ${toml(version)}`, 'description = "A case"', 'license = "MIT"'];
  for (const [kind, table] of [["normal", "dependencies"], ["dev", "dev-dependencies"], ["build", "build-dependencies"]]) {
    const own = needs.filter((need) => need.kind === kind);
    if (own.length > 0) lines.push("", `[${table}]`);
    for (const need of own) {
      const members = [`version = ${toml(need.requirement)}`];
      if (need.path) members.push(`path = ${toml(`../${need.name.split("/").at(-1)}`)}`);
      if (need.optional) members.push("optional = true");
      if (!need.default) members.push("default-features = false");
      if (need.features.length > 0) members.push(`features = ${toml(need.features)}`);
      if (need.targets.length > 0) members.push(`target = ${toml(need.targets)}`);
      lines.push(`${toml(need.name)} = { ${members.join(", ")} }`);
    }
  }
  lines.push("", "[features]", ...Object.entries(features).map(([feature, values]) => `${toml(feature)} = ${toml(values)}`), "");
  lines.push("[lib]", 'path = "src/lib.vit"', "");
  return lines.join("\n");
}

/** What the index has of a package. */
function lines(releases, name) {
  const own = releases.filter((release) => release.name === name);
  if (own.length === 0) return undefined;
  return own.map(({ version, target, needs, features, time, status }, log) => {
    const deps = needs.map((need) => ({
      p: need.name, r: need.requirement, k: need.kind === "build" ? "build" : "normal",
      t: need.targets, o: need.optional, d: need.default, f: need.features,
    }));
    const core = {
      ver: version, kind: target === "any" ? "vitmod" : "vitpkg", target, tree: `vp1-sha256:${DIGEST}`,
      manifest: `sha256:${DIGEST}`, files: 1, unpacked: 1, edition: "2025", deps, features,
    };
    return { core: JSON.stringify(core), log, time, status };
  });
}

function question({ projects, members, locked, precise, policy }) {
  const own = (name, version) => [...projects, ...members].some((one) => one.name === name && one.version === version);
  return {
    registry: REGISTRY, paths: members.map(manifest), precise, now: policy.now ?? 0, minAge: policy["min-age"],
    exempt: policy.exempt, targets: policy.targets, features: policy.features,
    lock: locked.map((one) => ({ ...one, registry: own(one.name, one.version) ? undefined : REGISTRY })),
  };
}

/** What came out, as the cases write it. */
function print(found) {
  if (found.status === "no-solution") {
    const { code, message, label, notes = [], help } = found.reason;
    const here = label === undefined ? [] : [`  here: ${label}`];
    const reasons = notes.map(({ text, span }) => `  ${span ? "here" : "note"}: ${text}`);
    return [`error[${code}]: ${message}`, ...here, ...reasons, ...help.map((hint) => `  help: ${hint}`)];
  }
  const packages = found.packages.map(({ name, version, features, dependencies }) => {
    const given = dependencies.map((one) => `${one.name} ${one.version}`).filter((one, at, all) => one !== all[at - 1]);
    return [`${name} ${version}`, features.length > 0 && ` [${features.join(" ")}]`, given.length > 0 && ` -> ${given.join(", ")}`].filter(Boolean).join("");
  });
  return [...packages, ...found.withheld.map(({ name, chosen, text }) => `note: ${name} ${chosen}: ${text}`)];
}

const cases = readdirSync(new URL("resolve/", folder)).map((name) => [name, parse(readFileSync(new URL(`resolve/${name}`, folder), "utf8"))]);

test("every case resolves as it does natively, whatever the form of the index", async () => {
  assert.ok(cases.length >= 40, `${cases.length} cases`);
  for (const [name, one] of cases) {
    const manifests = one.projects.map(manifest);
    const ask = async (wanted, registry) => {
      assert.equal(registry, REGISTRY);
      return lines(one.releases, wanted);
    };
    const found = await resolve(manifests, ask, question(one));
    assert.deepEqual(print(found), one.expect, name);
    const known = new Map(one.releases.map((release) => [release.name, lines(one.releases, release.name)]));
    assert.deepEqual(await resolve(manifests, known, question(one)), found, name);
    assert.deepEqual(await resolve(manifests, Object.fromEntries(known), question(one)), found, name);
  }
});

test("places of a conflict are places in the manifest", async () => {
  const [, one] = cases.find(([name]) => name === "clash-within-a-major.txt");
  const source = manifest(one.projects[0]);
  const { reason } = await resolve(source, (name) => lines(one.releases, name), question(one));
  const at = ({ start, end }) => Buffer.from(source).subarray(start, end).toString();
  assert.equal(reason.place.in, "source");
  assert.match(at(reason.place), /t\/math/);
  assert.match(at(reason.notes.find(({ span }) => span).span), /t\/plot/);
});

test("a lockfile that was made is kept, and printed again", async () => {
  const [, one] = cases.find(([name]) => name === "majors-side-by-side.txt");
  const ask = (name) => lines(one.releases, name);
  const asked = question({ ...one, locked: [] });
  const { lock } = await resolve(one.projects.map(manifest), ask, { ...asked, lock: undefined });
  const again = await resolve(one.projects.map(manifest), ask, { ...asked, lock });
  assert.deepEqual([again.status, again.lock], ["solved", lock]);
  await assert.rejects(resolve(one.projects.map(manifest), ask, { ...asked, lock: `${lock}\n` }), (error) => error.code.startsWith("VP08"));
});

test("what the index throws is thrown, unless it was for advice alone", async () => {
  const gone = new Error("no network");
  const source = manifest({ ...item("p/one", "1.0.0"), needs: [parseNeed("t/a ^1")] });
  await assert.rejects(resolve(source, () => Promise.reject(gone), { registry: REGISTRY }), gone);
  const [, one] = cases.find(([name]) => name === "clash-within-a-major.txt");
  const known = new Map(["t/math", "t/plot", "t/core"].map((name) => [name, lines(one.releases, name)]));
  const ask = (name) => known.get(name) ?? Promise.reject(gone);
  assert.deepEqual(print(await resolve(one.projects.map(manifest), ask, question(one))), one.expect);
});

test("arguments of another type, bad manifests and bad options are named", async () => {
  const good = manifest(item("p/one", "1.0.0"));
  const refused = (code) => (error) => error instanceof VitteError && error.code === code;
  await assert.rejects(resolve(good, 17), refused("VP0903"));
  await assert.rejects(resolve(good, {}, { colour: "red" }), refused("VP0903"));
  await assert.rejects(resolve("[package]\n", {}), (error) => /^VP01/.test(error.code));
  const needy = manifest({ ...item("p/one", "1.0.0"), needs: [parseNeed("t/a ^1")] });
  await assert.rejects(resolve(needy, { "t/a": 5 }, { registry: REGISTRY }), refused("VP0903"));
  await assert.rejects(resolve(needy, { "t/a": [{ core: "{}", log: 0 }] }, { registry: REGISTRY }), refused("VP0903"));
});

test("a real registry's signed index gives the lockfile the command line writes", async () => {
  const site = makeSite();
  try {
    site.publish("1.1.0");
    const project = join(site.folder, "app");
    mkdirSync(join(project, "src"), { recursive: true });
    const source = manifest({ ...item("demo/app", "0.1.0"), needs: [parseNeed("demo/hello ^1")] });
    writeFileSync(join(project, "vitte.toml"), source);
    writeFileSync(join(project, "src/lib.vit"), "fn app() {}\n");
    const env = { ...process.env, VITTE_HOME: join(site.folder, "home"), VITTE_REGISTRY: site.registry };
    delete env.CI;
    execFileSync(binary(), ["lock"], { cwd: project, env, stdio: "pipe" });
    const written = readFileSync(join(project, "vitte.lock"), "utf8");
    const root = JSON.parse(Buffer.from(JSON.parse(readFileSync(join(site.registry, "trust/1.json"), "utf8")).payload, "base64"));
    const options = { registry: root.registry, indexKeys: root.index };
    const ask = async (name) => readFileSync(join(site.registry, "index", name));
    const found = await resolve(source, ask, options);
    assert.equal(found.lock, written.replace(/^signers = .*\n/gm, ""));
    assert.match(written, /^signers = /m);
    // A word altered, a key that is not the registry's, a registry the key does not speak for: refused.
    const altered = async (name) => (await ask(name)).toString().replace('"files":2', '"files":3');
    await assert.rejects(resolve(source, altered, options), { code: "VP0531" });
    await assert.rejects(resolve(source, ask, { ...options, indexKeys: [] }), { code: "VP0531" });
    await assert.rejects(resolve(source, ask, { ...options, registry: "other.example/" }), { code: "VP0531" });
  } finally {
    site.dispose();
  }
});

test("index lines are read as they are natively", async () => {
  const cases = readFileSync(new URL("index-lines.txt", folder), "utf8").trimEnd().split("\n\n").slice(1);
  assert.ok(cases.length >= 20, `${cases.length} cases`);
  const manifest = '[package]\nname = "t/app"\nversion = "1.0.0"\ndescription = "A case"\nlicense = "MIT"\n\n[dependencies]\n"t/a" = "9"\n';
  for (const one of cases) {
    const [name, core, outcome] = one.split("\n");
    const said = [{ core, log: 0, time: 0 }];
    const got = await resolve(manifest, { "t/a": said }, { registry: REGISTRY }).then(
      () => "ok",
      (error) => error.message,
    );
    const expected = outcome.slice(2);
    // A release that is read and does not fit, or the reason within the message about the argument.
    assert.ok(expected === "ok" ? got === "ok" : got !== "ok" && got.includes(expected), `${name}: ${got}`);
  }
});
