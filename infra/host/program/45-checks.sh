# What has to hold before anything is changed. Each refusal says what was found and what to do.

check_host() {
  [ -d "$DIR" ] || refuse "$DIR does not exist on this machine; set \`directory\` to the folder of docker-compose.yml" || return 1
  [ -w "$DIR" ] || refuse "user $(id -un) may not write to $DIR; log in as its owner or as root" || return 1
  check_tools && check_env_file && check_docker && check_values
}

check_env_file() {
  [ -e "$ENV_FILE" ] || return 0
  [ -f "$ENV_FILE" ] && [ -r "$ENV_FILE" ] || refuse ".env is not a file that $(id -un) may read" || return 1
  # A shell variable cannot hold them.
  [ "$(tr -d '\000' <"$ENV_FILE" | digest)" = "$(digest_of "$ENV_FILE")" ] || refuse ".env holds NUL bytes"
}

check_tools() {
  local tool missing=""
  for tool in awk base64 cat chmod chown cp cut date dirname env grep head mkdir mktemp mv openssl readlink rm sed sha256sum stat sync tail tr; do
    command -v "$tool" >/dev/null 2>&1 || missing="$missing $tool"
  done
  [ -z "$missing" ] || refuse "missing on this machine:$missing (openssl seals the original keys)" || return 1
  [ "$(printf 'probe' | seal | unseal)" = probe ] || refuse "openssl cannot seal with aes-256-cbc and pbkdf2; version 1.1.1 or newer is needed"
}

check_docker() { docker_answers && check_compose_version && check_project; }

docker_answers() {
  docker_clean 30 version -f '{{.Server.Version}}' >/dev/null 2>"$RUN/err" ||
    refuse "docker does not answer to $(id -un): $(tail -n 1 "$RUN/err"). Add the user to group docker, or log in as root"
}

check_compose_version() {
  local version major minor
  version="$(compose 30 version --short 2>/dev/null)"
  version="${version#v}"
  major="${version%%.*}"
  minor="${version#*.}"
  minor="${minor%%.*}"
  case "$major$minor" in "" | *[!0-9]*) major=0 minor=0 ;; esac
  [ "$major" -gt 2 ] || { [ "$major" -eq 2 ] && [ "$minor" -ge 24 ]; } ||
    refuse "docker compose ${version:-(none)} found, 2.24 or newer is needed"
}

check_project() {
  local services state
  services="$(compose 60 --profile '*' config --services 2>"$RUN/err")" ||
    refuse "docker compose cannot read $DIR: $(tail -n 2 "$RUN/err" | tr '\n' ' ')" || return 1
  printf '%s\n' "$services" | grep -qx "$SERVICE" ||
    refuse "service $SERVICE is not in $DIR; it has: $(printf '%s' "$services" | tr '\n' ' ')" || return 1
  # Two directories of the same name are one Compose project: the container may be another directory's.
  state="$(container_state)"
  case "$state" in
    "" | *" $DIR" | *" $(cd "$DIR" && pwd -P)") ;;
    *) refuse "the container of $SERVICE belongs to ${state##* }, which has the same Compose project name as $DIR" ;;
  esac
}

# Values go unquoted into .env and between quotes into the override: only characters that every reader takes literally.
check_values() {
  local value
  for value in "$WORKER_URL" "$TOKEN"; do
    case "$value" in
      *[!A-Za-z0-9_./:@%+=,~-]*) refuse "a value to be written has characters outside A-Z a-z 0-9 _ . / : @ % + = , ~ -" || return 1 ;;
    esac
  done
}

# .env and override: nobody else's.
check_env() {
  local other
  other="$(printf '%s' "$ENV_TEXT" | sed -n "s/$CR\$//; s/^# >>> \(openclaw-ai-gateway [^ ]*\) .*/\1/p" | grep -vxF "$MARK" | head -n 1)"
  [ -z "$other" ] || refuse "$DIR is managed by ${other#* } already; destroy that stack or remove the host from it first" || return 1
  if [ -e "$DIR/$OVERRIDE" ] && ! grep -q "\"x-openclaw-ai-gateway\":\"$STACK/$HOST\"" "$DIR/$OVERRIDE"; then
    refuse "$DIR/$OVERRIDE exists and is not ours; rename it" || return 1
  fi
  if [ -e "$ENV_FILE" ] && [ "$(id -u)" != 0 ] && [ "$(stat -c %u "$ENV_FILE")" != "$(id -u)" ]; then
    refuse ".env belongs to user $(stat -c %U "$ENV_FILE"); log in as that user or as root"
  fi
}

preflight() {
  check_host || return 1
  open_state
  read_env && check_env && find_compose_files && say "preflight passed: $STACK/$HOST in $DIR"
}

status() {
  open_state
  if [ ! -f "$VERSION/record" ]; then say "not managed: $STACK/$HOST in $DIR"; return 0; fi
  say "managed: $STACK/$HOST in $DIR"
  say "env $(if_same "$DIR/.env" env)"
  say "override $(if_same "$DIR/$OVERRIDE" override)"
  say "openclaw.json $(if_same "$(read_field "$VERSION/record" config)" config_digest)"
  say "container $(container_state | cut -d ' ' -f 1-4)"
}

if_same() { if [ "$(digest_of "$1")" = "$(read_field "$VERSION/record" "$2")" ]; then printf 'as applied'; else printf 'changed since'; fi; }
