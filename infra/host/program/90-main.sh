# Start: read everything, then work detached from the connection.

# Payload: lines "name base64", then "end". Without `end` the input was cut off, and nothing is done.
read_payload() {
  local name value
  STACK="" HOST="" DIR="" SERVICE="" SEAL="" ACCESS=worker WORKER_URL="" GATEWAY_URL="" TOKEN="" MODEL=""
  MANAGED="" VARIABLES="" WINDOW="" OWN_FILES="" GENERATION="" PAYLOAD="" PUBLIC="" STEP_FIELDS="" RESTORE_KEYS=""
  DRAIN=330 WORKER_WAIT=120 READY_WAIT=180
  while IFS=' ' read -r name value; do
    [ "$name" != end ] || { digest_input; return 0; }
    PAYLOAD="$PAYLOAD$name $value$NL"
    # What a look is told as well, which gets no secret.
    case "$name" in seal | token | epoch | restore-keys) ;; *) PUBLIC="$PUBLIC$name $value$NL" ;; esac
    # What the steps in the container are told as it came. Seal and token are not among it.
    case "$name" in
      access) STEP_FIELDS="$STEP_FIELDS$name $value$NL" ;;
      entry | other-names | patterns | auth-providers | vendors | patch | provider-ids | allow-keys | accept-unserved | allow-version)
        STEP_FIELDS="$STEP_FIELDS$name $value$NL"
        continue
        ;;
    esac
    value="$(decode "$value")"
    case "$name" in
      stack) STACK="$value" ;;
      host) HOST="$value" ;;
      service) SERVICE="$value" ;;
      directory) DIR="${value%/}" ;;
      seal) SEAL="$value" ;;
      access) ACCESS="$value" ;;
      worker-url) WORKER_URL="$value" ;;
      gateway-url) GATEWAY_URL="$value" ;;
      token) TOKEN="$value" ;;
      model) MODEL="$value" ;;
      names) MANAGED="$value" ;;
      variables) VARIABLES="$value" ;;
      restore-keys) RESTORE_KEYS="$value" ;;
      window) WINDOW="$value" ;;
      compose-files) OWN_FILES="$value" ;;
      generation) GENERATION="$value" ;;
      # Counts up when the host was found changed: a part of the input, and nothing more.
      epoch) ;;
      drain) DRAIN="$value" ;;
      worker-wait) WORKER_WAIT="$value" ;;
      ready-wait) READY_WAIT="$value" ;;
      *) return 1 ;;
    esac
  done
  return 1
}

# A new version of this program looks at everything anew.
digest_input() {
  INPUT="$(printf '%s\n%s' "${s:-}" "$PAYLOAD" | digest)"
  PUBLIC="$(printf '%s\n%s' "${s:-}" "$PUBLIC" | digest)"
}

check_payload() {
  case "$STACK$HOST$SERVICE" in *[!A-Za-z0-9._/-]*) return 1 ;; esac
  case "$ACCESS" in worker | direct) ;; *) return 1 ;; esac
  case "$DRAIN$WORKER_WAIT$READY_WAIT" in *[!0-9]*) return 1 ;; esac
  case "$WINDOW" in "" | [0-2][0-9]:[0-5][0-9]-[0-2][0-9]:[0-5][0-9]) ;; *) return 1 ;; esac
  case "$DIR" in /*) ;; *) return 1 ;; esac
  case "$1" in status | plan) ;; *) [ -n "$SEAL" ] || return 1 ;; esac
  [ -n "$STACK" ] && [ -n "$HOST" ] && [ -n "$SERVICE" ]
}

# flock on the directory itself leaves no file behind and dies with its owner.
take_lock() {
  local waited=0
  # Where the user may not write, the checks say so.
  [ -d "$DIR" ] && [ -w "$DIR" ] || return 0
  if command -v flock >/dev/null 2>&1; then
    exec 9<"$DIR" || return 1
    until flock -n 9; do wait_for_lock || return 1; done
  else
    until mkdir "$DIR/.openclaw-ai-gateway.lock" 2>/dev/null; do
      if lock_is_stale; then rm -rf "$DIR/.openclaw-ai-gateway.lock"; else wait_for_lock || return 1; fi
    done
    LOCKED="$DIR/.openclaw-ai-gateway.lock"
    sh -c 'echo $PPID' >"$LOCKED/pid"
  fi
}

# Its owner is gone, or never came to write its number.
lock_is_stale() {
  local owner
  owner="$(cat "$DIR/.openclaw-ai-gateway.lock/pid" 2>/dev/null)"
  if [ -n "$owner" ]; then [ ! -d "/proc/$owner" ]; else [ "$waited" -gt 0 ] && [ $((waited % 10)) -eq 0 ]; fi
}

wait_for_lock() {
  [ "$waited" -lt 600 ] || refuse busy "another run has been working in $DIR for 10 minutes" \
    "one run at a time" "pgrep -af 'x (apply|restore|bypass|bypass_end)$'" || return 1
  waited=$((waited + 1))
  sleep 1
}

worker() {
  local status
  LOCKED=""
  MANAGED_AS="$STACK/$HOST"
  MARK="openclaw-ai-gateway $MANAGED_AS"
  STATE="$DIR/.openclaw-ai-gateway"
  FORGOTTEN="$STATE.gone"
  VERSION="$STATE/none"
  KEY_NAMES="$MANAGED"
  ENV_FILE="$DIR/.env"
  [ ! -L "$ENV_FILE" ] || ENV_FILE="$(readlink -f "$ENV_FILE")"
  ENDING=no WAS_RUNNING=0 RESTORED_NOTE="" UNANSWERED="" REASON="" CONFIG="" PORT="" SERVICES="$SERVICE" OLD_CONTAINER="" OLD_RESTARTS="" NEEDS_ROOT=0
  hide "$TOKEN"
  hide "$SEAL"
  REDACT="$REDACT$NL$(printf '%s\n' "$RESTORE_KEYS" | cut -f 1)"
  case "$1" in apply | restore | bypass | bypass_end) take_lock || return 1; forget_rest ;; esac
  # Where the user may not enter, the checks say so.
  cd "$DIR" 2>/dev/null || :
  "$1"
  status=$?
  [ -z "$LOCKED" ] || rm -rf "$LOCKED"
  [ "$status" -eq 0 ] || [ "$NEEDS_ROOT" = 0 ] || return "$ONLY_ROOT"
  return "$status"
}

# What a worker ends with when it changed nothing because the user may not, and root might.
ONLY_ROOT=77

# As the user himself; where he may not and sudo asks for no password, as root. The command line holds no secret.
work() {
  local status
  (worker "$1") >"$RUN/out" 2>&1
  status=$?
  if [ "$status" = "$ONLY_ROOT" ] && sudo -n true 2>/dev/null; then
    printf '%s\n%s' "$s" "${PAYLOAD}end$NL" |
      sudo -n sh -c 'IFS= read -r s && p="$(printf %s "$s" | base64 -d | gzip -dc)" && eval "$p"' x "$1" >"$RUN/out" 2>&1
    status=$?
  fi
  [ "$status" != "$ONLY_ROOT" ] || status=1
  return "$status"
}

main() {
  local status
  case "$1" in
    preflight | apply | restore | bypass | bypass_end | status | plan | keys | ready | turn | export_keys) ;;
    *) echo "unknown verb" >&2; exit 64 ;;
  esac
  read_payload && check_payload "$1" || { echo "the input is not whole; nothing was done" >&2; exit 72; }
  # The worker finishes or undoes its change also when the connection is gone: its output goes to a file.
  trap '' HUP PIPE INT TERM
  RUN="$(mktemp -d)" || exit 73
  (work "$1") </dev/null >/dev/null 2>&1 &
  wait $!
  status=$?
  cat "$RUN/out" 2>/dev/null
  rm -rf "$RUN"
  exit "$status"
}

main "$1"
