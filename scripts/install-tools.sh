#!/usr/bin/env bash
# Installs what building and testing need and this machine lacks: nothing twice, and it says what before it does.
#     eval "$(scripts/install-tools.sh [build] [deny] [wasm] [node] [browser] [judges])"     default: all
#     build    a C and C++ compiler                       deny     cargo-deny
#     wasm     wasm-pack, the glue generator, wasm-opt    node     the npm packages of wasm/js and web-demo
#     browser  Chromium                                   judges   foreign tools the formats are held against
# Prints the PATH to eval on stdout; talks on stderr. What cannot be had is named in one line, and the exit code is 1.
# Tools live in folders named by version below VITTE_TOOLS_DIR (default ~/.cache/vitte-package-tools), which every
# checkout on the machine shares.
set -euo pipefail
cd "$(dirname "$0")/.."

deny_version=0.20.2 wasm_pack_version=0.15.1 binaryen_version=132.0.0
generator_version=$(sed -n '/^name = "wasm-bindgen"$/{n;s/^version = "\(.*\)"/\1/p}' Cargo.lock)

tools=${VITTE_TOOLS_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/vitte-package-tools}
groups=${*:-build deny wasm node browser judges}
export CARGO_TERM_COLOR=never
missing=0
say() { echo "install-tools: $*" >&2; }
skip() { say "skipped: $*"; missing=1; }
wants() { case " $groups " in *" $1 "*) ;; *) return 1 ;; esac; }
for group in $groups; do
  case $group in build | deny | wasm | node | browser | judges) ;; *) say "no group $group"; exit 2 ;; esac
done

# --- What is missing ---------------------------------------------------------------------------------------------
packages=() builds=() checkouts=()
command_from() { command -v "$1" >/dev/null || packages+=("$2"); }
built() { [ -x "$tools/$1/bin/$2" ] || builds+=("$1"); }

if wants build && ! { command -v cc && command -v c++; } >/dev/null; then packages+=(build-essential); fi
if wants browser; then command_from chromium chromium; fi
if wants judges; then
  for pair in tar:tar bsdtar:libarchive-tools zstd:zstd lz4:lz4 openssl:openssl python3:python3 nginx:nginx go:golang-go; do
    command_from "${pair%:*}" "${pair#*:}"
  done
  # Go's own transparency log, as a library.
  [ -d /usr/share/gocode/src/golang.org/x/mod ] || packages+=(golang-golang-x-mod-dev)
fi
if wants deny; then built "cargo-deny-$deny_version" cargo-deny; fi
if wants wasm; then
  built "wasm-bindgen-$generator_version" wasm-bindgen
  built "wasm-pack-$wasm_pack_version" wasm-pack
  built "binaryen-$binaryen_version" wasm-opt
fi
if wants node; then
  for folder in wasm/js web-demo; do
    [ -f "$folder/package-lock.json" ] || continue
    cmp -s "$folder/package-lock.json" "$folder/node_modules/.installed-lock.json" || checkouts+=("$folder")
  done
fi

if [ ${#packages[@]} -gt 0 ]; then say "will install with apt-get: ${packages[*]}"; fi
if [ ${#builds[@]} -gt 0 ]; then say "will build, once for this machine, in $tools: ${builds[*]}"; fi
if [ ${#checkouts[@]} -gt 0 ]; then say "will run npm ci in: ${checkouts[*]}"; fi

# --- Debian's packages -------------------------------------------------------------------------------------------
install_packages() {
  local root=() apt=(apt-get -o DPkg::Lock::Timeout=300)
  command -v apt-get >/dev/null || return 1
  if [ "$(id -u)" != 0 ]; then command -v sudo >/dev/null || return 1; root=(sudo); fi
  "${root[@]}" "${apt[@]}" update -qq >&2 || return 1
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive "${apt[@]}" install -y -qq --no-install-recommends "$@" >&2
}
if [ ${#packages[@]} -gt 0 ] && ! install_packages "${packages[@]}"; then
  skip "${packages[*]} (apt-get could not install them: install them by this system's own means)"
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

install_binaryen() { # FOLDER
  command -v npm >/dev/null || { say "npm is not on this machine"; return 1; }
  npm install --prefix "$1" --silent --no-audit --no-fund --ignore-scripts "binaryen@$binaryen_version" >&2 &&
    mkdir -p "$1/bin" && ln -s ../node_modules/.bin/wasm-opt "$1/bin/wasm-opt"
}

# Built beside its final place and renamed into it, so that a folder with a version in its name is whole.
build_tool() { # NAME-VERSION
  local work made=yes
  work=$(mktemp -d "$tools/building.XXXXXX")
  case $1 in
    wasm-bindgen-*) build_generator "$work" || made=no ;;
    binaryen-*) install_binaryen "$work" || made=no ;;
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
  if [ -d "$tools/$tool" ]; then continue; fi # another run built it while this one waited
  started=$SECONDS
  if build_tool "$tool"; then say "$tool: built in $((SECONDS - started)) s"; else skip "$tool (its build failed, see above)"; fi
done

# --- npm packages of this checkout -------------------------------------------------------------------------------
for folder in ${checkouts[@]+"${checkouts[@]}"}; do
  if command -v npm >/dev/null && (cd "$folder" && npm ci --no-audit --no-fund --loglevel=error >&2); then
    cp "$folder/package-lock.json" "$folder/node_modules/.installed-lock.json"
  else
    skip "the npm packages of $folder (npm ci failed, or there is no npm)"
  fi
done

path=
for tool in "cargo-deny-$deny_version" "wasm-bindgen-$generator_version" \
  "wasm-pack-$wasm_pack_version" "binaryen-$binaryen_version"; do
  if [ -d "$tools/$tool/bin" ]; then path+="$tools/$tool/bin:"; fi
done
echo "export PATH=\"$path\$PATH\";"
exit "$missing"
