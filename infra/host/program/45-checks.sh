# What has to hold before anything is changed. Each check says all that it finds; `every` goes through all of them.

# check_directory [FIX]: it is there, this user may change it, and sees all that is ours in it.
check_directory() {
  find_directory "$@" || return 1
  [ -w "$DIR" ] || needs_root directory_not_writable "user $(id -un) may not write to $DIR" \
    "its owner, $(stat -c %U "$DIR"), root, or a user whom sudo asks for no password" "$(setting user "$(stat -c %U "$DIR")")"
}

# Below a directory that this user may not search there seems to be none, so root looks too.
find_directory() {
  [ -d "$DIR" ] && [ -x "$DIR" ] || needs_root directory_missing "$DIR is no directory on this machine" \
    "the folder of docker-compose.yml" "${1:-docker compose ls, then $(setting directory '<folder>')}" || return 1
  is_state_open && find_name || needs_root state_unreadable "user $(id -un) may not read and change all of $STATE, where the host's own files are sealed" \
    "the user of the runs before, root, or a user whom sudo asks for no password" "$(setting user "$(stat -c %U "$STATE")")"
}

# What was sealed as root is hidden from another user. To take it for missing would lose the keys in it.
is_state_open() {
  local entry
  for entry in "$FORGOTTEN" "$STATE" "$STATE"/* "$STATE"/*/*; do
    [ ! -e "$entry" ] || [ -r "$entry" ] || return 1
    [ ! -d "$entry" ] || { [ -w "$entry" ] && [ -x "$entry" ]; } || return 1
  done
}

# needs_root CODE FOUND EXPECTED FIX: a refusal that does not hold for root. `main` tries again with sudo, if it may.
needs_root() {
  [ "$(id -u)" = 0 ] || NEEDS_ROOT=1
  refuse "$@"
}

check_tools() {
  local tool missing=""
  for tool in awk base64 cat chmod chown cp cut date dirname env grep head mkdir mktemp mv openssl readlink rm sed sha256sum stat sync tail tr; do
    command -v "$tool" >/dev/null 2>&1 || missing="$missing $tool"
  done
  [ -z "$missing" ] || refuse tools_missing "not installed here:$missing" \
    "the tools of a Linux base system, and openssl, which seals the original keys" "apt-get install coreutils sed gawk openssl" || return 1
  [ "$(printf 'probe' | seal | unseal)" = probe ] || refuse openssl_too_old "openssl cannot seal with aes-256-cbc and pbkdf2: $(openssl version 2>&1 | head -n 1)" \
    "version 1.1.1 or newer" "apt-get install openssl"
}

check_docker() { docker_answers && every check_compose_version check_service; }

docker_answers() {
  docker_runs ||
    needs_root docker_unreachable "docker does not answer to $(id -un): $(last_lines "$RUN/err")" \
      "a running daemon, and a user of group docker, root, or one whom sudo asks for no password" \
      "systemctl start docker; usermod -aG docker $(id -un)"
}

check_compose_version() {
  local version major minor
  version="$(compose 30 version --short 2>/dev/null)"
  version="${version#v}"
  major="${version%%.*}"
  minor="${version#*.}"
  minor="${minor%%.*}"
  case "$major$minor" in "" | *[!0-9]*) major=0 minor=0 ;; esac
  # 2.24 is the first that takes `path` and `required` in env_file, which OpenClaw's own compose file has.
  [ "$major" -gt 2 ] || { [ "$major" -eq 2 ] && [ "$minor" -ge 24 ]; } ||
    refuse compose_too_old "docker compose ${version:-(none)}" "2.24 or newer" "apt-get install docker-compose-plugin"
}

check_service() {
  local services
  services="$(compose 60 --profile '*' config --services 2>"$RUN/err")" ||
    refuse compose_unreadable "docker compose cannot read $DIR: $(last_lines "$RUN/err")" "a valid Compose project" \
      "cd '$DIR' && docker compose config" || return 1
  services="$(printf '%s' "$services" | tr '\n' ' ')"
  case " $services " in
    *" $SERVICE "*) ;;
    *) refuse service_unknown "$DIR has no service $SERVICE" "one of: $services" "$(setting service '<service>')" || return 1 ;;
  esac
  check_project
}

# The container that serves has to be the one that `docker compose` in this directory would stop and start.
check_project() {
  local known
  # What Compose cannot read, it has no project for.
  known="$(compose 60 ps -a -q --no-trunc "$SERVICE" 2>/dev/null)" || return 0
  known="$NL$known$NL"
  containers | while IFS=' ' read -r id state project directory; do
    case "$(is_this_directory "$directory" && printf 'ours ')$known" in
      "ours "*"$NL$id$NL"*) ;;
      "ours "*)
        is_stopped "$state" || refuse project_differs \
          "$SERVICE runs as project $project, and docker compose in $DIR means a container of another project" \
          "the name that it was started under, by -p or COMPOSE_PROJECT_NAME" "echo COMPOSE_PROJECT_NAME=$project >>'$ENV_FILE'" || exit 1
        ;;
      *"$NL$id$NL"*)
        # Two directories of the same name are one Compose project.
        refuse project_name_taken "the container of $SERVICE belongs to $directory" \
          "a container of $DIR; Compose takes two folders of the same name for one project" \
          "set COMPOSE_PROJECT_NAME in $DIR/.env, then docker compose up -d" || exit 1
        ;;
    esac
  done
}

# Values go unquoted into .env and between quotes into the override: only characters that every reader takes literally.
check_values() {
  local value
  for value in "$WORKER_URL" "$TOKEN"; do
    case "$value" in
      *[!A-Za-z0-9_./:@%+=,~-]*) refuse value_not_plain "the Worker's address or the token has other characters" \
        "A-Z a-z 0-9 _ . / : @ % + = , ~ -" "set worker.url to an address of these" || return 1 ;;
    esac
  done
}

# Whose the state directory is: stack, host, and a digest that tells two stacks of the same name apart by their seal.
ownership() { printf '%s %s\n' "$MANAGED_AS" "$(seal_mark)"; }
seal_mark() { printf 'owner %s' "$SEAL" | digest; }
is_foreign() { [ -f "$STATE/owner" ] && [ "$(cut -d ' ' -f 1 "$STATE/owner")" != "$MANAGED_AS" ]; }

# After `pulumi stack rename` the host goes on under the name that is in its files: the seal says that it is the same stack.
# A look, which gets no seal, takes it from the host's own name.
find_name() {
  local owner
  [ -f "$STATE/owner" ] || return 0
  owner="$(cat "$STATE/owner")"
  if [ -n "$SEAL" ]; then [ "${owner#* }" = "$(seal_mark)" ]; else case "$owner" in */"$HOST "*) ;; *) false ;; esac; fi || return 0
  MANAGED_AS="${owner%% *}"
  MARK="openclaw-ai-gateway $MANAGED_AS"
}

check_owner() {
  [ -f "$STATE/owner" ] && [ "$(cat "$STATE/owner")" != "$(ownership)" ] || return 0
  if is_foreign; then refuse_foreign "$(cut -d ' ' -f 1 "$STATE/owner")"; return; fi
  refuse seal_differs "$STATE was sealed with another pass phrase" \
    "the pass phrase of the stack that sealed it, $MANAGED_AS" "use that stack's state, or destroy with it first"
}

refuse_foreign() {
  refuse foreign_stack "$DIR is managed by $1 already" "one stack and one host entry for each directory" \
    "pulumi destroy --stack ${1%%/*}, or take the host out of that stack"
}

# .env, our block in it, and the override: readable, and nobody else's.
check_project_files() { check_env_file && read_env && every check_block check_override find_compose_files; }

check_env_file() {
  [ -e "$ENV_FILE" ] || return 0
  [ -f "$ENV_FILE" ] && [ -r "$ENV_FILE" ] || needs_root env_unreadable "$ENV_FILE is not a file that $(id -un) may read" \
    "a regular file" "ls -l $ENV_FILE; chown $(id -un) $ENV_FILE" || return 1
  [ "$(id -u)" = 0 ] || [ "$(stat -c %u "$ENV_FILE")" = "$(id -u)" ] || needs_root env_owner \
    "$ENV_FILE belongs to $(stat -c %U "$ENV_FILE")" "$(id -un), who could not give it back to its owner otherwise" \
    "chown $(id -un) $ENV_FILE" || return 1
  # A shell variable cannot hold them.
  [ "$(tr -d '\000' <"$ENV_FILE" | digest)" = "$(digest_of "$ENV_FILE")" ] ||
    refuse env_nul "$ENV_FILE holds NUL bytes" "text" "tr -d '\\000' <$ENV_FILE >$ENV_FILE.new && mv $ENV_FILE.new $ENV_FILE"
}

check_block() {
  local other
  other="$(printf '%s' "$ENV_TEXT" | sed -n "s/$CR\$//; s/^# >>> openclaw-ai-gateway \([^ ]*\) .*/\1/p" | grep -vxF "$MANAGED_AS" | head -n 1)"
  [ -z "$other" ] || refuse_foreign "$other"
}

check_override() {
  [ -e "$DIR/$OVERRIDE" ] && ! is_our_override || return 0
  refuse foreign_override "$DIR/$OVERRIDE is not ours" "no file of that name" "mv $DIR/$OVERRIDE $DIR/docker-compose.mine.yml"
}

# Everything that can be known without a change. Sets what `look` and `render_env` find.
examine() {
  every check_tools check_docker check_values check_ours || return 1
  every look render_env && check_kept
}

# Parts of ours without the originals: they would be taken for the operator's own, and come back at the end.
check_kept() {
  local parts=""
  [ ! -f "$STATE/current" ] || return 0
  ! grep -Eq "^# (>>> )?$MARK[: ]" "$ENV_FILE" 2>/dev/null || parts=" $ENV_FILE"
  [ ! -e "$DIR/$OVERRIDE" ] || parts="$parts $DIR/$OVERRIDE"
  # Whoever set OpenClaw up by hand may use these names too, and sets them.
  ! grep -qs "[$]{$TOKEN_NAME}" "$CONFIG" || { [ -z "$parts" ] && is_token_set; } || parts="$parts $CONFIG"
  [ -z "$parts" ] || refuse state_lost "$STATE is gone, with the originals in it, but parts of this stack are in:$parts" \
    "that directory, or files without parts of this stack" \
    "put the directory back from a backup; without one, take these parts out by hand, see docs/operations.md"
}

# By Compose, or where OpenClaw itself takes variables from: its own .env, and `env` in openclaw.json.
is_token_set() {
  case "$EFFECTIVE" in *"$TOKEN_NAME"*) return 0 ;; esac
  grep -qs "$TOKEN_NAME[ 	]*=" "$(dirname "$CONFIG")/.env" || grep -qs "$TOKEN_NAME[\"']\{0,1\}[ 	]*:" "$CONFIG"
}

check_ours() { check_owner && check_project_files && check_started_with; }

# A first apply recreates the container from the project's files: those that the operator named by -f are to be among
# them. A file that is not there any more cannot be meant, and one that came later is Compose's own rule.
check_started_with() {
  local started missing
  [ ! -f "$VERSION/record" ] || return 0
  started="$(config_files_of "$(container_id)")"
  missing="$(printf '%s\n' "$started" | tr , '\n' | while IFS= read -r file; do
    [ ! -e "$file" ] || is_listed "$file" || printf ' %s' "${file#"$DIR"/}"
  done)"
  [ -z "$missing" ] || refuse compose_files_differ "the container of $SERVICE was started with$missing, which docker compose in $DIR does not read" \
    "the files that it was started with" \
    "put COMPOSE_FILE=$(own_list "$started") into $ENV_FILE, or the same list into $(setting 'composeFiles[0]' '<file>')"
}

# is_listed FILE: among COMPOSE_FILES. The names there are relative to this directory, in which the program works.
is_listed() {
  printf '%s\n' "$COMPOSE_FILES" | tr "$SEPARATOR" '\n' | {
    while IFS= read -r name; do [ ! "$name" -ef "$1" ] || exit 0; done
    exit 1
  }
}

own_list() {
  printf '%s\n' "$1" | tr , '\n' | while IFS= read -r file; do printf '%s\n' "${file#"$DIR"/}"; done | tr '\n' : | sed 's/:$//'
}

preflight() {
  check_directory || return 1
  open_state
  if [ -f "$STATE/journal" ] || [ -f "$STATE/restoring" ]; then
    say "an earlier run did not end; the next apply finishes or undoes it before anything else"
    return 0
  fi
  if is_bypassed; then
    say "note: bypassed; the next apply is refused until $(end_of_bypass)"
    return 0
  fi
  examine && say "preflight passed: $STACK/$HOST in $DIR"
}
