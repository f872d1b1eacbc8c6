# What needs OpenClaw's image: JSON, OpenClaw's own command line, the network and environment of its container.

# Reads our step program and its input from stdin, so that neither shows up in a process list.
BOOT='let s="";process.stdin.setEncoding("utf8").on("data",d=>s+=d).on("end",()=>{const i=s.indexOf("\n");globalThis.hostStepInput=s.slice(i+1);eval(s.slice(0,i))})'

# in_container now|new|live STEP FIELDS: runs one step, in a one-off container of the service with the present or the
# new configuration, or in the running one. Its answers are read with `answered`, REASON says why it refused. They stay
# in variables: some are secrets, and no file may hold those.
in_container() {
  local where="$1" step="$2" fields="$3" status
  STEP_NUMBER=$((STEP_NUMBER + 1))
  ONE_OFF="openclaw-ai-gateway-$$-$STEP_NUMBER"
  # shellcheck disable=SC2046
  case "$where" in
    now) set -- compose 300 run --name "$ONE_OFF" $(without_pull) -T --rm --no-deps --entrypoint node "$SERVICE" ;;
    new) set -- compose_scratch 600 run --name "$ONE_OFF" $(without_pull) -T --rm --no-deps --entrypoint node "$SERVICE" ;;
    live) set -- compose 600 exec -T "$SERVICE" node ;;
  esac
  ANSWERS="$(printf '%s\n%s\n' "$STEPS" "$fields" | "$@" -e "$BOOT" "$step" 2>"$RUN/err")"
  status=$?
  [ "$status" -ne 0 ] || return 0
  # Whoever ended `docker` left its container.
  [ "$status" -ne 137 ] || (allow 30; docker_clean 30 rm -f "$ONE_OFF") >/dev/null 2>&1
  REASON="$(answered refusal)"
  [ -n "$REASON" ] || because container_step_failed "step $step in a container of $SERVICE ended with $status: $(last_lines "$RUN/err")" \
    "Node and OpenClaw's files in its image" "cd '$DIR' && docker compose run --rm --no-deps --entrypoint node $SERVICE --version"
  return "$status"
}

STEP_NUMBER=0

# A one-off container pulls or builds an image that is not there. That is no part of a look, and takes as long as it likes.
has_image() {
  local image
  image="$(compose 60 --profile '*' config --images "$SERVICE" 2>/dev/null | head -n 1)"
  [ -z "$image" ] || docker_clean 60 image inspect -f '{{.Id}}' "$image" >/dev/null 2>&1 ||
    refuse image_missing "the image of $SERVICE, $image, is not on this machine" "what docker compose up starts, with no download or build" \
      "cd '$DIR' && docker compose pull $SERVICE, or docker compose build $SERVICE"
}

# For a project whose `pull_policy` asks the registry at each run too; Compose has the option since 2.33.
without_pull() {
  case "$EFFECTIVE" in *'"pull_policy"'*) ;; *) return 0 ;; esac
  ! compose 30 run --help 2>/dev/null | grep -q -e '--pull ' || printf -- '--pull never'
}
EFFECTIVE=""

# answered NAME: the decoded values, a line each.
answered() {
  local value
  printf '%s\n' "$ANSWERS" | sed -n "s/^$1 //p" | while IFS= read -r value; do
    decode "$value"
    printf '\n'
  done
}

# answered_whole NAME: one value as it is, into CONTENT.
answered_whole() { CONTENT="$(decode "$(printf '%s\n' "$ANSWERS" | sed -n "s/^$1 //p")"; printf x)"; CONTENT="${CONTENT%x}"; }

# field NAME <text: one field of a step's input.
field() { printf '%s ' "$1"; encode; printf '\n'; }

common_fields() {
  printf %s "$STEP_FIELDS"
  printf %s "$SERVICE" | field service
  printf %s "$KEY_NAMES" | field names
  kept_config delta | field delta
}

# What the last finished apply made of openclaw.json.
applied_fields() { [ ! -f "$VERSION/wanted" ] || cat "$VERSION/wanted"; }

# Sets EFFECTIVE: what Compose makes of the project, as JSON.
effective_config() { read_effective || tell; }
read_effective() {
  EFFECTIVE="$(compose 60 --profile '*' config --format json 2>"$RUN/err")" ||
    because compose_unreadable "docker compose cannot read $DIR: $(last_lines "$RUN/err")" "a valid Compose project" \
      "cd '$DIR' && docker compose config"
}

# kept_config delta|orig: what the last finished apply recorded about openclaw.json; nothing before the first, nor in a
# run that was sent no seal.
kept_config() { [ -z "$SEAL" ] || [ ! -f "$VERSION/config.$1" ] || open_sealed "$VERSION/config.$1"; }

# look_from now|live: finds everything out. Sets CONFIG, PORT, SERVICES, SIBLINGS, PLANNED, ALLOWED, KEY_LINES and
# OWN_KEYS, adds to KEY_NAMES and to the secrets.
look() { look_from now; }
look_from() {
  effective_config || return 1
  [ "$1" = live ] || has_image || return 1
  in_container "$1" look "$(
    common_fields
    applied_fields
    printf %s "$EFFECTIVE" | field compose
    printf %s "$ENV_BASE" | field env
  )" || { say_notes; tell; } || return 1
  say_notes
  OWN_KEYS=no
  [ -z "$(answered secret)" ] || OWN_KEYS=yes
  CONFIG="$(answered config)"
  PORT="$(answered port)"
  SERVICES="$(answered services)"
  SIBLINGS="$(answered siblings)"
  PLANNED="$(answered planned)"
  KEY_NAMES="$KEY_NAMES $(answered extra)"
  KEY_LINES="$(answered lines)"
  ALLOWED="$(answered allowed | tr '\n' ' ')"
  [ -z "$ALLOWED" ] || say "note: keys are left, as allowed, in: $ALLOWED"
  CONFIG_AT_START="$(digest_of "$CONFIG")"
  CONFIG_LEFT="$CONFIG_AT_START"
  check_config_place
}

# What a look is to tell, also when it refuses; its secrets are known from then on.
say_notes() {
  REDACT="$REDACT$NL$(answered secret)$NL$(answered unused)"
  answered note | sed 's/^/note: /' | redact
}

check_config_place() {
  local place
  place="$(dirname "$CONFIG")"
  # Below a directory that this user may not search there seems to be none, so root looks too.
  [ -d "$place" ] || needs_root config_dir_missing "OpenClaw's state directory $place is not on this machine, as far as $(id -un) can see" \
    "a daemon on the machine that is logged in to, and a user who may look there, or whom sudo asks for no password" \
    "docker context ls; sudo ls -ld '$place'" || return 1
  [ -w "$place" ] || needs_root config_not_writable "user $(id -un) may not write to $place" \
    "its owner, $(stat -c %U "$place"), root, or a user whom sudo asks for no password" "$(setting user root)" || return 1
  [ ! -e "$CONFIG" ] || [ "$(id -u)" = 0 ] || [ "$(stat -c %u "$CONFIG")" = "$(id -u)" ] || needs_root config_owner \
    "$CONFIG belongs to $(stat -c %U "$CONFIG")" "$(id -un), who could not give it back to its owner otherwise" "$(setting user root)"
}

# Makes CONFIG_NEW from the file as it is now: CONFIG_DELTA is its difference from the operator's, CONFIG_UNDO from this
# one. CONFIG_LEFT is the digest that this run leaves the file with.
prepare_config() {
  CONFIG_SEEN="$(digest_of "$CONFIG")"
  in_container new prepare "$(
    common_fields
    printf 120 | field seconds
    if [ -e "$CONFIG" ]; then field current <"$CONFIG"; fi
  )" || tell || return 1
  answered_whole delta
  CONFIG_DELTA="$CONTENT"
  answered_whole undo
  CONFIG_UNDO="$CONTENT"
  answered_whole config
  CONFIG_NEW="$CONTENT"
  CONFIG_LEFT="$(printf '%s' "$CONFIG_NEW" | digest)"
}

# Whether whom the host is to call takes its token: the Worker, or the gateway itself.
probe_access() {
  in_container new probe "$(
    common_fields
    printf %s "$WORKER_WAIT" | field seconds
    printf %s "$GATEWAY_URL" | field gateway-url
  )" || tell
}

# ready_fields SECONDS: PORT is empty where neither command nor variable sets it; then openclaw.json of that moment does.
ready_fields() {
  printf %s "$STEP_FIELDS"
  printf %s "$PORT" | field port
  printf %s "$1" | field seconds
}

# The new container has to run, become ready, hold no provider key (behind the Worker), and answer one real turn.
# gate full|ready: `ready` is enough for the operator's own configuration, which may never have had a working model.
gate() {
  local end
  end=$(($(now) + READY_WAIT))
  until in_container live ready "$(ready_fields 10)"; do
    still_well || return 1
    [ "$(now)" -lt "$end" ] || return 1
    sleep 1
  done
  [ "$1" = full ] || return 0
  [ "$ACCESS" = direct ] || gate_keyless || return 1
  [ -z "$MODEL" ] ||
    in_container live turn "$(common_fields; printf %s "$MODEL" | field model; printf 120 | field seconds)" || return 1
  still_well
}

# Nor does any service get one: a key of .env that is in a compose file or in another env file too shows only now.
gate_keyless() {
  read_effective && in_container live keyless "$(common_fields; printf %s "$EFFECTIVE" | field compose)"
}

# The operator's own configuration gives one real answer too, if it ever had a key to do so.
gate_own() {
  gate ready || return 1
  [ "$(read_field "$VERSION/record" own_keys)" = yes ] || return 0
  in_container live own_turn "$(common_fields; printf 120 | field seconds)"
}

# The container runs, has not been restarted, and its own health check does not fail.
still_well() {
  local state see="cd '$DIR' && docker compose logs --tail 50 $SERVICE"
  state="$(container_state)"
  case "$state" in
    "") because container_gone "the container of $SERVICE is gone" "a running container" "$see" || return 1 ;;
    *" unhealthy "*) because container_unhealthy "Docker calls the container unhealthy" "a passing health check" "$see" || return 1 ;;
  esac
  keeps_running "$state" ||
    because container_restarts "the container does not keep running ($(printf '%s' "$state" | cut -d ' ' -f 1-4))" "no restart" "$see"
}
