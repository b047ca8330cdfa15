const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/**
 * A program that hands its arguments to the simulator and prints the answer. It is a shell script because starting Node costs 57 ms.
 * The request is one short line in a FIFO that all share, written whole; everything else lies in files of this call alone.
 * The simulator keeps the reply FIFO open until it answers, so that its death ends the wait as well.
 */
export function toClientScript(program: string, runDir: string, before = ''): string {
  return `#!/bin/sh
${before}run=${quote(runDir)}
give_up() {
  echo "Failed to connect to bus: $1" >&2
  exit 1
}
pid=
{ read -r pid <"$run/pid"; } 2>/dev/null || give_up 'No such file or directory'
kill -0 "$pid" 2>/dev/null || give_up 'Connection refused'
n=0
until mkfifo "$run/calls/$$.$n.reply" 2>/dev/null; do
  n=$((n + 1))
  [ "$n" -lt 50 ] || give_up 'No such file or directory'
done
call="$run/calls/$$.$n"
printf '%s\\0' ${program} "$@" >"$call.words"
[ -p "$run/requests" ] || give_up 'Connection refused'
echo "$$.$n" >"$run/requests"
status=
read -r status <"$call.reply"
if [ "$status" = stream ]; then
  rm -f "$call.reply" "$call.words"
  exec cat "$call.stream"
fi
[ -s "$call.out" ] && cat "$call.out"
[ -s "$call.err" ] && cat "$call.err" >&2
rm -f "$call.reply" "$call.words" "$call.out" "$call.err"
[ -n "$status" ] || give_up 'Connection reset by peer'
exit "$status"
`;
}

/** What `cloudflared --version` prints, without asking the simulator. */
export function toVersionShortcut(version: string): string {
  return `case "$1" in
--version | -v | version)
  echo "cloudflared version ${version} (built 2026-08-20-1200 UTC)"
  exit 0
  ;;
esac
`;
}
