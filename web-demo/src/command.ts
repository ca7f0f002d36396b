// The command that does the same check in a terminal: complete, and safe to paste into a POSIX shell.
import type { Registry, TrustedKey } from "./protocol.ts";

/** What is checked: a file by its name, or a release. */
export type Subject = { file: string } | { package: string; version: string | undefined };

/** One word of a shell's command line. */
export function quoted(word: string): string {
  if (/^[A-Za-z0-9_.,:/@%+=-]+$/.test(word)) return word;
  // A terminal may act on control characters that are pasted: they are written by their numbers.
  if (/[\u0000-\u001f\u007f-\u009f]/.test(word)) {
    const escaped = (character: string) => character === "'" || character === "\\" ? `\\${character}`
      : [...new TextEncoder().encode(character)].map((byte) => `\\${byte.toString(8).padStart(3, "0")}`).join("");
    return `$'${word.replaceAll(/[\u0000-\u001f\u007f-\u009f'\\]/g, escaped)}'`;
  }
  return `'${word.replaceAll("'", "'\\''")}'`;
}

/** A file in the current folder, which is never taken for an option or for the name of a package. */
const fileWord = (name: string) => quoted(/^[A-Za-z0-9_][A-Za-z0-9_.+-]*$/.test(name) ? name : `./${name}`);

/** The file that a key is written to. */
const keyFile = (index: number) => `key-${index + 1}.pub`;

function byKeys(file: string, keys: TrustedKey[]): string[] {
  const written = keys.map(({ key }, index) => `printf '%s\\n' ${key.trim().split("\n").map(quoted).join(" ")} > ${keyFile(index)}`);
  const given = keys.map((_, index) => ` --key ${keyFile(index)}`).join("");
  return [...written, `vitte package verify ${file}${given}`];
}

/** The lines to paste: what is trusted here is trusted there first. */
export function command(subject: Subject, keys: TrustedKey[], registry: Registry | undefined): string {
  const { address = "", trustRoot = "" } = registry ?? {};
  const trusted = address && trustRoot ? [`vitte package registry add ${quoted(address)} --trust-root-sha256 ${quoted(trustRoot)}`] : [];
  if ("file" in subject) {
    const file = fileWord(subject.file);
    if (address) return [...trusted, `vitte package verify ${file} --registry ${quoted(address)}`].join("\n");
    if (trustRoot) return `vitte package verify ${file} --offline`;
    return byKeys(file, keys).join("\n");
  }
  const { package: name, version } = subject;
  const release = quoted(version ? `${name}@${version}` : name);
  return [...trusted, `vitte package verify ${release}${address ? ` --registry ${quoted(address)}` : ""}`].join("\n");
}

/** The keys that count for a package: for it, for its namespace, or for all. Of a package without a known name, all. */
export function keysFor(keys: TrustedKey[], name: string | undefined): TrustedKey[] {
  if (name === undefined) return keys;
  const namespace = name.includes("/") ? name.slice(0, name.indexOf("/")) : "_";
  return keys.filter(({ for: scope }) => scope === "*" || scope === name || scope === `${namespace}/*`);
}
