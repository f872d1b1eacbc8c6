# restore: the operator's files as they were, edits made since kept; OpenClaw runs on them again, and answers on them
# before `pulumi destroy` removes at Cloudflare what it answered by.

restore() {
  check_directory "$(way_back)" || return 1
  if [ ! -d "$STATE" ] && ! has_our_block; then
    has_compose_file || refuse directory_missing "$DIR has no compose file" "the folder of docker-compose.yml" "$(way_back)" || return 1
    say "nothing to restore: $STACK/$HOST is not managed in $DIR"
    return 0
  fi
  # What another stack manages is not ours to restore: this stack's apply was refused.
  if is_foreign; then
    say "nothing to restore: $DIR is managed by $(cut -d ' ' -f 1 "$STATE/owner")"
    return 0
  fi
  every check_tools docker_answers check_owner check_project && settle_journal || return 1
  rm -f "$STATE/bypassing"
  open_state
  [ ! -f "$STATE/unanswered" ] || VERSION="$STATE/$(read_field "$STATE/unanswered" version)"
  if [ -f "$VERSION/record" ]; then give_back "pulumi destroy"; else give_back_without_record; fi || return 1
  judge_answer || return 1
  forget_state || refuse_unwritable "$STATE" || return 1
  say "restored: $STACK/$HOST in $DIR$RESTORED_NOTE"
}

# A disk that is not mounted or a folder that was renamed hides what is sealed in it: that is not a host without us.
way_back() { printf '%s' "mount it, or give it its old name again; for a machine that is gone: $(setting state forgotten), then pulumi up"; }

has_compose_file() {
  local name files="compose.yaml compose.yml docker-compose.yml docker-compose.yaml"
  files="$files $(printf '%s' "$OWN_FILES" | tr : ' ')"
  for name in $files; do [ ! -f "$name" ] || return 0; done
  [ -f "$ENV_FILE" ] && [ -n "$(env_value COMPOSE_FILE <"$ENV_FILE")" ]
}

# give_back COMMAND: the operator's files, and OpenClaw on them. Can be repeated from any point. UNANSWERED is why
# OpenClaw gives no answer on them, if it does not.
give_back() {
  CONFIG="$(read_field "$VERSION/record" config)"
  PORT="$(read_field "$VERSION/record" port)"
  find_own_files && take_current_keys || return 1
  if own_files_serve && [ "$REKEYED" = no ] && [ ! -f "$STATE/restoring" ]; then
    prove_own_files
    return 0
  fi
  note_running_for_restore && put_originals_back || refuse restore_unfinished \
    "the operator's files are not back whole" "the reason above gone" "$1"
}

# The operator's files are in place: while bypassed, and after a restore that lacks an answer alone.
own_files_serve() { is_bypassed || [ -f "$STATE/unanswered" ]; }

# Nothing has to be changed; whether OpenClaw answers is asked all the same.
prove_own_files() {
  find_running
  note_container
  [ "$RUNNING" = 0 ] || { bring_up_own && gate_own; } || UNANSWERED="$REASON"
}

# A restored service may have failed to start, or its `.env` has been put right since. A bypassed one is not interrupted.
bring_up_own() { { [ ! -f "$STATE/unanswered" ] && [ ! -f "$STATE/stopped" ]; } || start_again $(restart_others); }

# What is to be on disk: sets ENV_BACK and CONFIG_BACK_IS. Where the operator's files serve, that is what is there.
find_own_files() {
  if ! own_files_serve; then
    withdraw_env && withdraw_config
    return
  fi
  read_env || return 1
  ENV_BACK="$ENV_TEXT"
  ENV_BACK_AS="$(attributes_back "$ENV_FILE" none)"
  CONFIG_BACK_IS=same
  CONFIG_SEEN="$(digest_of "$CONFIG")"
  CONFIG_BACK_AS="$(attributes_back "$CONFIG" none)"
}

# RESTORE_KEYS: lines "KEY PATTERN NAMES ID", by tabs: keys that take the place of the originals, where these are of the
# same provider.
take_current_keys() {
  REKEYED=no
  PROFILES_REKEYED=no
  [ -n "$RESTORE_KEYS" ] || return 0
  in_container now rekey "$(
    common_fields
    printf %s "$RESTORE_KEYS" | field restore-keys
    printf %s "$ENV_BACK" | field env
    config_back | field config
  )" || tell || return 1
  RESTORED_NOTE="$RESTORED_NOTE$(answered rekeyed | sed 's/^/, with a key of the stack in /' | tr -d '\n')"
  if [ "$(answered env_rekeyed)" = yes ]; then
    REKEYED=yes
    answered_whole env
    ENV_BACK="$CONTENT"
  fi
  if [ "$(answered config_rekeyed)" = yes ]; then
    REKEYED=yes
    answered_whole config
    CONFIG_BACK="$CONTENT"
    CONFIG_BACK_IS=edited
  fi
  PROFILES_REKEYED="$(answered profiles_rekeyed)"
  [ "$PROFILES_REKEYED" = no ] || REKEYED=yes
}

# Into OpenClaw's own database, while OpenClaw is stopped: it would go on with the old keys. A failure is told, and the
# host's files are back all the same.
rekey_profiles() {
  [ "$PROFILES_REKEYED" = yes ] || return 0
  in_container now rekey_profiles "$(common_fields; printf %s "$RESTORE_KEYS" | field restore-keys)" ||
    RESTORED_NOTE="$RESTORED_NOTE; warning: the auth profiles have their old keys: $(in_short)"
}

# The content that openclaw.json is to have.
config_back() {
  case "$CONFIG_BACK_IS" in
    same) [ ! -e "$CONFIG" ] || cat "$CONFIG" ;;
    original) open_sealed "$VERSION/config.orig" ;;
    edited) printf '%s' "$CONFIG_BACK" ;;
  esac
}

# Without an answer a run of restore ends here once, and nothing else is removed. The next asks again: a model that gives none
# then is the operator's own business, whose keys may be dead for good; a service that does not run is not.
judge_answer() {
  [ -n "$UNANSWERED" ] || return 0
  if [ -f "$STATE/unanswered" ]; then
    case "$UNANSWERED" in
      "error own_"*)
        say "warning: $SERVICE runs on the host's own files, and its model was asked again in vain: $(REASON="$UNANSWERED"; in_short)"
        return 0
        ;;
    esac
  fi
  remember_unanswered || refuse_unwritable "$STATE" || return 1
  tell_unanswered "pulumi destroy once more asks again, and goes on without an answer of the model, but not of a service that does not run"
}

# Without `current`, all else takes the host for one that is not managed, as it is.
remember_unanswered() {
  printf 'version %s\nrunning %s\n' "${VERSION##*/}" "$RUNNING" >"$STATE/unanswered.new" && flush "$STATE/unanswered.new" &&
    mv "$STATE/unanswered.new" "$STATE/unanswered" && rm -f "$STATE/current" "$STATE/restoring" && flush "$STATE"
}

tell_unanswered() {
  [ -n "$UNANSWERED" ] || return 0
  say "OpenClaw gives no answer on the host's own files; $1"
  REASON="$UNANSWERED"
  tell
}

# Renamed first: what a removal that is killed leaves behind would look like a broken seal.
forget_state() {
  [ ! -d "$STATE" ] || { mv "$STATE" "$FORGOTTEN" && flush "$DIR" && forget_rest; }
}
forget_rest() { [ ! -d "$FORGOTTEN" ] || { rm -rf "$FORGOTTEN" && flush "$DIR"; }; }

has_our_block() { [ -f "$DIR/.env" ] && grep -q "^# >>> $MARK " "$DIR/.env"; }
is_our_override() { grep -q "\"x-openclaw-ai-gateway\":\"$MANAGED_AS\"" "$DIR/$OVERRIDE" 2>/dev/null; }

# Remembered, because a run that was killed had stopped the service.
note_running_for_restore() {
  rm -f "$VERSION/reserve"
  find_running
  printf '%s\n' "$RUNNING" >"$STATE/restoring" && flush "$STATE/restoring"
}

# Whether the service ran when the restore began.
find_running() {
  if [ -s "$STATE/restoring" ]; then
    RUNNING="$(cat "$STATE/restoring")"
  elif [ -f "$STATE/unanswered" ]; then
    RUNNING="$(read_field "$STATE/unanswered" running)"
  else
    note_ran
  fi
}

put_originals_back() {
  if [ "$RUNNING" = 1 ]; then
    stop_service || tell || return 1
  fi
  rm -f "$(temporary_of "$ENV_FILE")" "$(temporary_of "$CONFIG")" "$(temporary_of "$DIR/$OVERRIDE")"
  remove_our_copies
  write_originals && remove_override || return 1
  rekey_profiles
  if [ "$RUNNING" = 1 ]; then
    note_container
    { start_again $(restart_others) && gate_own; } || UNANSWERED="$REASON"
  fi
  [ "$RUNNING" = 1 ] || acquaint
  put_siblings_back
}

# Again where the operator saved one since it was read, as he may while the service comes to its end.
write_originals() {
  local file
  until
    file="$CONFIG" && is_still "$CONFIG" "$CONFIG_SEEN" && write_config_back &&
      file="$ENV_FILE" && is_still "$ENV_FILE" "$ENV_SEEN" && write_env_back
  do
    if is_late || { is_still "$CONFIG" "$CONFIG_SEEN" && is_still "$ENV_FILE" "$ENV_SEEN"; }; then
      refuse_unwritable "$file"
      return
    fi
    RESTORED_NOTE=""
    find_own_files && take_current_keys || return 1
  done
}

# Copies that OpenClaw made of our version are of no use without it. And while OpenClaw finds any `.bak`, it replaces a
# configuration that lacks `meta` by it; the operator's own ones come back after the start.
remove_our_copies() {
  local copy ours
  for copy in "$CONFIG".*; do
    ours="$TOKEN_NAME"
    case "$copy" in
      "$CONFIG.edited"*) continue ;;
      "$CONFIG.bak") rm -f "$copy" ;;
      # Under any other name one with the run token may be the operator's own copy of what he had set up by hand.
      "$CONFIG".bak.* | "$CONFIG".last-good) ours="($TOKEN_NAME|$RUN_TOKEN_NAME)" ;;
    esac
    if grep -Eq "[{]$ours[}]" "$copy" 2>/dev/null; then rm -f "$copy"; fi
  done
}

# Ours goes; one that was edited is kept beside under another name.
remove_override() {
  local file="$DIR/$OVERRIDE"
  [ -e "$file" ] || return 0
  if [ "$(digest_of "$file")" = "$(read_field "$VERSION/record" override)" ]; then remove "$file"; return; fi
  keep_edited "$file" && remove "$file"
}

# A service that is not started now has to read its configuration once before a `.bak` is beside it again.
acquaint() {
  ! grep -q '\.bak$' "$VERSION/siblings" || in_container now observe "$(common_fields)" ||
    RESTORED_NOTE="$RESTORED_NOTE; warning: OpenClaw may put its .bak in the place of openclaw.json at its next start: $(in_short)"
}

put_siblings_back() {
  local index mode uid gid name path
  [ -s "$VERSION/siblings" ] || return 0
  while read -r index mode uid gid name <&6; do
    path="$(dirname "$CONFIG")/$name"
    # OpenClaw has written its own last good copy again by now; that one belongs to what it remembers.
    case "$name" in *.last-good) [ ! -e "$path" ] || continue ;; esac
    rm -f "$(temporary_of "$path")"
    open_sealed "$VERSION/sibling.$index" >/dev/null || refuse_seal "the sealed copy of $name" || return 1
    open_sealed "$VERSION/sibling.$index" | place "$path" "$mode" "$uid" "$gid" || refuse_unwritable "$path" || return 1
  done 6<"$VERSION/siblings"
}

restart_others() {
  SERVICES="$(read_field "$VERSION/record" services)"
  running_others
}

# The state directory was removed by hand, and with it what was kept aside and what says how things were: our lines,
# our file, and what refers to our variables go.
give_back_without_record() {
  # An apply was killed before it changed anything, or undone without being able to start the service again.
  if ! has_our_block && ! is_our_override && [ ! -f "$STATE/restoring" ]; then
    note_ran
    [ ! -f "$STATE/stopped" ] || start_again $(cat "$STATE/stopped") || UNANSWERED="$REASON"
    return 0
  fi
  VERSION="$STATE/lost"
  mkdir -p "$VERSION" && ownership >"$STATE/owner" && : >>"$STATE/restoring" && flush "$STATE" || refuse_unwritable "$STATE" || return 1
  read_env || return 1
  ENV_BASE="$(printf '%s' "$ENV_BASE" | name_lost; printf x)"
  ENV_BASE="${ENV_BASE%x}"
  # shellcheck disable=SC2046
  [ "$ENV_BASE" = "$ENV_TEXT" ] || printf '%s' "$ENV_BASE" | place "$ENV_FILE" $(attributes "$ENV_FILE") ||
    refuse_unwritable "$ENV_FILE" || return 1
  ! is_our_override || remove "$DIR/$OVERRIDE"
  # Compose could not read the project before, where our file was removed by hand too.
  note_running_for_restore
  take_out_entries || refuse restore_unfinished "openclaw.json may refer to variables that are gone" "the reason above gone" \
    "pulumi destroy" || return 1
  say "warning: the originals in $STATE are gone; keys that were kept aside there have to be entered again"
  RESTORED_NOTE=", as far as that is possible"
  [ "$RUNNING" = 0 ] || { note_container; start_service "$SERVICE" $(restart_others) && gate_own; } || UNANSWERED="$REASON"
}

# name_lost <.env: comments of ours would stand for lines that a later apply keeps aside under the same numbers.
name_lost() { sed "s|^# $MARK: \(.*\) is kept aside ([0-9]*)|# \1 was kept aside by pulumi up and is lost|"; }

take_out_entries() {
  local removed
  effective_config || return 1
  in_container now disown "$(common_fields; printf %s "$EFFECTIVE" | field compose)" || tell || return 1
  CONFIG="$(answered config)"
  printf 'config %s\nport %s\nservices %s\nown_keys yes\n' "$CONFIG" "$(answered port)" "$(answered services)" >"$VERSION/record"
  PORT="$(answered port)"
  removed="$(answered removed)"
  [ "$RUNNING" = 0 ] || stop_service || tell || return 1
  [ -n "$removed" ] || return 0
  say "warning: taken out of openclaw.json, as it refers to variables that are gone: $removed"
  answered_whole content
  # shellcheck disable=SC2046
  printf '%s' "$CONTENT" | place "$CONFIG" $(attributes "$CONFIG") || refuse_unwritable "$CONFIG"
}
