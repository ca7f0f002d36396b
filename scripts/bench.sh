#!/usr/bin/env bash
# Measures vitte-package against its peers, pair by pair in the same run, and writes the tables of BENCHMARKS.md.
# usage: scripts/bench.sh [--pairs N] [JOB...]      jobs: pack extract verify wasm page start size warm cold
#        resolve update log serve-publish serve-reads
#        serve-search serve-scale (default: all)
# Peers and data come by ordinary package clients into target/bench; what cannot be had is named in the tables.
set -euo pipefail
cd "$(dirname "$0")/.."
command -v python3 >/dev/null || { echo "bench: python3 is needed" >&2; exit 1; }
tools=$(scripts/install-tools.sh build npm)
eval "$tools"
export VITTE_PACKAGE_BIN=
mkdir -p target/bench
only_server=yes
for job in "${@:-all}"; do case $job in serve-* | --pairs | [0-9]*) ;; *) only_server= ;; esac; done
if [ "$only_server" ]; then exec python3 scripts/bench/run.py "$@"; fi
./scripts/bench/peers.sh target/bench
cargo build --release --locked -p vitte-package
# A copy: the job about the log builds the same file anew, with what only benchmarks need.
mkdir -p target/bench/bin
cp "$(scripts/target-directory.sh)/release/vitte-package" target/bench/bin/
VITTE_PACKAGE_BIN=$PWD/target/bench/bin/vitte-package
export VITTE_PACKAGE_BIN
exec python3 scripts/bench/run.py "$@"
