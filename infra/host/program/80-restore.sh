# restore: the operator's files as they were, edits made since kept; OpenClaw runs on them again.

restore() {
  [ -d "$DIR" ] || { say "nothing to restore: $DIR does not exist"; return 0; }
  if [ ! -d "$STATE" ] && ! has_our_block; then
    say "nothing to restore: $STACK/$HOST is not managed in $DIR"
    return 0
  fi
  # What another stack manages is not ours to restore: this stack's apply was refused.
  if is_foreign; then
    say "nothing to restore: $DIR is managed by $(cut -d ' ' -f 1 "$STATE/owner")"
    return 0
  fi
  every check_directory check_tools docker_answers check_owner && settle_journal || return 1
  rm -f "$STATE/bypassing"
  open_state
  if [ ! -f "$VERSION/record" ]; then
    restore_without_record
    return
  fi
  give_back "pulumi destroy" && rm -rf "$STATE" && flush "$DIR" || return 1
  say "restored: $STACK/$HOST in $DIR$RESTORED_NOTE"
  tell_unanswered "pulumi destroy once more goes on without an answer"
}

# give_back COMMAND: the operator's files, and OpenClaw on them. Can be repeated from any point. UNANSWERED is why
# OpenClaw gives no answer on them, if it does not.
give_back() {
  CONFIG="$(read_field "$VERSION/record" config)"
  PORT="$(read_field "$VERSION/record" port)"
  find_own_files && take_current_keys || return 1
  if is_bypassed && [ "$REKEYED" = no ] && [ ! -f "$STATE/restoring" ]; then
    prove_bypassed
    return 0
  fi
  note_running_for_restore && put_originals_back || refuse restore_unfinished \
    "the operator's files are not back whole" "the reason above gone" "$1"
}

# What is to be on disk: sets ENV_BACK and CONFIG_BACK_IS. While bypassed that is what is there.
find_own_files() {
  if ! is_bypassed; then
    withdraw_env && withdraw_config
    return
  fi
  read_env || return 1
  ENV_BACK="$ENV_TEXT"
  ENV_BACK_AS="$(attributes_back "$ENV_FILE" none)"
  CONFIG_BACK_IS=same
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

# OpenClaw has to answer before what it answered by is given up: the run ends here, whatever is done next.
tell_unanswered() {
  [ -n "$UNANSWERED" ] || return 0
  say "OpenClaw gives no answer on the host's own files; $1"
  REASON="$UNANSWERED"
  tell
}

has_our_block() { [ -f "$DIR/.env" ] && grep -q "^# >>> $MARK " "$DIR/.env"; }

# Remembered, because a run that was killed had stopped the service.
note_running_for_restore() {
  rm -f "$VERSION/reserve"
  if [ -f "$STATE/restoring" ]; then
    RUNNING="$(cat "$STATE/restoring")"
    return
  fi
  note_running
  printf '%s\n' "$RUNNING" >"$STATE/restoring" && flush "$STATE/restoring"
}

put_originals_back() {
  if [ "$RUNNING" = 1 ]; then
    stop_service || tell || return 1
  fi
  rm -f "$(temporary_of "$ENV_FILE")" "$(temporary_of "$CONFIG")" "$(temporary_of "$DIR/$OVERRIDE")"
  remove_our_copies
  write_config_back && write_env_back && remove_override || return 1
  rekey_profiles
  if [ "$RUNNING" = 1 ]; then
    note_container
    { start_service "$SERVICE" $(restart_others) && gate_own; } || UNANSWERED="$REASON"
  fi
  [ "$RUNNING" = 1 ] || acquaint
  put_siblings_back
}

# Copies that OpenClaw made of our version are of no use without it. And while OpenClaw finds any `.bak`, it replaces a
# configuration that lacks `meta` by it; the operator's own ones come back after the start.
remove_our_copies() {
  local copy ours
  for copy in "$CONFIG".*; do
    ours="$TOKEN_NAME"
    case "$copy" in
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
  mv -f "$file" "$file.edited" && RESTORED_NOTE="$RESTORED_NOTE; edits of $OVERRIDE are in $OVERRIDE.edited"
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

# The state directory was removed by hand: our lines and our file go; what was kept aside is gone with the directory.
restore_without_record() {
  read_env || return 1
  VERSION="$STATE/none"
  note_running
  if [ "$ENV_BASE" != "$ENV_TEXT" ]; then
    # shellcheck disable=SC2046
    printf '%s' "$ENV_BASE" | place "$ENV_FILE" $(attributes "$ENV_FILE") || refuse_unwritable "$ENV_FILE" || return 1
    say "warning: the originals in $STATE are gone; keys that were kept aside there have to be entered again"
  fi
  ! grep -q "\"x-openclaw-ai-gateway\":\"$STACK/$HOST\"" "$DIR/$OVERRIDE" 2>/dev/null || remove "$DIR/$OVERRIDE"
  rm -rf "$STATE"
  [ "$RUNNING" = 0 ] || start_service "$SERVICE" || say "warning: $(in_short)"
  say "restored: $STACK/$HOST in $DIR, as far as that is possible"
}
