#!/usr/bin/env bash
# Asks a server of this checkout, as schemathesis makes requests of its OpenAPI document: no response may be 5xx, or have a
# status, a type or a form that the document does not state. Exit code 77: schemathesis is not installed.
#     scripts/schemathesis.sh [PROGRAM]      PROGRAM: vitte-registry, if not the one that cargo has built
set -euo pipefail
cd "$(dirname "$0")/.."

command -v schemathesis >/dev/null || { echo "schemathesis: it is not installed here" >&2; exit 77; }
program=${1:-$(scripts/target-directory.sh)/debug/vitte-registry}
client=$(dirname "$program")/vitte-package
folder=$(mktemp -d)
end() {
  local code=$?
  trap - EXIT
  if [ -n "${server:-}" ]; then kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; fi
  rm -rf "$folder"
  exit "$code"
}
trap end EXIT
trap 'exit 130' INT TERM

"$program" init --data "$folder/data" --id registry.example/ >/dev/null
"$program" user add tester --data "$folder/data" >/dev/null
token=$("$program" token create --data "$folder/data" --scopes publish,yank,namespace)
"$program" serve --data "$folder/data" --listen 127.0.0.1:0 --rate-limits off >"$folder/said" 2>"$folder/log" &
server=$!
for _ in $(seq 300); do
  address=$(sed -n 's|.* at \(http://[^ ]*\)/$|\1|p' "$folder/said")
  if [ -n "$address" ]; then break; fi
  sleep 0.1
done
[ -n "$address" ] || { cat "$folder/log" >&2; exit 1; }

# Something that is there, so that not every answer is 404.
if [ -x "$client" ]; then
  mkdir -p "$folder/project/src"
  printf '[package]\nname = "acme/tool"\nversion = "1.0.0"\nedition = "2025"\nlicense = "MIT"\ndescription = "A tool"\ninclude = ["src/**"]\n' >"$folder/project/vitte.toml"
  echo 'module tool' >"$folder/project/src/lib.vitte"
  export VITTE_HOME=$folder/home VITTE_TOKEN=$token
  "$client" key generate >/dev/null 2>&1
  "$client" registry add "$address" --trust-root-sha256 "$(sha256sum "$folder/data/public/trust/1.json" | cut -d' ' -f1)" >/dev/null 2>&1
  (cd "$folder/project" && "$client" publish --yes --registry "$address" >/dev/null)
fi

checks=not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance
for who in stranger tester; do
  as=()
  if [ "$who" = tester ]; then as=(--header "Authorization: Bearer $token"); fi
  echo "schemathesis: asking as a $who"
  # In the folder that is removed: it leaves what it remembers where it runs.
  (cd "$folder" && schemathesis run "$address/api/v1/openapi.json" --checks "$checks" --max-examples "${SCHEMATHESIS_EXAMPLES:-30}" \
    --workers 1 --seed 1 --no-color "${as[@]}")
done
