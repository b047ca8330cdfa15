#!/bin/sh
# Writes the secrets of an installation by docker-compose.yml: deploy/make-secrets.sh [DIR], with the account's token in CF_API_TOKEN.
# A file that is there already is left as it is, so that it can be run again.
set -eu

dir=${1:-secrets}
# Only its owner enters the directory. The files themselves are readable: each is mounted alone into containers whose users own nothing here.
umask 022
mkdir -p "$dir"
chmod 700 "$dir"

# write NAME VALUE
write() {
  [ ! -s "$dir/$1" ] || return 0
  printf '%s\n' "$2" >"$dir/.$1.draft"
  chmod 444 "$dir/.$1.draft"
  mv "$dir/.$1.draft" "$dir/$1"
  echo "$dir/$1: written"
}

# letters and digits alone: it stands in URLs
password() {
  openssl rand -hex 24
}

write postgres-password "$(password)"
write redis.conf "requirepass $(password)"
write grafana-password "$(password)"
write berth-secrets-key "$(openssl rand -base64 32)"
write database-url "postgresql://berth:$(cat "$dir/postgres-password")@postgres:5432/berth"
write redis-url "redis://:$(sed -n 's/^requirepass //p' "$dir/redis.conf")@redis:6379/0"
if [ -n "${CF_API_TOKEN:-}" ]; then
  write cf-api-token "$CF_API_TOKEN"
elif [ ! -s "$dir/cf-api-token" ]; then
  echo "$dir/cf-api-token is missing: run this again with the account's token in CF_API_TOKEN" >&2
  exit 1
fi
