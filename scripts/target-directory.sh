#!/usr/bin/env bash
# Prints the folder cargo builds into, which CARGO_TARGET_DIR or a cargo configuration may have moved.
set -euo pipefail
cd "$(dirname "$0")/.."
tools=$(scripts/install-tools.sh build)
eval "$tools"
cargo metadata --locked --no-deps --format-version 1 | sed 's/.*"target_directory":"\([^"]*\)".*/\1/'
