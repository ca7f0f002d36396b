// Diagnostics as text: what the command line prints about the same manifests and archives.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { formatDiagnostics, init, parseManifest, verify } from "../index.node.js";
import { binary, makeFixture } from "./fixture.mjs";

const cases = new URL("../../../tests/cases/manifest/", import.meta.url);
let folder, fixture;
before(async () => {
  await init();
  folder = mkdtempSync(join(tmpdir(), "vitte-format-"));
  fixture = makeFixture();
});
after(() => {
  fixture?.dispose();
  rmSync(folder, { recursive: true, force: true });
});

/** What the command line says on stderr. */
function said(args, cwd = folder) {
  const env = { ...process.env, VITTE_HOME: join(folder, "home"), CI: "1", NO_COLOR: "1", VITTE_LANG: "en" };
  return new Promise((done) => execFile(binary(), args, { cwd, env, encoding: "utf8" }, (_, __, stderr) => done(stderr)));
}

/** The terminal cuts lines that are longer than itself; here all of one is shown. */
const CUT = ["description-too-long.txt"];

test("the faults of every manifest are printed as the terminal prints them", async () => {
  const names = readdirSync(cases);
  let compared = 0;
  const differing = [];
  await Promise.all(names.map(async (name, at) => {
    const whole = readFileSync(new URL(name, cases), "utf8");
    const source = whole.slice(0, whole.indexOf("----\n"));
    const { diagnostics } = await parseManifest(source);
    if (diagnostics.length === 0 || diagnostics.length > 10 || CUT.includes(name)) return;
    const project = join(folder, String(at));
    mkdirSync(project);
    writeFileSync(join(project, "vitte.toml"), source);
    const wanted = await said(["build", "--manifest", "vitte.toml", "--out", "out", "--list"], project);
    const got = formatDiagnostics(diagnostics, { source, file: "vitte.toml" });
    compared += 1;
    if (wanted !== got) differing.push(`=== ${name}\n--- terminal\n${wanted}\n--- here\n${got}`);
  }));
  assert.ok(compared >= 100, `${compared} were compared`);
  assert.equal(differing.length, 0, differing.join("\n"));
});

test("the reason of a verdict is printed as the terminal prints it", async () => {
  const { reason } = await verify(new Uint8Array(readFileSync(fixture.flipped)), { keys: [fixture.key] });
  const text = formatDiagnostics(reason, { file: "flipped.vitmod" });
  assert.match(text, /^error\[VP0501\]: /);
  assert.match(text, /\n--> flipped.vitmod: frame 3 of 3 \(1 file, docs\/guide.md\)\n/);
  const wanted = await said(["verify", "flipped.vitmod"], fixture.folder);
  // Which release it is, a report's reason says in its sentence.
  const [first, ...rest] = text.trimEnd().split("\n");
  const sentence = wanted.split("\n")[0].slice("error[VP0501]: ".length);
  assert.ok(first.endsWith(sentence) && wanted.includes(rest.join("\n")), `${wanted}\n${text}`);
});

test("what cannot be printed as it stands is written out, and what is no diagnostic is refused", () => {
  const fault = { code: "VP0101", class: "x", message: "a\u202eb\u001b[31m", place: { in: "file", path: "\u0007" }, help: ["one\ntwo"], data: {} };
  assert.equal(formatDiagnostics([fault, fault], { level: "warning" }), Array(2).fill([
    "warning[VP0101]: a\\u{202e}b\\u{1b}[31m", "--> file \\u{7} in the package", " = help: one", "           two", "",
  ].join("\n")).join(""));
  assert.equal(formatDiagnostics([]), "");
  for (const wrong of [[3], 3, null, undefined, [null], {}, [{ code: "VP0101" }], "text"]) assert.throws(() => formatDiagnostics(wrong), { code: "VP0903" });
  for (const wrong of [{ source: 5 }, { level: "fatal" }, { colour: true }, 5]) assert.throws(() => formatDiagnostics(fault, wrong), { code: "VP0903" });
});
