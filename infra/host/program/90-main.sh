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
      access | variables) STEP_FIELDS="$STEP_FIELDS$name $value$NL" ;;
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

# Each wait has a limit of its own; this is one for all of them together, and as much again for an undo.
allow_change() { allow $((900 + DRAIN + WORKER_WAIT + READY_WAIT)); }

worker() {
  local status
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
  # The time that another run took does not count.
  case "$1" in status | plan) allow 120 ;; *) allow_change ;; esac
  # Where the user may not enter, the checks say so.
  cd "$DIR" 2>/dev/null || :
  "$1"
  status=$?
  give_lock_back
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

# make_run_directory VERB: for the output and the like. Root has it in memory, because on a full disk it would be lost. Of
# another user systemd-logind removes what he has there when his connection ends, and the work goes on after that.
make_run_directory() {
  local disk="${TMPDIR:-/tmp}"
  if [ "$(id -u)" = 0 ]; then find_room /dev/shm /run "$disk"; else find_room "$disk"; fi && return 0
  # What is kept free for putting the originals back on a full disk.
  case "$1" in restore | bypass) rm -f "$DIR"/.openclaw-ai-gateway/v*/reserve ;; esac
  find_room "$disk" /dev/shm
}

# A full disk may have room for a directory and for nothing in it.
find_room() {
  local place
  for place in "$@"; do
    RUN="$(mktemp -d "$place/openclaw-ai-gateway.XXXXXX" 2>/dev/null)" || continue
    printf '%65536s' "" >"$RUN/out" && return 0
    rm -rf "$RUN"
  done 2>/dev/null
  return 1
}

main() {
  local status
  case "$1" in
    preflight | apply | restore | bypass | bypass_end | status | plan | keys | ready | turn | export_keys) ;;
    *)
      refuse unknown_verb "this program has no verb $1; nothing was done" "a verb of the same version" "npm ci, then the same command" >&2
      exit 64
      ;;
  esac
  read_payload && check_payload "$1" || {
    refuse input_incomplete "the input is not whole; nothing was done" "a connection that lasts, and a configuration of this version" \
      "the same command once more" >&2
    exit 72
  }
  make_run_directory "$1" || {
    refuse no_room_for_output "no room for 64 KiB in ${TMPDIR:-/tmp}, nor in /dev/shm; nothing was done" "room in one of them" "df -h; df -i" >&2
    exit 73
  }
  # The worker finishes or undoes its change also when the connection is gone: its output goes to a file.
  trap '' HUP PIPE INT TERM
  (work "$1") </dev/null >/dev/null 2>&1 &
  wait $!
  status=$?
  cat "$RUN/out" 2>/dev/null
  rm -rf "$RUN"
  exit "$status"
}

main "$1"
