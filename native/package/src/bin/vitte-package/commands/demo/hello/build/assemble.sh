#!/bin/sh
# Writes what goes into the binary package: target/vitpkg. Same words, same bytes: nothing here depends on time or machine.
set -eu
mkdir -p target/vitpkg/bin
{
  echo '#!/bin/sh'
  echo 'language=${1:-${LANG:-en}}'
  echo 'case "${language%%[_.]*}" in'
  for file in words/*.txt; do
    name=${file#words/}
    printf "  %s) echo '%s' ;;\n" "${name%.txt}" "$(cat "$file")"
  done
  echo "  *) echo '$(cat words/en.txt)' ;;"
  echo 'esac'
} > target/vitpkg/bin/hello
chmod 755 target/vitpkg/bin/hello
mkdir -p target/vitpkg/docs
cp docs/guide.md target/vitpkg/docs/guide.md
