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
    # `/srv/task-list` is a path: a key has digits or capitals.
    function without_keys(line, found, done) {
      while (match(line, /(sk-|gsk_|xai-|pplx-|ocg_|AIza|AQ\.)[A-Za-z0-9_-]+/)) {
        found = substr(line, RSTART, RLENGTH)
        done = done substr(line, 1, RSTART - 1) (found ~ /[A-Z0-9]/ ? "[hidden]" : found)
        line = substr(line, RSTART + RLENGTH)
      }
      return done line
    }
    {
      for (i = 1; i <= count; i++) $0 = without(secret[i], $0)
      $0 = without_keys($0)
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
tell() {
  ! is_late || because run_too_long "this run took longer than it may; last: $(in_short)" "a Docker daemon that answers" "docker ps" || :
  say "$REASON"
  return 1
}

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

# allow SECONDS: how long all commands from here on may take together.
allow() { DEADLINE=$(($(now) + $1)); }
is_late() { [ "$(now)" -ge "$DEADLINE" ]; }
allow 3600

# limited SECONDS COMMAND…: ends a command that hangs with 137, and does not begin one after the deadline. It ends the
# whole group: of `docker` alone the Compose plugin would be left, which holds the output open, and $(…) would wait for
# it. Hence no `timeout`, which in busybox ends the command alone. KILL, because a child of this program starts with the
# other signals ignored.
limited() {
  local seconds="$1" left group="" command watcher status
  shift
  left=$((DEADLINE - $(now)))
  [ "$seconds" -le "$left" ] || seconds="$left"
  [ "$seconds" -gt 0 ] || return 137
  if command -v setsid >/dev/null 2>&1; then
    set -- setsid "$@"
    group=-
  fi
  # A shell gives a command in the background an empty stdin, so the real one is handed over by number.
  { "$@" <&7 7<&- & } 7<&0
  command=$!
  # Without the lock and outside the directory: its last `sleep` would hold both for a second.
  (
    cd /
    while [ "$seconds" -gt 0 ] && kill -0 "$command" 2>/dev/null; do sleep 1; seconds=$((seconds - 1)); done
    kill -9 "$group$command" 2>/dev/null
  ) </dev/null >/dev/null 2>&1 9<&- &
  watcher=$!
  # Shells tell of a child that was killed, each in its own words.
  { wait "$command"; status=$?; kill -9 "$watcher"; wait "$watcher"; } 2>/dev/null
  return "$status"
}

decode() { printf '%s' "$1" | base64 -d; }
encode() { base64 -w 0; }
