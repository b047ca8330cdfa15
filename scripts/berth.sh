# For the scripts beside it: `berth` as it is in this clone, whatever directory they are called from.
root=$(cd -- "$(dirname -- "$0")/.." && pwd)

berth() {
  node "$root/scripts/setup.mjs" && exec node "$root/apps/cli/bin/berth.mjs" "$@"
}

# Says how a script is called, and that nothing was done.
usage() {
  printf 'usage: %s %s\n' "$0" "$1" >&2
  exit 2
}
