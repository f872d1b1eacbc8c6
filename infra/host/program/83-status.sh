# status: whether the host still is as the last finished apply left it. plan: that, and what an apply would change.
# Both only read, and need neither seal nor token: the record has digests and names to compare with.

status() {
  DRIFTED=0
  check_directory && docker_answers || return 1
  open_state
  note_running
  if [ ! -f "$VERSION/record" ]; then
    say "not managed: $STACK/$HOST in $DIR"
    say_unfinished
    say_stopped
    return 0
  fi
  say "managed: $STACK/$HOST in $DIR"
  say_unfinished
  if is_bypassed; then
    say "bypassed: $SERVICE runs on the host's own files; to end it: $(end_of_bypass)"
    say_stopped
    say "container $(container_state | cut -d ' ' -f 1-4)"
    return 0
  fi
  # The input of a guard says nothing of what was applied.
  [ -z "$GENERATION" ] || [ "$(read_field "$VERSION/record" public)" = "$PUBLIC" ] ||
    say "the last apply here had another input than the state has: an apply ends also when its connection is cut"
  CONFIG="$(read_field "$VERSION/record" config)"
  KEY_NAMES="$(read_field "$VERSION/record" names)"
  compare_with_container
  same_or_changed env "$(changed_names)"
  same_or_changed override "$(changed_override)"
  same_or_changed "compose files" "$(unlisted_files)"
  same_or_changed openclaw.json "$CONFIG_CHANGES"
  same_or_changed environment "$ENVIRONMENT_CHANGES"
  say "container $(container_state | cut -d ' ' -f 1-4)"
  [ -z "$(read_field "$VERSION/record" allowed)" ] || say "keys left as allowed: $(read_field "$VERSION/record" allowed)"
}

say_unfinished() {
  [ ! -f "$STATE/journal" ] && [ ! -f "$STATE/stopped" ] && [ ! -f "$STATE/restoring" ] ||
    say "an earlier run did not end; the next one finishes or undoes it before anything else"
}
say_stopped() { [ "$RUNNING" = 1 ] || say "the service is stopped"; }

# same_or_changed WHAT HOW
same_or_changed() {
  if [ -z "$2" ]; then say "$1 as applied"; return; fi
  DRIFTED=1
  say "$1 changed since: ${2% }"
}

# changed_names: our variables that .env gives another value, and the keys in it that were taken out. An edit beside
# them is the operator's own business.
changed_names() {
  local name
  [ "$(digest_of "$ENV_FILE")" != "$(read_field "$VERSION/record" env)" ] || return 0
  for name in $(sed -n 's/^own \([A-Z_]*\) .*/\1/p' "$VERSION/record"); do
    [ "$(value_now "$name" | digest)" = "$(read_field "$VERSION/record" "own $name")" ] ||
      printf '%s ' "$name"
  done
  [ ! -r "$ENV_FILE" ] || assigned_names <"$ENV_FILE" | among "$KEY_NAMES"
}

value_now() { [ ! -r "$ENV_FILE" ] || env_value "$1" <"$ENV_FILE" | tr -d '\n'; }

# assigned_names <.env: the names that get a value.
assigned_names() {
  sed -n "s/$CR\$//; s/^[ 	]*\(export[ 	]\{1,\}\)\{0,1\}\([^ 	=:#]\{1,\}\)[ 	]*[=:][ 	]*[^ 	].*/\2/p"
}

# among NAMES <lines: those that are one of NAMES, on one line.
among() { awk -v list="$1" 'BEGIN { split(list, names, " "); for (i in names) wanted[names[i]] = 1 } $0 in wanted && !seen[$0]++ { printf "%s ", $0 }'; }

changed_override() {
  [ "$(digest_of "$DIR/$OVERRIDE")" = "$(read_field "$VERSION/record" override)" ] || printf '%s' "$OVERRIDE"
}

# Compose files that Compose would read without us, and that are not in our COMPOSE_FILE: they were added later.
unlisted_files() {
  [ -z "$OWN_FILES" ] && ! env_keeps_aside COMPOSE_FILE || return 0
  read_env_without_seal
  # What cannot be found is no addition.
  find_compose_files >/dev/null || return 0
  [ "$(printf %s "$COMPOSE_FILES" | digest)" = "$(read_field "$VERSION/record" "own COMPOSE_FILE")" ] ||
    printf '%s' "${COMPOSE_FILES%"$SEPARATOR$OVERRIDE"}"
}

env_keeps_aside() { grep -q "^# $MARK: $1 is kept aside" "$ENV_FILE" 2>/dev/null; }

# ENV_BASE as far as it can be read without the seal: the kept lines are comments in it.
read_env_without_seal() {
  ENV_BASE=""
  [ ! -r "$ENV_FILE" ] || ENV_BASE="$(env_without_us "" 1 <"$ENV_FILE")"
}

# Sets CONFIG_CHANGES and ENVIRONMENT_CHANGES: our places in openclaw.json, and what the running container really has.
compare_with_container() {
  CONFIG_CHANGES="" ENVIRONMENT_CHANGES=""
  if [ "$RUNNING" = 0 ]; then
    say "the service is stopped: its environment and our part of openclaw.json were not compared"
    return 0
  fi
  if ! in_container live compare "$(
    common_fields
    applied_fields
    read_field "$VERSION/record" environment_names | field own
  )"; then
    say "$(in_short)"
    return 0
  fi
  CONFIG_CHANGES="$(answered changed)"
  [ -z "$(answered keys)" ] || ENVIRONMENT_CHANGES="it holds $(answered keys)"
  [ "$(answered environment)" != "$(read_field "$VERSION/record" environment)" ] || return 0
  ENVIRONMENT_CHANGES="${ENVIRONMENT_CHANGES:+$ENVIRONMENT_CHANGES; }$(why_other_environment)"
}

why_other_environment() {
  case "$(config_files_of "$(container_id)")" in
    "" | *"$OVERRIDE"*) printf 'the container was not created anew' ;;
    *) printf 'the container was started without %s' "$OVERRIDE" ;;
  esac
}

# plan: lines "would …"; none when nothing is to do.
plan() {
  status || return 1
  # Until the bypass ends an apply is refused.
  ! { [ -f "$VERSION/record" ] && is_bypassed; } || return 0
  [ "$DRIFTED" = 1 ] || [ "$(read_field "$VERSION/record" public)" != "$PUBLIC" ] || return 0
  KEY_NAMES="$MANAGED"
  note_running
  read_env_without_seal
  find_compose_files && look_from "$(if [ "$RUNNING" = 1 ]; then printf live; else printf now; fi)" || return 1
  would env "$(env_changes)"
  would override "$(override_changes)"
  would openclaw.json "$(answered paths)"
  [ -z "$(answered paths)" ] || [ "$(answered comments)" = 0 ] || say "would lose comments: $(answered comments)"
  if [ "$WOULD" = 0 ] && ! { [ "$RUNNING" = 1 ] && would_replace; }; then
    return 0
  elif [ "$RUNNING" = 1 ]; then
    say "would restart: $SERVICE gets up to $DRAIN s to finish its turns"
  else
    say "would not restart: $SERVICE is stopped, and stays so"
  fi
}
WOULD=0

# would WHAT CHANGES
would() {
  [ -n "$2" ] || return 0
  WOULD=1
  say "would change $1: ${2% }"
}

# Names alone: `+` is added, `~` gets another value; a key that is taken out is kept sealed.
env_changes() {
  local sealed
  if has_our_block; then
    own_values | while read -r name value; do
      is_as_wanted "$name" "$value" || printf '~%s ' "$name"
    done
  else
    printf '+%s ' $(own_names)
  fi
  sealed="$(printf '%s' "$ENV_BASE" | assigned_names | among "$(managed_names)")"
  [ -z "$sealed" ] || printf 'sealed: %s' "$sealed"
  [ -z "$(answered env_comments)" ] || printf 'sealed: comments with a key on lines %s' "$(answered env_comments)"
}

# The token itself is not known here, but the number of its generation is.
is_as_wanted() {
  case "$1" in
    "$TOKEN_NAME" | "$RUN_TOKEN_NAME")
      [ -n "$(value_now "$1")" ] && [ "$GENERATION" = "$(read_field "$VERSION/record" generation)" ]
      return
      ;;
    COMPOSE_FILE) ! env_keeps_aside COMPOSE_FILE || return 0 ;;
  esac
  [ "$(value_now "$1")" = "$2" ]
}

override_changes() {
  if [ ! -e "$DIR/$OVERRIDE" ]; then printf '+%s' "$OVERRIDE"; return; fi
  [ -z "$(changed_override)" ] && [ "$SERVICES" = "$(read_field "$VERSION/record" services)" ] &&
    [ "$(environment_names)" = "$(read_field "$VERSION/record" environment_names)" ] &&
    variables_as_wanted || printf '~%s' "$OVERRIDE"
}
variables_as_wanted() {
  own_variables | { while IFS=' ' read -r name value; do is_as_wanted "$name" "$value" || exit 1; done; }
}
