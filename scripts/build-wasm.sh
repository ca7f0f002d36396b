#!/usr/bin/env bash
# Builds the browser's modules into wasm/pkg, each with its glue and types: vitte_core (opens and verifies), and, loaded
# when they are needed, vitte_registry (proves releases) and vitte_resolver. And words.json, the tables of words and codes
# that pages and tests are built with, and what js-tables.mjs makes of them. The modules have a target directory of their own, since their compiler may be another
# one than the workspace's (see wasm-toolchain.sh).
set -euo pipefail
cd "$(dirname "$0")/.."

tools=$(scripts/install-tools.sh build wasm)
eval "$tools"
rm -rf wasm/pkg wasm/js/vitte_* wasm/js/{codes,faults,french-table,element-words}.* # a build that fails leaves nothing to be taken for its result
words=$(cargo run --locked --quiet -p vitte-package-wasm --features schema --example words)
shapes=$(cargo run --locked --quiet -p vitte-package-wasm --features schema --example shapes)
toolchain=$(scripts/wasm-toolchain.sh)
eval "$toolchain"
export CARGO_TARGET_DIR=$PWD/target/wasm
# Panics name source files: by the same names on every machine, so that the module is the same too.
RUSTFLAGS="--remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}=/cargo --remap-path-prefix=$PWD=/vitte-package"
# The standard library has no part in what cargo compares: by its place here, what was built for another is built anew.
RUSTFLAGS+=" --remap-path-prefix=$(rustc --print sysroot)=/rust"
export RUSTFLAGS
built_by="$(rustc --version), $(rustc --print sysroot)"
echo "build-wasm: building with $built_by" >&2
# The npm package and the page take the modules from beside their facade.
for module in core=archive registry=release resolver=resolve; do
  name=vitte_${module%=*}
  wasm-pack --quiet build wasm --target web --profile wasm --out-dir pkg --out-name "$name" --mode no-install \
    -- --locked --no-default-features --features "${module#*=}"
  cp "wasm/pkg/$name".{js,d.ts} "wasm/pkg/${name}_bg.wasm" "wasm/pkg/${name}_bg.wasm.d.ts" wasm/js/
  bytes=$(wc -c <"wasm/pkg/${name}_bg.wasm")
  echo "build-wasm: $name $bytes bytes, $(gzip -9 <"wasm/pkg/${name}_bg.wasm" | wc -c) gzip" >&2
done
printf '%s\n' "$words" >wasm/pkg/words.json
printf '%s\n' "$shapes" >wasm/pkg/shapes.json
node scripts/js-tables.mjs wasm/pkg/words.json wasm/pkg/shapes.json
node scripts/inline-modules.mjs
printf '%s\n' "$built_by" >wasm/pkg/built-by # named by scripts/test.sh
