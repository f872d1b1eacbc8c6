# What `npm run doctor` asks beside `status`. These verbs read, and change nothing.

# Nothing to ask where no apply has finished.
check_managed() {
  check_directory && docker_answers || return 1
  open_state
  has_record && { ! is_bypassed || refuse_bypassed; }
}

has_record() {
  [ -f "$VERSION/record" ] ||
    refuse not_managed "nothing of $STACK/$HOST is in place in $DIR" "what pulumi up leaves there" "pulumi up"
}

# keys: no provider key in OpenClaw's configuration and state, in what Compose makes of the project, in the running
# container, or in any other file of the project directory.
keys() {
  local result=0 allowed told
  check_managed && effective_config && has_image || return 1
  in_container now keys "$(
    common_fields
    printf %s "$EFFECTIVE" | field compose
    if [ -e "$ENV_FILE" ]; then field env <"$ENV_FILE"; fi
  )" || { tell; result=1; }
  allowed="$(answered allow)"
  told="$(answered told)"
  files_with_keys "$(answered pattern)" "$ENV_FILE$NL$told" "$allowed" || result=1
  ! is_running || in_container live keyless "$(common_fields)" || { tell; result=1; }
  [ -z "$allowed" ] || say "keys left as allowed: $(printf '%s' "$allowed" | tr '\n' ' ')"
  [ "$result" -ne 0 ] || say "no provider key: $STACK/$HOST in $DIR"
  return "$result"
}

# files_with_keys PATTERN TOLD ALLOWED: every other file of the project directory. What is sealed is not looked at.
files_with_keys() {
  local file name result=0 list="$RUN/files" free
  # The list of the setting, which ALLOWED is; the command for one file must not undo that for another.
  free="$(printf '%s\n' "$3" | grep -c .)"
  [ -n "$1" ] || return 0
  command -v find >/dev/null 2>&1 ||
    refuse tools_missing "not installed here: find" "what looks through the project directory" "apt-get install findutils" || return 1
  find "$DIR" \( -name .openclaw-ai-gateway -o -name node_modules -o -name .git \) -prune -o \
    -type f -size -16384k -exec grep -lE -e "$1" {} + >"$list" 2>/dev/null
  while IFS= read -r file; do
    name="${file#"$DIR"/}"
    ! printf '%s\n' "$2" | grep -qxF -e "$file" && ! printf '%s\n' "$3" | grep -qxF -e "$name" || continue
    result=1
    refuse key_on_host "$file holds a provider key" "no provider key on this host" \
      "take the key out of that file; or accept it: $(setting "allowKeys[$free]" "'$name'")" || :
    free=$((free + 1))
  done <"$list"
  return "$result"
}

# ready: the container runs, keeps running, and OpenClaw calls itself ready.
ready() {
  check_managed || return 1
  PORT="$(read_field "$VERSION/record" port)"
  note_container
  still_well && in_container live ready "$(ready_fields 5)" || tell || return 1
  say "ready: $STACK/$HOST in $DIR"
}

# turn: one real answer of the model that the last apply asked too.
turn() {
  check_managed || return 1
  [ -n "$MODEL" ] || { say "no model to ask"; return 0; }
  in_container live turn "$(common_fields; printf %s "$MODEL" | field model; printf 120 | field seconds)" || tell || return 1
  say "answered: $MODEL"
}
