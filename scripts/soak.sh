#!/usr/bin/env bash
# Runs for long what the tests run in short: a server under load, killed, on a full disk, with a clock that is wrong.
# usage: scripts/soak.sh [MINUTES]      default: 15 minutes at load, then 50 kills under 64 publishing clients
# With VITTE_TEST_BACKEND=postgres-s3 two replicas that share a database and a bucket are killed in place of one server.
# Needs `faketime` of Debian for the clock and the rights to mount for the disk; what cannot be had is named.
set -euo pipefail
cd "$(dirname "$0")/.."
minutes=${1:-15}
case $minutes in *[!0-9]* | '') echo "usage: scripts/soak.sh [MINUTES]" >&2; exit 2 ;; esac
tools=$(scripts/install-tools.sh build)
eval "$tools"
export VITTE_SOAK_SECONDS=$((minutes * 60)) VITTE_TEST_KILLS=${VITTE_TEST_KILLS:-50}
if [ "${VITTE_TEST_BACKEND:-}" = postgres-s3 ]; then
  tools=$(scripts/install-tools.sh stores)
  eval "$tools"
  exec scripts/stores.sh cargo test --locked -p vitte-registry --features s3,postgres --test server -- --nocapture \
    --test-threads 1 load:: whole::a_server_killed
fi
exec cargo test --locked -p vitte-registry --test server -- --nocapture --test-threads 1 \
  soak:: load:: whole::a_server_killed
