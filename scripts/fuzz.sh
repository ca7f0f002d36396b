#!/bin/bash
# Fuzzes one parser of core: scripts/fuzz.sh TARGET [SECONDS]
#   TARGET   manifest, tree, head, archive, frame, foreign, dsse, delta, columns, prefix (core/fuzz/targets), or `all`, one after the other
#   SECONDS  how long, 60 by default
# Works on the stable toolchain: libFuzzer with edge coverage, without a sanitizer, since core has no unsafe code.
# New inputs go to target/fuzz/TARGET/corpus; what breaks a law is left in target/fuzz/TARGET/found (exit status 1):
# mend it, then keep the input by copying it to core/fuzz/corpus/TARGET, where the ordinary tests run it.
set -euo pipefail
cd "$(dirname "$0")/.."
target=${1:?usage: scripts/fuzz.sh TARGET [SECONDS]}
seconds=${2:-60}
if [ "$target" = all ]; then
  for law in core/fuzz/targets/*.rs; do "$0" "$(basename "$law" .rs)" "$seconds"; done
  exit
fi
[ -f "core/fuzz/targets/$target.rs" ] || { echo "fuzz: no target $target; see core/fuzz/targets" >&2; exit 2; }

tools=$(scripts/install-tools.sh build)
eval "$tools"
out=$PWD/target/fuzz
mkdir -p "$out/$target/corpus" "$out/$target/found"
cp Cargo.lock core/fuzz/Cargo.lock # the same versions as everywhere else; cargo adds libfuzzer-sys
coverage="-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
  -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares"
# Overflow checks and assertions stay on; the rest is compiled for speed. --target keeps the flags from build scripts.
host=$(rustc -vV | sed -n 's/^host: //p')
CARGO_TARGET_DIR=$out/build RUSTFLAGS="$coverage --cfg fuzzing -Cdebug-assertions=on -Coverflow-checks=on" \
  CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 \
  cargo build --quiet --release --target "$host" --manifest-path core/fuzz/Cargo.toml --bin "$target"
exec "$out/build/$host/release/$target" -max_total_time="$seconds" -rss_limit_mb=1024 -timeout=10 -max_len=65536 \
  -print_final_stats=1 -artifact_prefix="$out/$target/found/" "$out/$target/corpus" "core/fuzz/corpus/$target"
