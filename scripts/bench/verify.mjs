// Verifies a package by the npm package, as a user's script would. usage: node verify.mjs FILE KEY.pub
import { openAsBlob } from "node:fs";
import { readFile } from "node:fs/promises";
import { verify } from "../../wasm/js/index.node.js";

const [file, key] = process.argv.slice(2);
const report = await verify(await openAsBlob(file), { keys: [await readFile(key, "utf8")] });
if (report.status !== "verified") throw new Error(JSON.stringify(report));
