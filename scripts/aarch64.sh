#!/usr/bin/env bash
# The program for 64-bit ARM: built here by Debian's cross compiler, run by QEMU, and held against the one for this
# system. Says what it installs. Exits with 77 and the reason where compiler, QEMU or the standard library for the
# target cannot be had.
set -euo pipefail
cd "$(dirname "$0")/.."
sources=$PWD
target=aarch64-unknown-linux-gnu
absent() { echo "skipped: aarch64 ($*)"; exit 77; }
say() { echo "--- $*"; }

[ "$(uname -m)" != aarch64 ] || absent "this machine is one: every other stage runs on it"
# The standard library for the target comes by rustup alone.
if [ ! -d "$(rustc --print sysroot)/lib/rustlib/$target/lib" ]; then
  command -v rustup >/dev/null || absent "the standard library for $target comes by rustup, which is not here"
  timeout 300 rustup target add "$target" >/dev/null 2>&1 || absent "rustup cannot fetch $target here"
fi
# The rest Debian has.
as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi; }
if ! { command -v aarch64-linux-gnu-gcc && command -v qemu-aarch64-static; } >/dev/null && command -v apt-get >/dev/null; then
  say "installs gcc-aarch64-linux-gnu, libc6-dev-arm64-cross and qemu-user-static"
  as_root env DEBIAN_FRONTEND=noninteractive timeout 400 \
    apt-get install -y --no-install-recommends gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user-static \
    >/dev/null 2>&1 || true
fi
command -v aarch64-linux-gnu-gcc >/dev/null || absent "gcc-aarch64-linux-gnu cannot be had here"
qemu=$(command -v qemu-aarch64-static) || absent "qemu-user-static cannot be had here"
libraries=/usr/aarch64-linux-gnu # Debian's, for the program is linked to libc
[ -d "$libraries/lib" ] || absent "libc6-arm64-cross cannot be had here"

export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER=aarch64-linux-gnu-gcc
export CC_aarch64_unknown_linux_gnu=aarch64-linux-gnu-gcc CARGO_INCREMENTAL=0
say "build"
cargo build --locked --quiet -p vitte-package --bins --target "$target"
cargo build --locked --quiet -p vitte-package -p vitte-registry --bins # as the other stages do
built=$(scripts/target-directory.sh)

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unset CI VITTE_REGISTRY
arm() { VITTE_HOME=$work/arm-home timeout 900 "$qemu" -L "$libraries" "$built/$target/debug/vitte-package" "$@"; }
native() { VITTE_HOME=$work/native-home timeout 120 "$built/debug/vitte-package" "$@"; }
expect() { # STATUS COMMAND...
  local wanted=$1 got=0
  shift
  echo "$*"
  "$@" >"$work/out" 2>&1 || got=$?
  if [ "$got" != "$wanted" ]; then
    echo "FAILED: exit status $got instead of $wanted"
    cat "$work/out"
    exit 1
  fi
}
same() { # FILE FILE
  if ! cmp "$1" "$2"; then echo "FAILED: $1 and $2 differ"; exit 1; fi
}

cd "$work"
expect 0 arm --version
say "the same bytes as on this system, at every profile"
expect 0 arm new hello
sed -i 's/^edition = .*/&\ndescription = "Says hello"\nlicense = "MIT"/' hello/vitte.toml
# Files of several frames: source of this program, and bytes that do not compress.
cp -r "$sources/core/src/log" hello/src/log
head -c 9000000 /dev/urandom >hello/src/noise.bin
cp -r hello copy
rm copy/src/noise.bin && cp -r copy small && cp hello/src/noise.bin copy/src
for how in dev build publish lz4; do
  flags=(--profile "$how")
  if [ "$how" = lz4 ]; then flags=(--codec lz4); fi
  (cd hello && expect 0 arm build --kind mod "${flags[@]}" --out "../arm-$how")
  (cd copy && expect 0 native build --kind mod "${flags[@]}" --out "../native-$how")
  same "arm-$how/hello-0.1.0.vitmod" "native-$how/hello-0.1.0.vitmod"
done
tree() { grep -o 'vp1-sha256:[0-9a-f]*' | head -n 1; }
identity=$(arm inspect --json arm-publish/hello-0.1.0.vitmod | tree)
[ -n "$identity" ] && [ "$identity" = "$(native inspect --json native-publish/hello-0.1.0.vitmod | tree)" ]

say "publish there, install here, and the other way round"
(cd small && expect 0 arm build --kind mod --profile publish --out ../arm-small) # QEMU is slow
expect 0 arm key generate --name me
expect 0 arm registry init reg
expect 0 arm publish --registry reg --yes arm-small/hello-0.1.0.vitmod
expect 0 arm registry verify reg
digest=$(sha256sum <reg/trust/1.json | cut -c 1-64)
expect 0 native registry add reg --trust-root-sha256 "$digest"
expect 0 native verify hello@0.1.0 --registry reg
expect 0 native new app
cd app
expect 0 native add hello --registry ../reg
expect 0 native install
cp vitte.lock ../native.lock
expect 0 arm lock
same vitte.lock ../native.lock
expect 0 arm install --locked
expect 0 arm tree
expect 0 arm store verify
cd ..
diff -r native-home/store/v1/pkg arm-home/store/v1/pkg

say "a flipped byte"
cp arm-small/hello-0.1.0.vitmod signed.vitmod
expect 0 arm sign signed.vitmod
expect 0 arm verify signed.vitmod
size=$(stat -c %s signed.vitmod)
printf '\377\0\377' | dd of=signed.vitmod bs=1 seek=$((size - 5000)) conv=notrunc status=none
expect 5 arm verify signed.vitmod
expect 5 arm extract signed.vitmod unpacked
[ ! -e unpacked ]
echo "aarch64: all of it works under QEMU"
