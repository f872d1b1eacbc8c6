# apply: from whatever is there to the wanted configuration, or nothing.

apply() {
  check_directory && settle_first || return 1
  open_state
  if is_bypassed; then
    [ "$ENDING" = yes ] || refuse_bypassed || return 1
    # The originals are in place, with what was edited meanwhile: they are what this starts from.
    VERSION="$STATE/none"
  fi
  every check_tools check_docker check_values check_ours || return 1
  if is_unchanged; then
    say "unchanged: $STACK/$HOST in $DIR"
    return 0
  fi
  every look render_env && check_kept || return 1
  note_running
  [ "$WAS_RUNNING" = 0 ] || RUNNING=1
  if is_in_place; then
    bring_up_as_is
    return
  fi
  check_window || return 1
  OTHERS="$(running_others)"
  rehearse && begin_change || { give_up; return 1; }
  if change && finish_change; then
    say "applied: $STACK/$HOST in $DIR, $(printf '%s\n' "$ENV_KEPT" | grep -c .) lines of .env kept sealed$(serving)"
    return 0
  fi
  tell
  [ "$RUNNING" = 0 ] || show_log
  undo_change
  return 1
}

# An earlier run that did not end comes first: all checks look at files that it left half-changed. A restore is
# finished, and this apply starts from the operator's own configuration: whatever becomes of it, that one serves.
settle_first() {
  [ -f "$STATE/journal" ] || [ -f "$STATE/stopped" ] || [ -f "$STATE/restoring" ] || [ -f "$STATE/unanswered" ] || return 0
  every check_tools docker_answers check_owner check_project && settle_journal && settle_stopped && settle_restore
}

settle_restore() {
  if [ -f "$STATE/restoring" ] && [ -f "$STATE/bypassing" ]; then
    say "an earlier bypass did not end; finishing it first"
    bypass || [ ! -f "$STATE/restoring" ]
    return
  fi
  if [ -f "$STATE/restoring" ]; then
    say "an earlier pulumi destroy did not end; finishing it first"
    restore || [ -f "$STATE/unanswered" ] || return 1
  fi
  [ -f "$STATE/unanswered" ] || return 0
  # OpenClaw does not answer on these files, and may not even have started.
  WAS_RUNNING="$(read_field "$STATE/unanswered" running)"
  forget_state || refuse_unwritable "$STATE"
}

serving() { if [ "$RUNNING" = 1 ]; then printf ', serving'; else printf ', service left stopped'; fi; }

# VERSION: what the last finished apply knows. TXN: number of this one.
open_state() {
  local last=0
  [ ! -f "$STATE/current" ] || last="$(cat "$STATE/current")"
  VERSION="$STATE/v$last"
  TXN=$((last + 1))
}

# Same input as last time, all files as they were left, and the same container still running: nothing to look at.
is_unchanged() {
  local record="$VERSION/record"
  [ -f "$record" ] || return 1
  CONFIG="$(read_field "$record" config)"
  [ "$(read_field "$record" input)" = "$INPUT" ] &&
    [ "$(read_field "$record" env)" = "$ENV_SEEN" ] &&
    [ "$(read_field "$record" override)" = "$(digest_of "$DIR/$OVERRIDE")" ] &&
    [ "$(read_field "$record" config_digest)" = "$(digest_of "$CONFIG")" ] &&
    [ "$(read_field "$record" container)" = "$(container_id)" ] || return 1
  case "$(container_state)" in *" unhealthy "*) return 1 ;; "true false "* | "") return 0 ;; *) return 1 ;; esac
}

# The files are as wanted (an edit beside our part does not count).
is_in_place() {
  [ -f "$VERSION/record" ] && [ "$ENV_NEW" = "$ENV_TEXT" ] && [ "$PLANNED" = yes ] &&
    [ "$(override_text | digest)" = "$(digest_of "$DIR/$OVERRIDE")" ]
}

# Compose replaces the container only where its configuration says so, such as one that was started without our file.
bring_up_as_is() {
  if [ "$RUNNING" = 1 ]; then
    ! would_replace || check_window || return 1
    note_container
    if ! { start_service "$SERVICE" && gate full; }; then
      say "the files are in place, but $SERVICE does not serve:"
      tell
      show_log
      return 1
    fi
  fi
  TXN="$(cat "$STATE/current")"
  write_record && say "in place: $STACK/$HOST in $DIR$(serving)"
}

# A service that runs is stopped for a change, and that happens in the operator's window alone.
check_window() {
  local now from to
  [ -n "$WINDOW" ] && [ "$RUNNING" = 1 ] || return 0
  # The 1 in front keeps 08 and 09 from being read as octal.
  now="1$(date +%H%M)" from="1$(printf %s "${WINDOW%-*}" | tr -d :)" to="1$(printf %s "${WINDOW#*-}" | tr -d :)"
  if [ "$from" -le "$to" ]; then [ "$now" -ge "$from" ] && [ "$now" -lt "$to" ]; else [ "$now" -ge "$from" ] || [ "$now" -lt "$to" ]; fi ||
    refuse outside_window "it is $(date '+%H:%M %Z') here, and a change would interrupt $SERVICE" \
      "a time in the window $WINDOW" "pulumi up at that time, or pulumi config rm --path 'hosts[N].window'"
}

# Everything that can be tried without touching a file of the operator.
rehearse() {
  mkdir -p "$STATE/scratch" && chmod 700 "$STATE" && ownership >"$STATE/owner" &&
    printf '%s' "$ENV_NEW" >"$STATE/scratch/env" && override_text >"$STATE/scratch/$OVERRIDE" ||
    refuse_unwritable "$STATE" || return 1
  compose_scratch 60 config -q 2>"$RUN/err" ||
    refuse compose_refuses_change "docker compose does not accept the new configuration: $(last_lines "$RUN/err")" \
      "a project that stays valid with one more file" "cd '$DIR' && docker compose config" || return 1
  probe_access && prepare_config && choose_siblings && write_version && check_edits || {
    say "nothing was changed"
    return 1
  }
}

# What was edited during the rehearsal is not in what is about to be written.
check_edits() { check_edited "$ENV_FILE" "$ENV_SEEN" && check_edited "$CONFIG" "$CONFIG_SEEN" || tell; }

finish_change() { write_record && commit_change || because_unwritable "$STATE"; }

# Before the journal: nothing of the operator's was touched.
give_up() {
  if [ -f "$STATE/journal" ]; then undo_change; else close_journal; fi
}

# OpenClaw's own copies of its configuration go aside: those with a key, and at the first apply every `.bak`, because
# OpenClaw puts a `.bak` in the place of a configuration that is much shorter than the one it last knew.
choose_siblings() {
  local name kind first=yes
  [ ! -f "$VERSION/record" ] || first=no
  SET_ASIDE=""
  while read -r name kind; do
    case "$kind:$first:$name" in
      keys:* | clean:yes:*.bak | clean:yes:*.bak.*) SET_ASIDE="$SET_ASIDE $name" ;;
    esac
  done <<X
$SIBLINGS
X
}

change() {
  replace_override || return 1
  # shellcheck disable=SC2046
  printf '%s' "$ENV_NEW" | place "$ENV_FILE" $(new_attributes "$ENV_FILE" private) "$ENV_SEEN" ||
    because_not_replaced "$ENV_FILE" "$ENV_SEEN" || return 1
  rm -f "$STATE/undo/running" && flush "$STATE/undo"
  [ "$RUNNING" = 0 ] || stop_service || return 1
  remove_siblings || because_unwritable "$CONFIG" || return 1
  # shellcheck disable=SC2046
  printf '%s' "$CONFIG_NEW" | place "$CONFIG" $(new_attributes "$CONFIG" same) "$CONFIG_SEEN" ||
    because_not_replaced "$CONFIG" "$CONFIG_SEEN" || return 1
  [ "$RUNNING" = 1 ] || return 0
  start_service "$SERVICE" $OTHERS && gate full
}

check_edited() {
  [ "$(digest_of "$1")" = "$2" ] ||
    because edited_meanwhile "$1 was edited while this run was at work" "no edit during a run" "pulumi up"
}

# It is written whole; an edit of it is kept beside.
replace_override() {
  local file="$DIR/$OVERRIDE" seen
  seen="$(digest_of "$file")"
  case "$seen" in
    absent | "$(read_field "$VERSION/record" override)" | "$(override_text | digest)") ;;
    *) keep_edited "$file" || because_unwritable "$file" || return 1 ;;
  esac
  # shellcheck disable=SC2046
  override_text | place "$file" 600 $(stat -c '%u %g' "$DIR") "$seen" || because_not_replaced "$file" "$seen"
}

remove_siblings() {
  local name
  for name in $SET_ASIDE; do remove "$(dirname "$CONFIG")/$name" || return 1; done
}

# new_attributes PATH private|same: private leaves only what the owner may do, for .env holds a token now.
new_attributes() {
  local mode
  if [ ! -e "$1" ]; then printf '600 %s\n' "$(stat -c '%u %g' "$(dirname "$1")")"; return; fi
  mode="$(stat -c %a "$1")"
  [ "$2" = same ] || mode="$(private "$mode")"
  printf '%s %s\n' "$mode" "$(stat -c '%u %g' "$1")"
}
private() { printf '%o' $((0$1 & 0600)); }

# Services beside the gateway that share its configuration and run: they hold the old environment too.
running_others() {
  local service
  for service in $SERVICES; do
    [ "$service" = "$SERVICE" ] || [ -z "$(compose 60 ps -q "$service" 2>/dev/null)" ] || printf '%s ' "$service"
  done
}
