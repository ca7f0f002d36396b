// What differs between two lists of files: contents by their digests, never by their bytes.

const byPath = (files) => new Map(files.map((file) => [file.path, file]));
const isSame = (one, other) => one.digest === other.digest && one.size === other.size && one.type === other.type;

/** Files by content, for those that moved. */
function byDigest(files) {
  const found = new Map();
  for (const file of files) {
    if (file.digest !== undefined && file.size > 0) found.set(file.digest, [...(found.get(file.digest) ?? []), file]);
  }
  return found;
}

/** Each file that differs, in the order of the paths: `{ kind, path, before, after }`. */
export function differences(before, after) {
  const [old, now] = [byPath(before), byPath(after)];
  const changes = [];
  const gone = byDigest(before.filter(({ path }) => !now.has(path)));
  const moved = new Set();
  for (const file of after) {
    const was = old.get(file.path);
    if (was && !isSame(was, file)) changes.push({ kind: "changed", path: file.path, before: was, after: file });
    else if (was && was.executable !== file.executable) changes.push({ kind: "mode", path: file.path, before: was, after: file });
    else if (!was) {
      const from = gone.get(file.digest)?.shift();
      if (from) moved.add(from.path);
      changes.push(from ? { kind: "moved", path: file.path, before: from, after: file } : { kind: "added", path: file.path, after: file });
    }
  }
  for (const file of before) {
    if (!now.has(file.path) && !moved.has(file.path)) changes.push({ kind: "removed", path: file.path, before: file });
  }
  return changes.sort((one, other) => (one.path < other.path ? -1 : 1));
}
