# Common parts: messages, secrets that must not be printed, time limits.
# Runs the same under dash, bash and busybox; `local` is the one word beyond POSIX, and all three know it.
set -u
umask 077
LC_ALL=C
export LC_ALL
unset CDPATH

# Values that no output may hold, one per line. Filled as they become known.
REDACT=""
NL='
'

hide() { REDACT="$REDACT$NL$1"; }

# Filter: known secrets, and what looks like one, become [hidden]; a line ends after 400 bytes, because the reader of
# the SSH session stops reading after a line of 64 KiB. A value of less than 6 characters is a placeholder, which would
# be found in any word. The longest goes first: a secret that begins another one would leave the end of that.
redact() {
  { printf '%s\n\001\n' "$REDACT"; cat; } | awk '
    !text && $0 == "\001" { text = 1; next }
    !text {
      if (length($0) < 6) next
      for (i = count++; i > 0 && length(secret[i]) < length($0); i--) secret[i + 1] = secret[i]
      secret[i + 1] = $0
      next
    }
    function without(value, line, at, done) {
      while ((at = index(line, value)) > 0) {
        done = done substr(line, 1, at - 1) "[hidden]"
        line = substr(line, at + length(value))
      }
      return done line
    }
    {
      for (i = 1; i <= count; i++) $0 = without(secret[i], $0)
      gsub(/(sk-|gsk_|xai-|pplx-|ocg_|AIza|AQ\.)[A-Za-z0-9_-]+/, "[hidden]")
      gsub(/[Bb]earer +[A-Za-z0-9_.~+\/=-]+/, "Bearer [hidden]")
      gsub(/[\001-\010\013-\037\177]/, "")
      print substr($0, 1, 390)
    }'
}

say() { printf '%s\n' "$*" | redact; }

# because CODE FOUND EXPECTED FIX: why something cannot be done or went wrong, in REASON. Every code has a line in
# docs/troubleshooting.md. The steps inside OpenClaw's container write the same form.
because() {
  REASON="error $1: $2$NL  expected: $3$NL  fix: $4"
  return 1
}

# The caller returns 1 up to the place that knows what to undo.
refuse() { because "$@" || tell; }
tell() { say "$REASON"; return 1; }

# The first line of REASON, for a sentence of its own.
in_short() { printf '%s' "${REASON#error }" | head -n 1; }

# every CHECK…: makes all of them, so that one run tells everything that stands in the way.
every() {
  local check result=0
  for check in "$@"; do "$check" || result=1; done
  return "$result"
}

# The command that changes one setting of this host.
setting() { printf "pulumi config set --path 'hosts[N].%s' %s  (N: position of %s in the list)" "$1" "$2" "$HOST"; }

now() { date +%s; }

# limited SECONDS COMMAND…: ends a command that hangs. Without `timeout` a watcher in the background does it.
# KILL, because a child of this program starts with the other signals ignored.
limited() {
  local seconds="$1" command watcher status
  shift
  if command -v timeout >/dev/null 2>&1; then
    timeout -s KILL "$seconds" "$@"
    return
  fi
  # A shell gives a command in the background an empty stdin, so the real one is handed over by number.
  { "$@" <&7 7<&- & } 7<&0
  command=$!
  (
    while [ "$seconds" -gt 0 ] && kill -0 "$command" 2>/dev/null; do sleep 1; seconds=$((seconds - 1)); done
    kill -9 "$command" 2>/dev/null
  ) </dev/null >/dev/null 2>&1 &
  watcher=$!
  wait "$command"
  status=$?
  kill -9 "$watcher" 2>/dev/null
  return "$status"
}

decode() { printf '%s' "$1" | base64 -d; }
encode() { base64 -w 0; }
