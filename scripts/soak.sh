#!/usr/bin/env bash
# Runs for long what the tests run in short: a server under load, killed, on a full disk, with a clock that is wrong.
# usage: scripts/soak.sh [MINUTES]      default: 15 minutes at load, then 50 kills under 64 publishing clients
# Needs `faketime` of Debian for the clock and the rights to mount for the disk; what cannot be had is named.
set -euo pipefail
cd "$(dirname "$0")/.."
minutes=${1:-15}
case $minutes in *[!0-9]* | '') echo "usage: scripts/soak.sh [MINUTES]" >&2; exit 2 ;; esac
tools=$(scripts/install-tools.sh build)
eval "$tools"
export VITTE_SOAK_SECONDS=$((minutes * 60)) VITTE_TEST_KILLS=${VITTE_TEST_KILLS:-50}
exec cargo test --locked -p vitte-registry --test server -- --nocapture --test-threads 1 \
  soak:: load:: whole::a_server_killed
