#!/usr/bin/env bash
# Installs the peers and fetches the data the benchmarks compare on. Idempotent; a peer that cannot be had is skipped
# by name, and the tables say so.
set -uo pipefail
D=${1:?folder}
mkdir -p "$D"/{bin,npm,dl,data}
D=$(cd "$D" && pwd)
miss() { echo "bench: not available here: $*" >&2; }

wanted=()
for pair in minisign:minisign signify-openbsd:signify-openbsd bsdtar:libarchive-tools zstd:zstd xdelta3:xdelta3 gpgv:gpgv gpg:gpg unzip:unzip openssl:openssl nginx:nginx-light; do
  command -v "${pair%%:*}" >/dev/null || wanted+=("${pair##*:}")
done
if [ ${#wanted[@]} -gt 0 ]; then
  sudo=; [ "$(id -u)" = 0 ] || sudo=sudo
  { $sudo apt-get update -qq && $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${wanted[@]}"; } >"$D/apt.log" 2>&1 || miss "${wanted[*]}"
fi

# Pinned: change them together with the report.
# Looked for one by one: a folder of an earlier run may have some of them only.
if ! [ -x "$D/npm/node_modules/.bin/pnpm" ] || ! [ -d "$D/npm/node_modules/fzstd" ] || ! [ -d "$D/npm/node_modules/bun" ]; then
  (cd "$D/npm" && [ -f package.json ] || echo '{"private":true}' >"$D/npm/package.json"
   cd "$D/npm" && npm install --no-audit --no-fund --ignore-scripts pnpm@12.21.0 fzstd@0.1.1 bun@1.2.18 >"$D/npm.log" 2>&1) || miss pnpm fzstd bun
fi
# Its package fetches the program by a script, which is not run: the program itself is another package beside it.
bun=$(find "$D/npm/node_modules/@oven" -path '*linux-x64/bin/bun' 2>/dev/null | head -n 1)
if [ -n "$bun" ]; then ln -sfn "$bun" "$D/npm/node_modules/.bin/bun"; else miss bun; fi
if ! [ -x "$D/py/bin/cph" ]; then
  { python3 -m venv "$D/py" && "$D/py/bin/pip" install -q conda-package-handling==2.6.0 conda-package-streaming==0.13.0 zstandard==0.25.0; } >"$D/pypi.log" 2>&1 || miss cph
fi

if ! [ -x "$D/py/bin/uv" ]; then
  "$D/py/bin/pip" install -q uv==0.9.5 >"$D/uv.log" 2>&1 || miss uv
fi

ln -sfn "$(scripts/real-trees.sh)" "$D/data/trees" || miss "the trees"
if ! [ -d "$D/data/executable" ]; then # about 100 MB of executable code
  mkdir -p "$D/data/executable.part/bin"
  cp "$(node -p process.execPath)" "$D/data/executable.part/bin/node" && mv "$D/data/executable.part" "$D/data/executable" || miss node
fi
