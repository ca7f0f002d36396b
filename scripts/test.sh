#!/usr/bin/env bash
# Every test, or the stages named:  scripts/test.sh [lint] [deny] [rust] [wasm] [node] [bundlers] [web] [windows] [stores] [api] [--fuzz] [--aarch64]
#     lint    format, clippy and documentation without a warning      deny    licences, bans, sources, advisories
#     rust    unit, integration and documentation tests               wasm    the browser's module, and what it imports
#     node    the npm package, in Node                                web     the page, in three browsers
#     bundlers the packed npm package in bundlers, browsers' workers and other runtimes
#     windows the program for Windows, under Wine, beside the one for this system
#     stores  the server's tests with two replicas that share a PostgreSQL and an S3 service
#     api     the server's API, asked as its OpenAPI document says
#     --fuzz  each fuzz target, FUZZ_SECONDS (30) long    --aarch64  the program for 64-bit ARM, under QEMU
# A stage that fails does not stop the next. What cannot be had is skipped by name in the summary; with CI set, that
# fails too, but for Windows. Each stage says what it installs before it does.
set -euo pipefail
cd "$(dirname "$0")/.."

stages=() asked=()
for argument in "$@"; do
  case $argument in
    lint | deny | rust | wasm | node | bundlers | web | windows | stores | api) stages+=("$argument") ;;
    --fuzz | --aarch64) asked+=("${argument#--}") ;;
    *) sed -n '2,10s/^# //p' "$0" >&2; exit 2 ;;
  esac
done
if [ ${#stages[@]} = 0 ] && [ ${#asked[@]} = 0 ]; then stages=(lint deny rust stores api wasm node bundlers web windows); fi
stages+=(${asked[@]+"${asked[@]}"})

tools=$(scripts/install-tools.sh build) # without a compiler there is nothing to test
eval "$tools"

notes=$(mktemp)
export VITTE_TEST_SKIPPED # where tests name what they could not ask, which the summary shows
VITTE_TEST_SKIPPED=$(mktemp)
trap 'rm -f "$notes" "$VITTE_TEST_SKIPPED"' EXIT
skipped=77 # what a stage exits with when it cannot run here

# Inside a stage: `step` goes on after a failure and remembers it, `need` gives up when a tool cannot be had.
failed=0
step() { echo "--- $*"; "$@" || { failed=1; echo "--- FAILED: $*"; }; }
# The same with an end: no test may hang. Only what has been compiled before belongs here.
bounded() {
  local flags=(--kill-after=30)
  if [ -t 0 ]; then flags+=(--foreground); fi # so that Ctrl-C reaches it
  step timeout "${flags[@]}" "${TEST_SECONDS:-5400}" "$@"
}
note() { echo "skipped: $*" | tee -a "$notes"; }
need() { command -v "$1" >/dev/null || { note "$2 ($1 cannot be had here)"; exit "$skipped"; }; }
tools() { # GROUP…: installs what is missing; a stage then asks for what it needs by `need`
  local path
  path=$(scripts/install-tools.sh "$@") || true
  eval "$path"
}

part() { # SUBCOMMAND of cargo
  if cargo "$1" --version >/dev/null 2>&1; then return; fi
  note "cargo $1 (it cannot be had for $(rustc --version))"
  if [ -n "${CI:-}" ]; then failed=1; fi
  return 1
}

stage_lint() {
  tools lint
  part fmt && step cargo fmt --all --check
  part clippy && step cargo clippy --workspace --all-targets --locked --quiet -- -D warnings
  RUSTDOCFLAGS=-Dwarnings step cargo doc --workspace --no-deps --locked --quiet
}

stage_deny() {
  tools deny
  need cargo-deny "licences, bans and sources"
  echo "crates in the command line's tree: $(cargo tree --locked -p vitte-package -e normal --prefix none --format '{p}' | sed 's/ (.*//' | sort -u | wc -l)"
  cargo fetch --locked --quiet # all systems' crates, which their licences are read from
  step cargo deny --offline --locked check bans licenses sources
  if timeout 120 cargo deny fetch db 2>/dev/null; then
    step cargo deny --locked check advisories
  else
    note "advisories and yanked releases (their database cannot be fetched here)"
  fi
}

stage_rust() {
  tools build judges # tests hold our formats against foreign tools
  local kinds=(--lib --bins --tests --examples)
  step cargo test --workspace --locked --no-run "${kinds[@]}"
  # Tests start the server's program, which is another package's: built here, it is not built inside a test.
  step cargo build --locked --quiet -p vitte-package -p vitte-registry --bin vitte-registry
  if [ "$failed" != 0 ]; then return; fi
  local folder
  folder=$(scripts/target-directory.sh)/debug
  # Not one cargo for each test that starts a server.
  export VITTE_TEST_REGISTRY=$folder/vitte-registry VITTE_TEST_CLIENT=$folder/vitte-package
  if cargo nextest --version >/dev/null 2>&1; then
    bounded cargo nextest run --workspace --locked --no-fail-fast
    # Clients that are killed while they publish, to a server as to a folder.
    VITTE_TEST_WRITER=server bounded cargo nextest run --workspace --locked --no-fail-fast -E 'test(publish_killed)'
  else
    bounded cargo test --workspace --locked --no-fail-fast "${kinds[@]}"
  fi
  bounded cargo test --workspace --locked --no-fail-fast --doc
}

stage_stores() {
  tools build stores
  need weed "replicas that share a PostgreSQL and an S3 service"
  need psql "replicas that share a PostgreSQL and an S3 service"
  local folder
  folder=$(scripts/target-directory.sh)/debug
  step cargo build --locked --quiet -p vitte-package -p vitte-registry --bins --features vitte-registry/s3,vitte-registry/postgres
  # Beside the program without these parts, which other stages build in its place.
  step cp "$folder/vitte-registry" "$folder/vitte-registry-stores"
  # With the features of both packages together, as the programs: otherwise all below them is compiled twice.
  local tests=(cargo test --locked -p vitte-package -p vitte-registry --features vitte-registry/s3,vitte-registry/postgres)
  step "${tests[@]}" --no-run --bin vitte-registry --test server
  if [ "$failed" != 0 ]; then return; fi
  # Not here, as they are about one process or one folder: a mirror's copy, `care` of a folder (`care_shared` is that of a
  # bucket), the figures and the log of one process (`observed`), its connections and its TLS (`connections`, `encrypted`),
  # and its own count of what is too often (`limits`).
  VITTE_TEST_REGISTRY=$folder/vitte-registry-stores VITTE_TEST_CLIENT=$folder/vitte-package VITTE_TEST_BACKEND=postgres-s3 \
    bounded scripts/stores.sh bash -uc "failed=0; ${tests[*]} --bin vitte-registry -- database objects ledger || failed=1; \
      ${tests[*]} --test server -- --test-threads 4 --skip mirror --skip care:: --skip observed --skip connections --skip encrypted --skip limits || failed=1; exit \$failed"
}

stage_api() {
  tools build api
  need schemathesis "the API, asked as its OpenAPI document says"
  step cargo build --locked --quiet -p vitte-package -p vitte-registry --bins
  if [ "$failed" != 0 ]; then return; fi
  bounded scripts/schemathesis.sh
}

stage_wasm() {
  tools npm
  need node "the module for the browser"
  step scripts/build-wasm.sh
  step node scripts/wasm-imports.mjs wasm/pkg/vitte_{core,registry,resolver}_bg.wasm
}

# What the JavaScript is tested with: the module, unless its own stage has just built it, and the command line.
module_and_command_line() {
  case " ${stages[*]} " in *" wasm "*) ;; *) scripts/build-wasm.sh ;; esac
  if [ ! -f wasm/js/vitte_resolver_bg.wasm ]; then echo "the module was not built: see the stage wasm"; return 1; fi
  cargo build --locked --quiet -p vitte-package -p vitte-registry --bins
  VITTE_PACKAGE_BIN=$(scripts/target-directory.sh)/debug/vitte-package
  export VITTE_PACKAGE_BIN
}

stage_node() {
  tools node
  need npm "the npm package"
  module_and_command_line
  bounded npm test --silent --prefix wasm/js
}

stage_bundlers() {
  tools node browser
  need npm "the npm package in bundlers"
  module_and_command_line
  CHROMIUM=$(command -v chromium || true) bounded npm run matrix --silent --prefix wasm/js
}

stage_web() {
  tools node browser engines # a test names the engine that cannot be had
  need npm "the page"
  need chromium "the page"
  module_and_command_line
  step cargo build --locked --quiet -p vitte-package -p vitte-registry --bins # a server exports what the page verifies
  step npm run check --silent --prefix web-demo
  step npm run build --silent --prefix web-demo
  step node web-demo/build/site.mjs # what a server gives its pages
  CHROMIUM=$(command -v chromium) bounded npm test --silent --prefix web-demo
}

other_machine() { # SCRIPT
  local code=0 said
  said=$(mktemp)
  timeout --kill-after=30 "${TEST_SECONDS:-5400}" "$1" 2>&1 | tee "$said" || code=$?
  if [ "$code" = "$skipped" ]; then grep '^skipped: ' "$said" >>"$notes" || true; fi
  rm -f "$said"
  exit "$code"
}

stage_windows() { other_machine scripts/windows.sh; }
stage_aarch64() { other_machine scripts/aarch64.sh; }

stage_fuzz() {
  local target
  for target in core/fuzz/targets/*.rs; do step scripts/fuzz.sh "$(basename "$target" .rs)" "${FUZZ_SECONDS:-30}"; done
}

passed=0 broken=0 absent=0 summary=()
for stage in "${stages[@]}"; do
  echo "=== $stage"
  started=$SECONDS
  # Not in a condition: there, a failing command inside the stage would not end it.
  set +e
  (set -e; "stage_$stage"; exit "$failed")
  code=$?
  set -e
  took="$((SECONDS - started)) s"
  case $code in
    0) passed=$((passed + 1)); summary+=("$stage: passed ($took)") ;;
    "$skipped")
      # Debian's compiler has no standard library for Windows, so that one may be absent anywhere.
      if [ -n "${CI:-}" ] && [ "$stage" != windows ]; then broken=$((broken + 1)); summary+=("$stage: FAILED (CI skips no stage)")
      else absent=$((absent + 1)); summary+=("$stage: skipped"); fi ;;
    *) broken=$((broken + 1)); summary+=("$stage: FAILED ($took)") ;;
  esac
done

echo "=== summary"
echo "built by: $(rustc --version)"
if [ -f wasm/pkg/built-by ]; then echo "the browser's modules built by: $(cat wasm/pkg/built-by)"; fi
cat "$notes"
sort -u "$VITTE_TEST_SKIPPED" | sed 's/^/not tested: /'
printf '%s\n' "${summary[@]}"
echo "stages: $passed passed, $broken failed, $absent skipped"
[ "$broken" = 0 ]
