// What every set-up is asked: the same assertions, whatever loads the package. `given` has the bytes of the fixtures.
export const CHECKS = ["verified", "unsigned", "untrusted", "tampered", "cut", "read", "no-solution", "loads once", "wrong module", "disposed"];

const need = (name, holds, what) => {
  if (!holds) throw new Error(`${name}: ${JSON.stringify(what)}`);
  return name;
};

/** Runs all of them: the names of those that held. What does not hold throws. */
export async function check(vitte, { signed, unsigned, flipped, key, manifest, noSolution, page }) {
  const { init, open, resolve, verify, VitteError } = vitte;
  const passed = [];
  const say = (name, holds, what) => passed.push(need(name, holds, what));
  // Two at once, and no set-up call: each module loads once.
  const loads = [];
  const loadedBy = globalThis.fetch && ((...given) => (loads.push(String(given[0]?.url ?? given[0])), actual(...given)));
  const actual = globalThis.fetch;
  if (loadedBy) globalThis.fetch = loadedBy;
  const [verified, untrusted] = await Promise.all([verify(signed, { keys: [key] }), verify(signed)]);
  if (loadedBy) globalThis.fetch = actual;
  say("verified", verified.status === "verified" && verified.steps.length >= 8, verified);
  const none = await verify(unsigned, { keys: [key] });
  say("unsigned", none.status === "unsigned" && none.reason.code === "VP0510", none);
  say("untrusted", untrusted.status === "untrusted" && untrusted.reason.code === "VP0516", untrusted);
  const altered = await verify(flipped, { keys: [key] });
  say("tampered", altered.status === "tampered" && altered.reason.place.frame === 2 && altered.reason.place.files.join() === "docs/guide.md", altered);
  const cut = await verify(signed.subarray(0, 50), { keys: [key] }).catch((error) => error);
  say("cut", cut instanceof VitteError && /^VP02/.test(cut.code), String(cut));
  const opened = await open(signed);
  const guide = new TextDecoder().decode(await opened.read("docs/guide.md"));
  say("read", guide === "# hello\n\nPrints hello.\n", guide);
  opened.dispose();
  const found = await resolve(manifest, {}, { registry: "registry.example/" });
  say("no-solution", found.status === "no-solution" && found.reason.message === noSolution, found);
  say("loads once", loads.filter((url) => /core/.test(url)).length <= 1, loads);
  if (page) {
    const wrong = await init({ url: page }).then(() => "loaded before", (error) => error.code);
    say("wrong module", ["VP0902", "loaded before"].includes(wrong), wrong);
  } else passed.push("wrong module");
  let disposed;
  try {
    opened.files();
  } catch (error) {
    disposed = error.code;
  }
  say("disposed", disposed === "VP0904", disposed);
  return passed;
}

/** The worker entry: the same verdict off the main thread, with progress, an end by a signal, and by `terminate`. */
export async function checkWorker({ connect, VitteError }, { signed, flipped, key }) {
  const worker = connect();
  const reported = [];
  const report = await worker.verify(signed, { keys: [key] }, { progress: (done) => reported.push(done) });
  const altered = await worker.verify(flipped, { keys: [key] });
  const opened = await worker.open(signed);
  const text = new TextDecoder().decode(await opened.read("vitte.toml"));
  const refused = await worker.verify(signed, { nonsense: 1 }).catch((error) => error);
  const own = new Error("own");
  const aborted = await worker.verify(signed, {}, { signal: AbortSignal.abort(own) }).catch((error) => error);
  worker.terminate();
  const ended = await worker.verify(signed).catch((error) => error);
  const holds = report.status === "verified" && reported.length > 0 && altered.status === "tampered" && /demo\/hello/.test(text)
    && refused instanceof VitteError && refused.code === "VP0903" && aborted === own && ended instanceof VitteError;
  return need("worker", holds, [report.status, reported, altered.status, String(refused), String(aborted), String(ended)]);
}
