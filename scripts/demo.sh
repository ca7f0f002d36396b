#!/usr/bin/env bash
# Installs what is missing, builds, and runs the demo: `vitte package demo`, with this script's arguments.
# May be run again at any time. Without the tools for the browser's page it says so and shows the rest.
#     --serve       a server with a few packages, whose pages check them in the browser: prints its address, until Ctrl-C
#     --pictures    makes the two pictures of the README with it, in native/registry/docs/pictures
set -euo pipefail
cd "$(dirname "$0")/.."

tools=$(scripts/install-tools.sh build) # each script says what it installs before it does
eval "$tools"
echo "demo: building vitte-package and vitte-registry with $(rustc --version) (a few minutes the first time)" >&2
# A server that lasts is built with `--profile server`, so that a fault ends one request; this one is gone in a minute.
cargo build --release --locked -p vitte-package -p vitte-registry --bins

if tools=$(scripts/install-tools.sh node); then eval "$tools"; else echo "demo: without Node.js and npm the page cannot be built" >&2; fi
page() { # in a subshell: the module's compiler must not become this shell's
  command -v npm >/dev/null && scripts/build-wasm.sh && npm run build --silent --prefix web-demo && node web-demo/build/site.mjs
}
if (page >&2); then
  echo "demo: the page that verifies packages in the browser: web-demo/dist/verify.html" >&2
else
  echo "demo: skipped: the browser's page could not be built here (see above); the terminal's part goes on" >&2
fi

PATH=$(scripts/target-directory.sh)/release:$PATH
export PATH
case ${1:-} in
  --serve | --pictures)
    command -v node >/dev/null || { echo "demo: $1 needs Node.js" >&2; exit 1; }
    VITTE_PACKAGE_BIN=$(scripts/target-directory.sh)/release/vitte-package
    export VITTE_PACKAGE_BIN
    if [ "$1" = --serve ]; then exec node web-demo/e2e/demo.mjs serve; fi
    tools=$(scripts/install-tools.sh browser) && eval "$tools"
    exec node web-demo/e2e/demo.mjs pictures native/registry/docs/pictures ;;
esac
if trees=$(scripts/real-trees.sh); then set -- --tree "$trees/typescript-5.9.2" "$@"
else echo "demo: skipped: the tree of a large library could not be fetched; the small package is shown alone" >&2; fi
exec vitte package demo "$@"
