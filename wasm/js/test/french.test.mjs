// The French of what the modules say: every row of the tables, and faults as the terminal says them in French.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { codes } from "../codes.js";
import { french, frenchMeaning, inFrench } from "../french.js";
import { init, parseManifest, verify } from "../index.node.js";
import { binary, makeFixture } from "./fixture.mjs";
import { mutations } from "./mutations.mjs";

const words = JSON.parse(readFileSync(new URL("../../pkg/words.json", import.meta.url)));
const around = new Set(words.shown.map(([, id]) => id));
const said = Object.entries(words.messages).filter(([id]) => !id.startsWith("web.") && !around.has(id));

let fixture;
before(async () => {
  await init();
  fixture = makeFixture();
});
after(() => fixture?.dispose());

/** A form with its arguments filled in. */
const filled = (form, values) => form.replaceAll(/\{\{|\}\}|\{(\w+)\}/g, (mark, name) => (name ? values[name] : mark[0]));

test("every message is recognised, and written in French with its arguments", () => {
  assert.ok(said.length > 500, `${said.length} messages`);
  for (const [id, { forms, french: translated, arguments: names, count: counted }] of said) {
    // A message that is its argument and nothing else has no language.
    if (!/[a-zé]{2}/i.test(forms.join().replaceAll(/\{\w+\}/g, ""))) continue;
    for (const count of forms.length > 1 ? [0, 1, 7] : [1]) {
      const values = Object.fromEntries(names.map((name, at) => [name, name === counted ? count : `v${at}`]));
      // English has its second form for 0. A count that it does not name is not known.
      const english = forms[forms.length > 1 && count !== 1 ? 1 : 0];
      if (count === 0 && !english.includes(`{${counted}}`)) continue;
      const expected = translated[translated.length > 1 && count > 1 ? 1 : 0];
      assert.equal(french(filled(english, values)), filled(expected, values), id);
    }
  }
});

test("sentences and terms within a sentence are French too, and what is quoted stays", () => {
  const { messages } = words;
  const inner = filled(messages["names.version_length"].forms[0], { limit: "99" });
  const outer = filled(messages["names.version_syntax"].forms[0], { text: inner, reason: inner });
  const expected = filled(messages["names.version_syntax"].french[0], {
    text: inner, reason: filled(messages["names.version_length"].french[0], { limit: "99" }),
  });
  assert.equal(french(outer), expected);
  const shape = filled(messages["signing.json_shape"].forms[0], { member: "a string", wanted: "a string" });
  assert.equal(french(shape), filled(messages["signing.json_shape"].french[0], { member: "a string", wanted: "une chaîne" }));
  for (const text of ["", "x", "no sentence of ours at all", "vp1-sha256:00, 1", "a: b"]) assert.equal(french(text), undefined, text);
  // Linear, however often the words of a template occur.
  assert.equal(french(" of ".repeat(20_000)), undefined);
});

test("every code has its meaning", () => {
  for (const code of Object.keys(codes)) {
    const { title, fix } = frenchMeaning(code);
    assert.ok(title && fix && title !== codes[code].title, code);
  }
});

/** The reason in the terminal's words, in French. */
async function terminal(path) {
  const arguments_ = ["--lang", "fr", "verify", path, "--key", "demo"];
  const { stdout, stderr } = await promisify(execFile)(binary(), arguments_, {
    env: { ...process.env, HOME: fixture.folder, VITTE_HOME: join(fixture.folder, "home") },
  }).catch((error) => error);
  return stdout + stderr;
}

test("an altered archive is told in the terminal's French", async () => {
  const [signed, many] = [fixture.signed, fixture.many].map((path) => new Uint8Array(readFileSync(path)));
  const folder = join(fixture.folder, "en-francais");
  mkdirSync(folder);
  const reasons = new Map();
  for (const { name, bytes } of mutations(signed, many)) {
    const diagnostic = await verify(bytes, { keys: [fixture.key] }).then(({ reason }) => reason, (error) => error.diagnostic);
    // One of each sort: a terminal is started for it.
    if (diagnostic) reasons.set(`${diagnostic.code} ${diagnostic.message.replaceAll(/[0-9a-f]{16,}|\d+/g, "")}`, { name, bytes, diagnostic });
  }
  assert.ok(reasons.size >= 10, `${reasons.size} sorts of reasons`);
  let number = 0;
  for (const { name, bytes, diagnostic } of reasons.values()) {
    number += 1;
    const path = join(folder, `${number}.vitmod`);
    writeFileSync(path, bytes);
    const { message } = inFrench(diagnostic);
    assert.notEqual(message, diagnostic.message, `${name}: no French for: ${message}`);
    const printed = await terminal(path);
    assert.ok(printed.includes(message), `${name}: ${message}\n${printed}`);
  }
});

test("the faults of a manifest are French, with notes, labels and help", async () => {
  const manifest = '[package]\nname = "Acme"\nversion = "1"\nedition = "1999"\nlicense = "MIT"\n\n[dependencies]\n"acme/json" = "x"\nb = { path = "../b", git = "y" }\n';
  const { diagnostics } = await parseManifest(manifest);
  assert.ok(diagnostics.length >= 3, `${diagnostics.length} faults`);
  for (const diagnostic of diagnostics) {
    const translated = inFrench(diagnostic);
    assert.notEqual(translated.message, diagnostic.message);
    assert.equal(translated.help.length, diagnostic.help.length);
    assert.deepEqual([translated.code, translated.place], [diagnostic.code, diagnostic.place]);
  }
});
