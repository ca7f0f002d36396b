// A program as a strict user writes it: only compiled, against the declarations in the tarball.
import { checkProof, formatDiagnostics, indexedDbMemory, init, initSync, open, openRelease, parseManifest, resolve, verify, VitteError, type ByKeys, type Difference, type Policy, type Report } from "@vitte/package";
import { codes, type Code } from "@vitte/package/codes";
import { inFrench } from "@vitte/package/french";
import { verify as inlineVerify } from "@vitte/package/inline";
import { verify as edgeVerify } from "@vitte/package/workerd";
import { connect } from "@vitte/package/worker";
import { VitteVerify } from "@vitte/package/elements";
import core from "@vitte/package/vitte_core.wasm";

const keys: readonly string[] = ["pem"];
const byKeys: ByKeys = { keys, version: "1.0.0" };
const memory = await indexedDbMemory();
const policies: readonly Policy[] = [byKeys, { registryAt: new URL("https://registry.example/"), trustRoot: "00", memory }, { trustRoot: "00" }, {}];
// @ts-expect-error members of two kinds
const both: Policy = { keys, trustRoot: "00" };
// @ts-expect-error a memory needs a registry
const idle: Policy = { trustRoot: "00", memory };

function say(report: Report): string {
  // @ts-expect-error there is no boolean
  report.ok;
  switch (report.status) {
    case "verified": return report.log ? `entry ${report.log.index}` : "by a key";
    case "unsigned":
    case "untrusted":
    case "tampered": return `${report.failedIn} ${report.reason.code} ${inFrench(report.reason).message}`;
  }
}

export async function main(signal: AbortSignal, stream: ReadableStream<Uint8Array>): Promise<void> {
  using one = await open("https://registry.example/a.vitmod", { signal, timeout: 5000, progress: (done: number, total?: number) => void [done, total] });
  using two = await open(stream);
  const differences: Difference[] = await one.diff(two, { signal });
  for (const { kind, path, before, after } of differences) console.log(kind, path, before?.size, after?.digest);
  for (const policy of policies) console.log(say(await one.verify(policy)));
  console.log(one.manifest?.length, one.files()[0]?.path, one.frames()[0]?.digest, one.fault?.code);
  const release = await openRelease({ registryAt: "https://registry.example/", package: "demo/hello" });
  console.log(say(await release.verify({ version: "1.0.0" })));
  const { value, diagnostics } = await parseManifest("");
  console.log(value?.name, formatDiagnostics(diagnostics, { source: "", file: "vitte.toml" }));
  const found = await resolve(["a"], { registryAt: "https://registry.example/", trustRoot: "00" }, { signal, minAge: 60 });
  console.log(found.status === "solved" ? found.lock : formatDiagnostics(found.reason));
  const proof = await checkProof(new Uint8Array(), { logKey: "log.example+00+AA==" });
  console.log(proof.status === "proved" ? proof.entry.length : proof.reason.message);
  using worker = connect();
  console.log(say(await worker.verify("https://registry.example/a.vitmod", { keys })));
  const shown: VitteVerify = document.createElement("vitte-verify");
  shown.policy = { keys };
  shown.addEventListener("vitte-report", ({ detail }) => console.log(say(detail)));
  await init({ url: "x", registry: { module: core } });
  initSync({ module: core });
  try {
    await inlineVerify(new Blob(), {});
    await edgeVerify(new DataView(new ArrayBuffer(1)));
  } catch (error) {
    if (error instanceof VitteError) console.log(codes[error.code satisfies Code].fix, error.diagnostic.help.join());
  }
  void [both, idle];
}
