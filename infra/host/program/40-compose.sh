# Docker Compose: which files make up the project, our override, containers.

OVERRIDE=docker-compose.ai-gateway.yml

# compose SECONDS ARGUMENT…: with a clean environment, because a variable exported in the log-in shell would win
# over .env. COMPOSE_FILE is set where .env does not say yet, or no more, what the configuration names.
compose() {
  local seconds="$1"
  shift
  if [ -z "$OWN_FILES" ] || has_our_block; then
    docker_clean "$seconds" compose "$@"
  else
    (PROJECT_FILES="$OWN_FILES" PROJECT_SEPARATOR=:; docker_clean "$seconds" compose "$@")
  fi
}

docker_clean() {
  local seconds="$1"
  shift
  limited "$seconds" env -i PATH="$PATH" HOME="${HOME:-/}" \
    ${DOCKER_HOST+"DOCKER_HOST=$DOCKER_HOST"} ${DOCKER_CONTEXT+"DOCKER_CONTEXT=$DOCKER_CONTEXT"} \
    ${DOCKER_CONFIG+"DOCKER_CONFIG=$DOCKER_CONFIG"} ${DOCKER_CERT_PATH+"DOCKER_CERT_PATH=$DOCKER_CERT_PATH"} \
    ${DOCKER_TLS_VERIFY+"DOCKER_TLS_VERIFY=$DOCKER_TLS_VERIFY"} ${XDG_RUNTIME_DIR+"XDG_RUNTIME_DIR=$XDG_RUNTIME_DIR"} \
    ${PROJECT_FILES+"COMPOSE_FILE=$PROJECT_FILES"} ${PROJECT_SEPARATOR+"COMPOSE_PATH_SEPARATOR=$PROJECT_SEPARATOR"} docker "$@"
}

docker_runs() { docker_clean 30 version -f '{{.Server.Version}}' >/dev/null 2>"$RUN/err"; }

# A daemon that crashed or is being updated comes back in a moment.
await_docker() {
  local end
  end=$(($(now) + 120))
  until docker_runs; do
    [ "$(now)" -lt "$end" ] || return 1
    sleep 1
  done
}

# The project as it would be with the new .env and override, from scratch copies. Services that name .env in `env_file`
# still read the real one; the override's `environment` wins over it.
compose_scratch() (
  PROJECT_FILES="${COMPOSE_FILES%"$OVERRIDE"}$STATE/scratch/$OVERRIDE"
  seconds="$1"
  shift
  docker_clean "$seconds" compose --project-directory "$DIR" --env-file "$STATE/scratch/env" "$@"
)

# Sets COMPOSE_FILES: the operator's own list, as the configuration, his .env (ENV_BASE) or Compose's rules make it, and
# ours.
find_compose_files() {
  local own name
  SEPARATOR="$(printf '%s' "$ENV_BASE" | env_value COMPOSE_PATH_SEPARATOR)"
  SEPARATOR="${SEPARATOR:-:}"
  own="$OWN_FILES"
  [ "$SEPARATOR" = : ] || own="$(printf '%s' "$own" | tr : "$SEPARATOR")"
  [ -n "$own" ] || own="$(printf '%s' "$ENV_BASE" | env_value COMPOSE_FILE)"
  if [ -z "$own" ]; then
    for name in compose.yaml compose.yml docker-compose.yml docker-compose.yaml; do
      [ ! -f "$DIR/$name" ] || { own="$name"; break; }
    done
    [ -n "$own" ] || refuse compose_file_missing "$DIR has no compose file" "the folder of docker-compose.yml" \
      "docker compose ls, then $(setting directory '<folder>')" || return 1
    for name in "${own%.*}.override.yml" "${own%.*}.override.yaml"; do
      [ ! -f "$DIR/$name" ] || { own="$own$SEPARATOR$name"; break; }
    done
  fi
  case "$own" in
    *[!A-Za-z0-9_./:@%+=,\;~-]*) 
      refuse compose_file_not_plain "COMPOSE_FILE in $ENV_FILE has characters that cannot be written back safely" \
        "names of A-Z a-z 0-9 _ . / : @ % + = , ; ~ -" "rename the file and edit COMPOSE_FILE" || return 1
      ;;
  esac
  COMPOSE_FILES="$own$SEPARATOR$OVERRIDE"
}

# One JSON document, which is valid YAML. The values are from an alphabet without quotes, backslashes and `$`.
override_text() {
  local service comma=""
  printf '{"x-openclaw-ai-gateway":"%s","services":{' "$MANAGED_AS"
  for service in $SERVICES; do
    printf '%s"%s":{"environment":{%s}}' "$comma" "$service" "$(variables_json)"
    comma=,
  done
  printf '}}\n'
}

variables_json() {
  local name value comma=""
  environment_lines | while IFS=' ' read -r name value; do
    printf '%s"%s":"%s"' "$comma" "$name" "$value"
    comma=,
  done
}

# What .env gets, as "NAME value", and what the container's environment has then, as "NAME=value".
own_values() {
  own_variables
  printf 'COMPOSE_FILE %s\n' "$COMPOSE_FILES"
}
environment_text() { environment_lines | sed 's/ /=/'; }
environment_names() { environment_lines | while IFS=' ' read -r name _value; do printf '%s ' "$name"; done; }
environment_lines() {
  own_variables
  each_variable '%s %s\n'
}

# VARIABLES: pairs "NAME url|token", the environment that `openclaw.env: legacy` sets in place of openclaw.json.
# each_variable FORMAT: prints each with it, name and value.
each_variable() {
  local format="$1"
  # shellcheck disable=SC2086
  set -- $VARIABLES
  while [ $# -gt 1 ]; do
    # shellcheck disable=SC2059
    case "$2" in url) printf "$format" "$1" "$WORKER_URL" ;; token) printf "$format" "$1" "$TOKEN" ;; esac
    shift 2
  done
}

# containers: lines "ID STATE PROJECT DIRECTORY" of every container of a service of that name, one-off ones left out.
containers() {
  docker_clean 60 ps -a --no-trunc --filter "label=com.docker.compose.service=$SERVICE" \
    --filter label=com.docker.compose.oneoff=False \
    --format '{{.ID}} {{.State}} {{.Label "com.docker.compose.project"}} {{.Label "com.docker.compose.project.working_dir"}}' 2>/dev/null
}

# The service's container is the one that was started in this directory, whatever name its project had then: `compose ps`
# sees nothing of another name, and a container that runs would pass for a stopped one. One that runs comes first.
container_id() {
  containers | {
    found=""
    while IFS=' ' read -r id state _project directory; do
      is_this_directory "$directory" || continue
      ! is_stopped "$state" || { found="${found:-$id}"; continue; }
      found="$id"
      break
    done
    printf '%s' "$found"
  }
}

# A label has the directory as the operator's shell named it, which may be through a link.
is_this_directory() { [ "$1" -ef "$DIR" ]; }
is_stopped() { case "$1" in created | exited | dead) return 0 ;; *) return 1 ;; esac; }

# config_files_of CONTAINER: absolute paths of the compose files that it was started with, separated by commas.
config_files_of() {
  [ -z "$1" ] ||
    docker_clean 60 inspect -f '{{index .Config.Labels "com.docker.compose.project.config_files"}}' "$1" 2>/dev/null
}

# "running restarting restarts health directory" of the service's container; empty when there is none.
container_state() {
  local id
  id="$(container_id)"
  [ -z "$id" ] || docker_clean 60 inspect -f '{{.State.Running}} {{.State.Restarting}} {{.RestartCount}} {{if .State.Health}}{{.State.Health.Status}}{{else}}none{{end}} {{index .Config.Labels "com.docker.compose.project.working_dir"}}' "$id" 2>/dev/null
}

# note_container: what the gate measures restarts against; a new container starts at none.
note_container() {
  local state
  OLD_CONTAINER="$(container_id)"
  state="$(container_state)"
  OLD_RESTARTS="$(printf '%s' "$state" | cut -d ' ' -f 3)"
}

# keeps_running STATE: running, and not restarted since `note_container`.
keeps_running() {
  local base=0
  [ -z "$OLD_CONTAINER" ] || [ "$(container_id)" != "$OLD_CONTAINER" ] || base="${OLD_RESTARTS:-0}"
  case "$1" in "true false $base "*) return 0 ;; *) return 1 ;; esac
}

is_running() { case "$(container_state)" in "true "*) return 0 ;; *) return 1 ;; esac; }

# note_running: whether to start the service again after it was stopped.
note_running() {
  RUNNING=0
  ! is_running || RUNNING=1
}

# `up -d` and not `restart`, which keeps the old environment. Its exit code says nothing about health. A container that
# still runs, and is not as it should be, is stopped and replaced: with -t it gets the time that it gets from stop_service.
start_service() {
  compose $((DRAIN + 600)) up -d -t "$DRAIN" --no-deps --no-build "$@" >>"$RUN/compose" 2>&1 ||
    because start_failed "docker compose up failed: $(last_lines "$RUN/compose")" "the service starts" \
      "cd '$DIR' && docker compose up -d $SERVICE"
}

# Whether start_service would replace the container that runs. Only Compose itself knows: its `config --hash` leaves out
# what comes from an env_file.
would_replace() {
  case "$(compose 60 --dry-run up -d --no-deps --no-build "$SERVICE" 2>&1)" in *" Recreate"*) return 0 ;; *) return 1 ;; esac
}

# OpenClaw finishes its turns first; Docker kills it only after that time.
stop_service() {
  compose $((DRAIN + 30)) stop -t "$DRAIN" "$SERVICE" >>"$RUN/compose" 2>&1 ||
    because stop_failed "$SERVICE could not be stopped: $(last_lines "$RUN/compose")" \
      "an end within $DRAIN seconds" "cd '$DIR' && docker compose stop $SERVICE"
}

last_lines() { grep -v '^ *Container ' "$1" | tail -n 3 | tr '\n' ' '; }

show_log() {
  say "last lines of $SERVICE:"
  compose 30 logs --no-color --no-log-prefix --tail 8 "$SERVICE" 2>&1 | redact | sed 's/^/  | /'
}
