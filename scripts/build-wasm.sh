#!/usr/bin/env bash
# Builds the browser's module: wasm/pkg/{vitte_core.js,vitte_core.d.ts,vitte_core_bg.wasm}, and words.json, the tables
# of words and codes that pages and tests are built with. The module has a target directory of its own, since its
# compiler may be another one than the workspace's (see wasm-toolchain.sh).
set -euo pipefail
cd "$(dirname "$0")/.."

tools=$(scripts/install-tools.sh build wasm)
eval "$tools"
rm -rf wasm/pkg wasm/js/vitte_core* # a build that fails leaves nothing to be taken for its result
words=$(cargo run --locked --quiet -p vitte-package-wasm --example words)
toolchain=$(scripts/wasm-toolchain.sh)
eval "$toolchain"
export CARGO_TARGET_DIR=$PWD/target/wasm
# Panics name source files: by the same names on every machine, so that the module is the same too.
export RUSTFLAGS="--remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}=/cargo --remap-path-prefix=$PWD=/vitte-package"
wasm-pack --quiet build wasm --target web --profile wasm --out-dir pkg --out-name vitte_core --mode no-install \
  -- --locked
printf '%s\n' "$words" >wasm/pkg/words.json
# The npm package and the page take the module from beside their facade.
cp wasm/pkg/vitte_core.js wasm/pkg/vitte_core.d.ts wasm/pkg/vitte_core_bg.wasm wasm/pkg/vitte_core_bg.wasm.d.ts wasm/js/
echo "build-wasm: $(wc -c <wasm/pkg/vitte_core_bg.wasm) bytes, $(gzip -9 <wasm/pkg/vitte_core_bg.wasm | wc -c) gzip" >&2
