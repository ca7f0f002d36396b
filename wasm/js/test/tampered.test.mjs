// Every altered archive has the same class and code here as in the terminal, from an array and from a Blob, whether it
// is verified at once or opened first.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { init, open, verify, VitteError } from "../index.node.js";
import { makeFixture } from "./fixture.mjs";
import { judgedByTerminal, mutations } from "./mutations.mjs";

let fixture, judged;
before(async () => {
  await init();
  fixture = makeFixture();
  const [signed, many] = [fixture.signed, fixture.many].map((path) => new Uint8Array(readFileSync(path)));
  judged = await judgedByTerminal(mutations(signed, many), join(fixture.folder, "altered"), join(fixture.folder, "home"), "--key", "demo");
});
after(() => fixture?.dispose());

const policy = () => ({ keys: [fixture.key] });

/** The outcome as the terminal's exit code, class, code and status. Whatever is thrown must be a VitteError. */
async function outcome(checking) {
  try {
    const { status, reason } = await checking;
    return { exit: status === "verified" ? 0 : 5, code: reason?.code ?? null, class: reason?.class ?? null, status };
  } catch (error) {
    assert.ok(error instanceof VitteError, error);
    assert.equal(error.failedIn, "archive", error.message);
    return { exit: exits(error.code), code: error.code, class: error.diagnostic.class, status: null };
  }
}
const table = JSON.parse(readFileSync(new URL("../../pkg/words.json", import.meta.url))).codes;
const exits = (code) => table.find((entry) => entry.code === code).exit;

/** Opened, then verified. An archive that does not open has its report on the error, if it has one. */
async function openedFirst(source, wanted) {
  const found = await open(source).catch((error) => {
    if (error instanceof VitteError && error.report) return error.report;
    throw error;
  });
  if (found.status) return found;
  try {
    return await found.verify(wanted);
  } finally {
    found.dispose();
  }
}

test("there are enough of them, of every kind", () => {
  assert.ok(judged.length >= 300, `${judged.length} mutations`);
  const by = (exit) => judged.filter(({ said }) => said.exit === exit).length;
  assert.ok(by(5) >= 150 && by(3) >= 20, `${by(5)} end with 5, ${by(3)} with 3`);
  assert.ok(new Set(judged.map(({ said }) => said.code)).size >= 8);
});

test("an altered archive is what the terminal says it is, from an array and from a Blob", async () => {
  for (const { name, bytes, said } of judged) {
    assert.deepEqual(await outcome(verify(bytes, policy())), said, `${name}, array`);
    assert.deepEqual(await outcome(verify(new Blob([bytes]), policy())), said, `${name}, Blob`);
  }
});

test("an altered archive that is opened first is the same", async () => {
  for (const { name, bytes, said } of judged) {
    for (const source of [bytes, new Blob([bytes])]) {
      const got = await outcome(openedFirst(source, policy()));
      // What does not begin as a package may be another tool's archive, or none; either is no verdict.
      if (["VP0208", "VP0216"].includes(said.code)) assert.deepEqual([got.exit, got.status], [3, null], name);
      else assert.deepEqual(got, said, name);
    }
  }
});

test("an altered archive is tampered by a trust root too, exactly where the terminal ends with 5", async () => {
  const trustRoot = "1".repeat(64);
  for (const { name, bytes, said } of judged) {
    const got = await outcome(verify(bytes, { trustRoot }));
    // Without proofs nobody's signature counts, so none is checked: what is not altered otherwise is untrusted.
    if (said.class === "signature") assert.ok(["untrusted", "tampered"].includes(got.status), `${name}: ${got.status}`);
    else if (said.status === "tampered") assert.deepEqual(got, said, name);
    else if (said.status) assert.ok(["untrusted", "unsigned"].includes(got.status), `${name}: ${got.status}`);
    else assert.deepEqual(got, said, name);
  }
});
