#!/usr/bin/env bash
# Runs a command beside a PostgreSQL and an S3 service (SeaweedFS) of its own, on this machine only, gone afterwards.
#     scripts/stores.sh COMMAND…        exit code 77: one of them is not installed (scripts/install-tools.sh stores)
# The command finds them by VITTE_TEST_POSTGRES (an address without a database), VITTE_TEST_S3 (s3://BUCKET?…) and the
# AWS_ variables. With VITTE_TEST_STORES=killed PostgreSQL writes as it does in earnest; what it answered is there when it was
# killed. In the folder that VITTE_TEST_STORES_FOLDER names, `postgres.pid` and `weed.pid` are there to be killed, and the
# scripts `start-postgres` and `start-weed` start them again.
set -euo pipefail

programs=
for folder in /usr/lib/postgresql/*/bin; do
  if [ -x "$folder/initdb" ]; then programs=$folder; fi
done
if [ -z "$programs" ]; then echo "stores: there is no PostgreSQL here" >&2; exit 77; fi
for program in weed psql python3 curl; do
  command -v "$program" >/dev/null || { echo "stores: there is no $program here" >&2; exit 77; }
done

folder=$(mktemp -d)
chmod 755 "$folder"
as=()
if [ "$(id -u)" = 0 ]; then as=(setpriv --reuid=postgres --regid=postgres --init-groups --reset-env); fi # initdb refuses root
end() {
  local code=$?
  trap - EXIT
  if [ -f "$folder/weed.pid" ]; then kill -9 "$(cat "$folder/weed.pid")" 2>/dev/null || true; fi
  "${as[@]}" "$programs/pg_ctl" -D "$folder/postgres/data" -m immediate stop >/dev/null 2>&1 || true
  local one
  for one in ${port[@]+"${port[@]}"}; do rm -f /tmp/seaweedfs-*-"$one".sock; done # it leaves them there
  rm -rf "$folder"
  exit "$code"
}
port=()
trap end EXIT
trap 'exit 130' INT TERM

read -r -a port < <(python3 -c '
import socket
held = [socket.socket() for _ in range(9)]
for one in held: one.bind(("127.0.0.1", 0))
print(*(one.getsockname()[1] for one in held))')

mkdir "$folder/postgres" "$folder/weed"
if [ ${#as[@]} -gt 0 ]; then chown postgres "$folder/postgres"; fi
cd "$folder/postgres"
"${as[@]}" "$programs/initdb" -D "$folder/postgres/data" -A trust -U postgres -E UTF8 --locale=C.UTF-8 --no-sync >/dev/null
options="-c listen_addresses=127.0.0.1 -c port=${port[0]} -c unix_socket_directories=$folder/postgres -c max_connections=400"
# What kills our server, and not PostgreSQL, need not wait for the disk.
if [ "${VITTE_TEST_STORES:-}" != killed ]; then options+=" -c fsync=off -c synchronous_commit=off -c full_page_writes=off"; fi
ln -s postgres/data/postmaster.pid "$folder/postgres.pid"
{
  echo "cd '$folder/postgres'"
  # Those that a killed one left end by themselves, and not at once.
  echo 'for _ in $(seq 50); do'
  printf '%q ' "${as[@]}" "$programs/pg_ctl" -D "$folder/postgres/data" -w -l "$folder/postgres/log" -o "$options" start
  echo '>/dev/null 2>&1 && exit; sleep 0.2; done; exit 1'
} >"$folder/start-postgres"
cd - >/dev/null
bash "$folder/start-postgres"

export AWS_ACCESS_KEY_ID=vittekey AWS_SECRET_ACCESS_KEY=vittesecret
cat >"$folder/s3.json" <<J
{"identities":[{"name":"vitte","credentials":[{"accessKey":"$AWS_ACCESS_KEY_ID","secretKey":"$AWS_SECRET_ACCESS_KEY"}],
 "actions":["Admin","Read","Write","List","Tagging"]}]}
J
{
  printf '%q ' weed -logtostderr=true server -dir="$folder/weed" -ip=127.0.0.1 -ip.bind=127.0.0.1 \
  -master.port="${port[1]}" -master.port.grpc="${port[2]}" -master.electionTimeout=1s \
  -volume.port="${port[3]}" -volume.port.grpc="${port[4]}" -volume.preStopSeconds=0 -volume.max=8 \
  -master.volumeSizeLimitMB=64 -filer.port="${port[5]}" -filer.port.grpc="${port[6]}" \
  -s3 -s3.port="${port[7]}" -s3.port.grpc="${port[8]}" -s3.config="$folder/s3.json" -s3.iam=false \
  -s3.port.iceberg=0 -s3.port.lance=0
  echo ">>'$folder/weed.log' 2>&1 & echo \$! >'$folder/weed.pid'"
} >"$folder/start-weed"
bash "$folder/start-weed"
s3=http://127.0.0.1:${port[7]}
for _ in $(seq 300); do
  if [ "$(curl -so /dev/null -w '%{http_code}' "$s3/healthz" || true)" = 200 ]; then break; fi
  sleep 0.1
done
for _ in $(seq 100); do
  made=0
  curl -sf --aws-sigv4 aws:amz:us-east-1:s3 -u "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" -X PUT "$s3/vitte" && break
  made=1
  sleep 0.1
done
if [ "$made" != 0 ]; then tail -n 20 "$folder/weed.log" >&2; echo "stores: SeaweedFS does not start" >&2; exit 1; fi

export VITTE_TEST_POSTGRES=postgres://postgres@127.0.0.1:${port[0]}
export VITTE_TEST_S3="s3://vitte?endpoint=$s3&region=us-east-1"
export VITTE_TEST_STORES_FOLDER=$folder
"$@"
