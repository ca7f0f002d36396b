#!/usr/bin/env bash
# Gives this machine a compiler for wasm32-unknown-unknown. Prints what to eval, on stdout; talks on stderr:
#     eval "$(scripts/wasm-toolchain.sh)"
# WASM_TOOLCHAIN says where the target comes from:
#     auto      the compiler at hand if it has the target, else rustup, else Debian (the default)
#     rustup    `rustup target add`
#     debian    Debian's rustc-web, rust-web-src and lld-22; the standard library is built once from that source
# After the Debian way this shell's rustc is Debian's own: use a subshell and a target directory of its own.
set -euo pipefail

target=wasm32-unknown-unknown
source=${WASM_TOOLCHAIN:-auto}
say() { echo "wasm-toolchain: $*" >&2; }

has_target() { compgen -G "$(rustc --print sysroot)/lib/rustlib/$target/lib/libstd-*.rlib" >/dev/null; }

from_rustup() {
  command -v rustup >/dev/null || return 1
  # Where the compiler at hand is not rustup's, its target would be of no use.
  [ "$(rustup which rustc 2>/dev/null)" -ef "$(rustc --print sysroot)/bin/rustc" ] || return 1
  say "rustup target add $target"
  timeout 300 rustup target add "$target" >&2 && has_target
}

debian_packages() {
  local root=()
  dpkg-query -W -f '${Status}' rustc-web 2>/dev/null | grep -q ' installed' && [ -x /usr/bin/wasm-ld-22 ] && [ -d /usr/lib/rustlib/src/rust/library/vendor ] && return
  command -v apt-get >/dev/null || { say "no rustup target, and no apt-get: $target cannot be had here"; return 1; }
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || { say "rustc-web rust-web-src lld-22 are needed, and installing them takes root, or sudo"; return 1; }
    root=(sudo)
  fi
  say "will install with ${root[*]:+${root[*]} }apt-get: rustc-web rust-web-src lld-22"
  "${root[@]}" apt-get update -qq >&2 || true
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 \
    install -y -qq --no-install-recommends rustc-web rust-web-src lld-22 >&2
}

# A sysroot of our own, so that nothing below /usr is written: lib/rustlib/{host -> Debian's, wasm32} and a
# bin/rustc that names it. Put together beside its place and renamed into it, hence whole or absent.
build_sysroot() { # SYSROOT RELEASE HOST
  local sysroot=$1 release=$2 host=$3 library=/usr/lib/rustlib/src/rust/library work
  say "building the standard library of rustc $release for $target (about a minute, once)"
  mkdir -p "$(dirname "$sysroot")"
  work=$(mktemp -d "$(dirname "$sysroot")/building.XXXXXX")
  # shellcheck disable=SC2064 # the folder of this call
  trap "rm -rf '$work'" EXIT
  mkdir -p "$work/empty/src" "$work/sysroot/bin" "$work/sysroot/lib/rustlib/$target/lib"
  # Made small, as the module is: sorting alone has a dozen kilobytes less for each type that is sorted. What copies
  # memory stays fast.
  cat >"$work/empty/Cargo.toml" <<'MANIFEST'
[package]
name = "empty"
version = "0.0.0"
edition = "2021"
[workspace]
[profile.release]
opt-level = "s"
[profile.release.package.compiler_builtins]
opt-level = 3
MANIFEST
  echo '#![no_std]' >"$work/empty/src/lib.rs"
  (
    cd "$work/empty"
    unset RUSTUP_TOOLCHAIN CARGO_BUILD_TARGET CARGO_ENCODED_RUSTFLAGS RUSTC_WRAPPER
    # Building std is a nightly's privilege; Debian's compiler is asked to allow it for this one build.
    export RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1 CARGO_PROFILE_RELEASE_DEBUG=0 CARGO_TARGET_DIR=$work/target
    RUSTFLAGS="-Cembed-bitcode=yes --remap-path-prefix=$library=/rustc/$release/library"
    RUSTFLAGS+=" --remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}=/cargo"
    export RUSTFLAGS
    cargo build --release --target "$target" -Zbuild-std=std,panic_abort,panic_unwind,proc_macro,test \
      -Zbuild-std-features=optimize_for_size >&2
  )
  find "$work/target/$target/release/deps" -name 'lib*.r*' ! -name 'libempty*' \
    -exec cp {} "$work/sysroot/lib/rustlib/$target/lib/" \;
  ln -s "/usr/lib/rustlib/$host" "$work/sysroot/lib/rustlib/$host"
  cat >"$work/sysroot/bin/rustc" <<WRAPPER
#!/bin/sh
# rustc refuses a second --sysroot: a caller that names one gets its own.
case " \$* " in *" --sysroot"*) exec /usr/bin/rustc "\$@" ;; esac
exec /usr/bin/rustc --sysroot "$sysroot" "\$@"
WRAPPER
  chmod +x "$work/sysroot/bin/rustc"
  mv -T "$work/sysroot" "$sysroot" 2>/dev/null || [ -x "$sysroot/bin/rustc" ] # another run was faster
}

case $source in
  auto) if has_target || from_rustup; then exit 0; fi ;;
  rustup) if has_target || from_rustup; then exit 0; fi; say "rustup cannot add $target"; exit 1 ;;
  debian) ;;
  *) say "WASM_TOOLCHAIN is auto, rustup or debian, not $source"; exit 2 ;;
esac

debian_packages
release=$(/usr/bin/rustc -vV | sed -n 's/^release: //p')
host=$(/usr/bin/rustc -vV | sed -n 's/^host: //p')
tools=${VITTE_TOOLS_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/vitte-package-tools}
sysroot=$tools/wasm-sysroot-$release-small
[ -x "$sysroot/bin/rustc" ] || build_sysroot "$sysroot" "$release" "$host"

# Beside that rustc stands the real cargo: rustup's stand-in would choose another compiler.
cargo=$(command -v cargo)
if command -v rustup >/dev/null && [ "$cargo" -ef "$(command -v rustup)" ]; then cargo=$(unset RUSTUP_TOOLCHAIN; rustup which cargo); fi
[ "$cargo" -ef "$sysroot/bin/cargo" ] || ln -sfn "$cargo" "$sysroot/bin/cargo"
say "ready: $("$sysroot/bin/rustc" -V), $target in $sysroot"
cat <<LINE
unset RUSTUP_TOOLCHAIN; export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER=/usr/bin/wasm-ld-22 PATH="$sysroot/bin:\$PATH";
LINE
