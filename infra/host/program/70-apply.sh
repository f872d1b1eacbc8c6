# apply: from whatever is there to the wanted configuration, or nothing.

apply() {
  check_host && settle_journal || return 1
  open_state
  read_env && check_env && find_compose_files || return 1
  if is_unchanged; then
    say "unchanged: $STACK/$HOST in $DIR"
    return 0
  fi
  look && render_env || return 1
  RUNNING=0
  ! is_running || RUNNING=1
  if is_in_place; then
    bring_up_as_is
    return
  fi
  OTHERS="$(running_others)"
  rehearse && begin_change || { give_up; return 1; }
  if change && write_record && commit_change; then
    say "applied: $STACK/$HOST in $DIR, $(printf '%s\n' "$ENV_KEPT" | grep -c .) lines of .env kept sealed$(serving)"
    return 0
  fi
  say "error: $WHY"
  [ "$RUNNING" = 0 ] || show_log
  undo_change
  return 1
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
    note_container
    if ! { start_service "$SERVICE" && gate full; }; then
      say "error: the files are in place, but $WHY"
      show_log
      return 1
    fi
  fi
  TXN="$(cat "$STATE/current")"
  write_record && say "in place: $STACK/$HOST in $DIR$(serving)"
}

# Everything that can be tried without touching a file of the operator.
rehearse() {
  mkdir -p "$STATE/scratch" && chmod 700 "$STATE" || refuse "$DIR is not writable for $(id -un)" || return 1
  printf '%s' "$ENV_NEW" >"$STATE/scratch/env" && override_text >"$STATE/scratch/$OVERRIDE" ||
    refuse "no room in $DIR" || return 1
  compose_scratch 60 config -q 2>"$RUN/err" ||
    refuse "docker compose does not accept the new configuration: $(tail -n 3 "$RUN/err" | tr '\n' ' ')" || return 1
  probe_worker && prepare_config && choose_siblings && write_version ||
    refuse "nothing was changed"
}

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
  WHY="the files could not be written"
  [ "$(digest_of "$ENV_FILE")" = "$ENV_SEEN" ] || { WHY=".env was edited meanwhile"; return 1; }
  # shellcheck disable=SC2046
  override_text | place "$DIR/$OVERRIDE" 600 $(stat -c '%u %g' "$DIR") &&
    printf '%s' "$ENV_NEW" | place "$ENV_FILE" $(new_attributes "$ENV_FILE" private) || return 1
  note_container
  if [ "$RUNNING" = 1 ]; then
    stop_service || { WHY="$SERVICE could not be stopped: $(tail -n 2 "$RUN/compose" | tr '\n' ' ')"; return 1; }
  fi
  [ "$(digest_of "$CONFIG")" = "$CONFIG_SEEN" ] || { WHY="openclaw.json was edited meanwhile"; return 1; }
  remove_siblings &&
    printf '%s' "$CONFIG_NEW" | place "$CONFIG" $(new_attributes "$CONFIG" same) || return 1
  [ "$RUNNING" = 1 ] || return 0
  start_service "$SERVICE" $OTHERS || { WHY="docker compose up failed: $(tail -n 3 "$RUN/compose" | tr '\n' ' ')"; return 1; }
  gate full
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
  [ "$2" = same ] || mode="$(printf '%o' $((0$mode & 0600)))"
  printf '%s %s\n' "$mode" "$(stat -c '%u %g' "$1")"
}

# Services beside the gateway that share its configuration and run: they hold the old environment too.
running_others() {
  local service
  for service in $SERVICES; do
    [ "$service" = "$SERVICE" ] || [ -z "$(compose 60 ps -q "$service" 2>/dev/null)" ] || printf '%s ' "$service"
  done
}
