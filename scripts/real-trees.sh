#!/usr/bin/env bash
# Fetches source trees that no one here wrote, for the demo, a test and the benchmarks, and prints the folder they are in:
#     typescript   130 files, 23 MB      date-fns   5,327 small files      esbuild   one executable, 10 MB
# They come by npm, once for this machine, into VITTE_TOOLS_DIR/trees (default ~/.cache/vitte-package-tools/trees).
set -euo pipefail

trees=${VITTE_TOOLS_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/vitte-package-tools}/trees
mkdir -p "$trees"
if command -v flock >/dev/null; then exec 9>"$trees/.lock"; flock 9; fi

fetch() { # PACKAGE VERSION SHA256: into a folder beside the place, renamed into it when it is whole
  local place=$trees/${1##*/}-$2 work
  if [ -d "$place" ]; then return; fi
  command -v npm >/dev/null || { echo "real-trees: npm is needed" >&2; return 1; }
  echo "real-trees: fetching $1 $2" >&2
  work=$(mktemp -d "$trees/fetching.XXXXXX")
  (cd "$work" && npm pack --silent "$1@$2" >package && mkdir tree &&
    echo "$3  $(cat package)" | sha256sum --check --quiet >&2 && tar -C tree --strip-components=1 -xzf "$(cat package)") ||
    { rm -rf "$work"; return 1; }
  mv "$work/tree" "$place"
  rm -rf "$work"
}
fetch typescript 5.9.2 67a3bc82e822b8f45f653a80fc3a9730d23214d36c83ba85dd7f5abebee82062
fetch date-fns 4.1.0 90718290bbf34bf3d0c80bb70456e0069e0cc547caccaf1464fe42f1f602c460
fetch @esbuild/linux-x64 0.25.11 e9e893cfe6a327b97b8d749a2d477d7379ef87eb576b88e03e91b7d07ec935e0 # the program runs on this system alone; its bytes are input anywhere
echo "$trees"
