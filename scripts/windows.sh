#!/usr/bin/env bash
# The program for Windows: built here by mingw, run by Wine, and held against the one for this system. Says what it
# installs. Exits with 77 and the reason where mingw, Wine or the standard library for the target cannot be had.
set -euo pipefail
cd "$(dirname "$0")/.."
target=x86_64-pc-windows-gnu
absent() { echo "skipped: Windows ($*)"; exit 77; }
say() { echo "--- $*"; }

# The standard library for the target comes by rustup alone.
if [ ! -d "$(rustc --print sysroot)/lib/rustlib/$target/lib" ]; then
  command -v rustup >/dev/null || absent "the standard library for $target comes by rustup, which is not here"
  timeout 300 rustup target add "$target" >/dev/null 2>&1 || absent "rustup cannot fetch $target here"
fi
# The rest Debian has.
as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi; }
if ! { command -v x86_64-w64-mingw32-gcc && command -v wine; } >/dev/null && command -v apt-get >/dev/null; then
  say "installs gcc-mingw-w64-x86-64, wine and wine64"
  as_root env DEBIAN_FRONTEND=noninteractive timeout 400 \
    apt-get install -y --no-install-recommends gcc-mingw-w64-x86-64 wine wine64 >/dev/null 2>&1 || true
fi
command -v x86_64-w64-mingw32-gcc >/dev/null || absent "gcc-mingw-w64-x86-64 cannot be had here"
wine=$(command -v wine64 || command -v wine) || absent "wine cannot be had here"

export CARGO_TARGET_X86_64_PC_WINDOWS_GNU_LINKER=x86_64-w64-mingw32-gcc
export CC_x86_64_pc_windows_gnu=x86_64-w64-mingw32-gcc CARGO_INCREMENTAL=0
if cargo clippy --version >/dev/null 2>&1; then
  say "clippy for $target"
  cargo clippy --locked --quiet -p vitte-package --lib --bins --target "$target" -- -D warnings
fi
say "build"
cargo build --locked --quiet -p vitte-package --bins --target "$target"
cargo build --locked --quiet -p vitte-package -p vitte-registry --bins # as the other stages do
built=$(scripts/target-directory.sh)

work=$(mktemp -d)
export WINEPREFIX=$work/prefix WINEDEBUG=-all
unset CI VITTE_REGISTRY
end() { timeout 30 wineserver -k >/dev/null 2>&1 || true; rm -rf "$work"; }
trap end EXIT
mkdir "$work/bin"
cp "$built/$target/debug/"{vitte,vitte-package}.exe "$work/bin"
# Debian's Wine lacks this library, which Rust takes random numbers from.
cat >"$work/prng.c" <<'C'
#include <windows.h>
#include <ntsecapi.h>
__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE data, SIZE_T length) {
  return RtlGenRandom(data, (ULONG)length);
}
C
x86_64-w64-mingw32-gcc -shared -o "$work/bin/bcryptprimitives.dll" "$work/prng.c" -ladvapi32
timeout 180 "$wine" wineboot -i >/dev/null 2>&1 || absent "Wine does not start here"

# Wine writes paths with Windows' slashes, and lines as Windows does.
windows() { VITTE_HOME="Z:${work//\//\\}\\home" timeout 120 "$wine" "$work/bin/vitte-package.exe" "$@"; }
linux() { VITTE_HOME=$work/linux-home timeout 120 "$built/debug/vitte-package" "$@"; }
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
printed() { # TEXT
  if ! grep -qF -- "$1" "$work/out"; then echo "FAILED: it does not say: $1"; cat "$work/out"; exit 1; fi
}
no_mixed_paths() { # a drive, and both kinds of slash in one word
  if grep -nE '[A-Z]:\\[^ "`]*/' "$work/out"; then echo "FAILED: a path has both kinds of slash"; cat "$work/out"; exit 1; fi
}

cd "$work"
say "the same bytes as on this system"
expect 0 windows new hello
sed -i 's/^edition = .*/&\ndescription = "Says hello"\nlicense = "MIT"/' hello/vitte.toml
cp -r hello copy
cd hello && expect 0 windows build --kind mod --out out && no_mixed_paths && cd ..
cd copy && expect 0 linux build --kind mod --out out && cd ..
cmp hello/out/hello-0.1.0.vitmod copy/out/hello-0.1.0.vitmod
tree() { tr -d '\r' | grep -o 'vp1-sha256:[0-9a-f]*' | head -n 1; }
[ "$(windows inspect --json hello/out/hello-0.1.0.vitmod | tree)" = "$(linux inspect --json copy/out/hello-0.1.0.vitmod | tree)" ]

say "publish, add, install"
expect 0 windows key generate --name me
expect 0 windows registry init reg
no_mixed_paths
expect 0 windows publish --registry reg --yes hello/out/hello-0.1.0.vitmod
no_mixed_paths
expect 0 windows registry verify reg
expect 0 windows verify hello@0.1.0 --registry reg
expect 0 windows new app
cd app
expect 0 windows add hello --registry ../reg
no_mixed_paths
expect 0 windows install
expect 0 windows install --locked
expect 0 windows tree
expect 0 windows registry list
no_mixed_paths
cd ..

say "programs"
cat >greet.c <<'C'
#include <stdio.h>
int main(int count, char **words) {
  printf("%s from version %s\n", count > 1 ? words[1] : "nobody", VERSION);
  return 0;
}
C
greet() { # VERSION: publishes a package with a program
  rm -rf "greet-$1"
  mkdir -p "greet-$1/src"
  x86_64-w64-mingw32-gcc -DVERSION="\"$1\"" -o "greet-$1/built.exe" greet.c
  echo 'x' >"greet-$1/src/main.vit"
  printf '[package]\nname = "greet"\nversion = "%s"\nedition = "2025"\ndescription = "Greets"\nlicense = "MIT"\n\n[[bin]]\nname = "greet"\n\n[build]\ncommand = ["cmd", "/c", "mkdir %%VITTE_OUT%%\\\\bin && copy built.exe %%VITTE_OUT%%\\\\bin\\\\greet.exe"]\n' "$1" >"greet-$1/vitte.toml"
  (cd "greet-$1" && expect 0 windows build --kind pkg --out out)
  expect 0 windows publish --registry reg --yes "greet-$1"/out/*.vitpkg
}
greet 1.0.0
expect 0 windows install greet --registry reg
no_mixed_paths
shim() { VITTE_HOME="Z:${work//\//\\}\\home" timeout 60 "$wine" cmd /c "Z:${work//\//\\}\\home\\bin\\greet.cmd" "$@"; }
expect 0 shim you
printed "you from version 1.0.0"
expect 0 windows exec greet --registry reg -- all
printed "all from version 1.0.0"
greet 1.1.0
expect 0 windows install greet --registry reg
expect 0 shim you
printed "you from version 1.1.0"
expect 0 windows rollback --yes
expect 0 shim you
printed "you from version 1.0.0"
expect 0 windows doctor

say "a flipped byte"
cp hello/out/hello-0.1.0.vitmod flipped.vitmod
expect 0 windows sign hello/out/hello-0.1.0.vitmod
expect 0 windows verify hello/out/hello-0.1.0.vitmod
cp hello/out/hello-0.1.0.vitmod flipped.vitmod
size=$(stat -c %s flipped.vitmod)
printf '\377\0\377' | dd of=flipped.vitmod bs=1 seek=$((size - 120)) conv=notrunc status=none
expect 5 windows verify flipped.vitmod
expect 5 windows extract flipped.vitmod unpacked
[ ! -e unpacked ]
echo "Windows: all of it works under Wine"
