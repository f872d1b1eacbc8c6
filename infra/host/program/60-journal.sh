# What makes a change whole or not at all. In the state directory:
#   v<N>/      what the N-th apply knows: sealed originals, sealed lines, digests; `current` names the finished one.
#              `reserve` in it is room that undo and restore give free first: the disk may have filled up since
#   undo/      sealed copies of every file that the running change touches, as it was before, and what it changes in
#              openclaw.json. `running` in it is removed before the service is stopped
#   journal    present while a change is under way; `files` in it is what undo has to put back
#   scratch/   trial copies, without meaning after a crash
#   owner      whose all this is
#   stopped    other services to start, where an undo or a bypass could not start the service that had run
#   restoring  while the originals are put back: whether the service ran; with `bypassing` it is for a bypass
#   unanswered takes the place of `current` when they are back and OpenClaw gives no answer on them
#   bypassed   number of the version whose originals are in use for a while; see 85-bypass.sh

# begin_change: from here on, only commit_change or undo_change ends it. The journal is complete before it appears.
begin_change() {
  rm -rf "$STATE/undo" && mkdir "$STATE/undo" || return 1
  note_container
  {
    printf 'txn %s\n' "$TXN"
    printf 'running %s\n' "$RUNNING"
    printf 'others %s\n' "$OTHERS"
    printf 'container %s\n' "$OLD_CONTAINER"
    printf 'port %s\n' "$PORT"
    printf 'config %s\n' "$CONFIG"
  } >"$STATE/undo/journal"
  snapshot "$ENV_FILE" "$(printf '%s' "$ENV_NEW" | digest)" &&
    snapshot "$DIR/$OVERRIDE" "$(override_text | digest)" &&
    snapshot "$CONFIG" "$(printf '%s' "$CONFIG_NEW" | digest)" &&
    snapshot_siblings && printf '%s' "$CONFIG_UNDO" | keep_sealed "$STATE/undo/config.delta" &&
    : >"$STATE/undo/running" && flush "$STATE/undo" &&
    cp "$STATE/undo/journal" "$STATE/journal.new" && flush "$STATE/journal.new" &&
    mv "$STATE/journal.new" "$STATE/journal" && flush "$STATE" || refuse_unwritable "$STATE"
}

# snapshot PATH NEW: a line "file INDEX MODE UID GID OLD NEW PATH"; NEW is the digest of what we are about to write.
snapshot() {
  local index
  index="$(grep -c '^file ' "$STATE/undo/journal")"
  if [ -e "$1" ]; then
    keep_sealed "$STATE/undo/$index" <"$1" &&
      printf 'file %s %s %s %s %s\n' "$index" "$(attributes "$1")" "$(digest_of "$1")" "$2" "$1" >>"$STATE/undo/journal"
  else
    printf 'file %s - - - absent %s %s\n' "$index" "$2" "$1" >>"$STATE/undo/journal"
  fi
}

snapshot_siblings() {
  local name
  for name in $SET_ASIDE; do snapshot "$(dirname "$CONFIG")/$name" absent || return 1; done
}

# The record of the new version appears in one step, by naming it in `current`. Without a journal it is final.
commit_change() {
  printf '%s\n' "$TXN" >"$STATE/current.new" && flush "$STATE/current.new" "$STATE/v$TXN"/* &&
    mv "$STATE/current.new" "$STATE/current" && flush "$STATE" || return 1
  close_journal
}

close_journal() {
  local version
  rm -f "$STATE/journal"
  for version in "$STATE"/v[0-9]*; do
    [ "$version" = "$STATE/v$(cat "$STATE/current" 2>/dev/null)" ] || rm -rf "$version"
  done
  rm -rf "$STATE/undo" "$STATE/scratch" "$STATE"/*.new
  is_bypassed || rm -f "$STATE/bypassed"
  [ -f "$STATE/current" ] || [ -f "$STATE/stopped" ] || forget_state
}

# An earlier run that was killed: finished if its record was written, else undone.
settle_journal() {
  [ -f "$STATE/journal" ] || return 0
  if [ "$(read_field "$STATE/journal" txn)" = "$(cat "$STATE/current" 2>/dev/null)" ]; then
    close_journal
    return 0
  fi
  say "an earlier run did not end; putting the previous configuration back first"
  undo_change
}

# Puts every file back, in the order that never shows the old container a half-changed configuration: stop, place,
# start. Can be repeated from any point.
undo_change() {
  local ready=0
  # Also where the change took all the time that it had.
  allow_change
  RUNNING="$(read_field "$STATE/journal" running)"
  PORT="$(read_field "$STATE/journal" port)"
  CONFIG="$(read_field "$STATE/journal" config)"
  # Until the service is stopped nothing has changed that it reads, unless the operator had Compose replace its container
  # after a crash.
  [ ! -f "$STATE/undo/running" ] || [ "$(container_id)" != "$(read_field "$STATE/journal" container)" ] || RUNNING=0
  [ "$RUNNING" = 0 ] || stop_service
  rm -f "$STATE/v$(read_field "$STATE/journal" txn)/reserve"
  put_back files || refuse undo_unfinished "the previous configuration is not back whole" "the reason above gone" \
    "pulumi up" || return 1
  # Without Docker OpenClaw would stay stopped, and the next apply take it for one that the operator stopped.
  [ "$RUNNING" = 0 ] || await_docker || refuse undo_unfinished "the previous configuration is back, but Docker does not answer" \
    "a Docker daemon that starts $SERVICE on it" "systemctl start docker, then pulumi up" || return 1
  # OpenClaw starts before its own backup copies are back: with a `.bak` at hand it replaces a configuration without
  # `meta`, as the operator's may be, by that copy.
  if [ "$RUNNING" = 1 ]; then
    note_container
    start_again $(read_field "$STATE/journal" others) && gate ready || ready=1
  fi
  put_back siblings || refuse undo_unfinished "OpenClaw's backup copies are not back" "the reason above gone" "pulumi up" || return 1
  close_journal
  if [ "$ready" = 0 ]; then
    say "the previous configuration is back"
  else
    say "warning: the previous configuration is back, but $SERVICE is not ready with it: $(in_short)"
  fi
}

# start_again OTHERS…: a service that ran does not stay down because Docker failed for a moment.
start_again() {
  start_service "$SERVICE" "$@" && rm -f "$STATE/stopped" && return 0
  printf '%s\n' "$*" >"$STATE/stopped" && flush "$STATE/stopped"
  return 1
}

# A restore that did not end has half of the files back, and starts the service itself.
settle_stopped() {
  [ -f "$STATE/stopped" ] && [ ! -f "$STATE/restoring" ] || return 0
  say "an earlier run could not start $SERVICE again; starting it first"
  # shellcheck disable=SC2046
  start_again $(cat "$STATE/stopped") || tell || return 1
  [ -f "$STATE/current" ] || forget_state
}

# note_ran: whether the service runs, or is to.
note_ran() {
  note_running
  [ ! -f "$STATE/stopped" ] || RUNNING=1
}

# put_back files|siblings: the copies that OpenClaw keeps beside its configuration are the siblings.
put_back() {
  local result=0 line
  while IFS= read -r line <&6; do
    case "$line" in "file "*) ;; *) continue ;; esac
    # No field but the last one, the path, has blanks or a slash.
    # shellcheck disable=SC2086
    put_back_one "$1" "${line#file * * * * * * }" ${line%%/*} || result=1
  done 6<"$STATE/journal"
  return "$result"
}

# put_back_one WHICH PATH file INDEX MODE UID GID OLD NEW
put_back_one() {
  local which="$1" path="$2" index="$4" mode="$5" uid="$6" gid="$7" old="$8" new="$9" found
  case "$path" in "$CONFIG".*) [ "$which" = siblings ] || return 0 ;; *) [ "$which" = files ] || return 0 ;; esac
  rm -f "$(temporary_of "$path")"
  found="$(digest_of "$path")"
  if [ "$found" = "$old" ]; then mode_back "$path" "$mode"; return; fi
  [ "$old" = absent ] || open_sealed "$STATE/undo/$index" >/dev/null || refuse_seal "the sealed copy of $path" || return 1
  # Neither as it was nor as we wrote it: an edit of the operator's, who may save at any moment.
  if [ "$which" = files ] && [ "$found" != "$new" ] && [ "$found" != absent ]; then
    put_back_edited "$path" "$index" "$old" "$mode" "$uid" "$gid" && return 0
    is_late || is_still "$path" "$found" || { put_back_one "$@"; return; }
    keep_edited "$path" || refuse_unwritable "$path" || return 1
  fi
  if [ "$old" = absent ]; then remove "$path"; return; fi
  open_sealed "$STATE/undo/$index" | place "$path" "$mode" "$uid" "$gid" "$found" && return 0
  is_late || is_still "$path" "$found" || { put_back_one "$@"; return; }
  refuse_unwritable "$path"
}

# mode_back PATH MODE: .env saved again as it was, and still with the mode that we set.
mode_back() {
  [ "$1" != "$ENV_FILE" ] || [ "$2" = - ] || [ "$(stat -c %a "$1")" != "$(private "$2")" ] || chmod "$2" "$1"
}

refuse_seal() {
  refuse seal_broken "$1 does not open" "the bytes and the pass phrase that sealed it" \
    "put $STATE back from a backup, and use the state of the stack that sealed it"
}

refuse_unwritable() { because_unwritable "$1" || tell; }

# because_not_replaced PATH SEEN
because_not_replaced() { check_edited "$1" "$2" && because_unwritable "$1"; }

# A file that cannot be written although its directory can.
because_unwritable() {
  because not_writable "$1 could not be written; $(df -Pk "$(dirname "$1")" 2>/dev/null | awk 'NR == 2 { print $4 }') KiB are free" \
    "room on the disk, and no immutable flag" "df -h $(dirname "$1"); lsattr $1"
}

# put_back_edited PATH INDEX OLD MODE UID GID: what this change did to the file is taken out, the edit stays.
put_back_edited() {
  local version="$VERSION" old="" result=1
  VERSION="$STATE/v$(read_field "$STATE/journal" txn)"
  [ "$3" = absent ] || old="$(open_sealed "$STATE/undo/$2"; printf x)"
  case "$1" in
    "$ENV_FILE") env_back_edited "${old%x}" && place_edited "$@" ;;
    "$CONFIG") config_back_edited "$3" "${old%x}" && place_edited "$@" ;;
    *) false ;;
  esac && result=0
  VERSION="$version"
  return "$result"
}

# The content in CONTENT, with the attributes that the file had before.
place_edited() {
  if [ -z "$CONTENT" ] && [ "$3" = absent ]; then remove "$1"; return; fi
  # shellcheck disable=SC2046
  if [ "$3" = absent ]; then set -- "$1" "$2" "$3" $(attributes "$1"); fi
  [ "$(printf '%s' "$CONTENT" | digest) $4 $5 $6" = "$found $(attributes "$1")" ] ||
    printf '%s' "$CONTENT" | place "$1" "$4" "$5" "$6" "$found"
}

# env_back_edited OLD: sets CONTENT. It may be the old file that was edited and saved, in which nothing is to be changed.
# Without the lines that the version before keeps, those of this one would stay in clear beside it.
env_back_edited() {
  local ours kept
  ours="$(printf '%s' "$1" | env_ours)"
  read_env || return 1
  CONTENT="$ENV_TEXT"
  [ "$(printf '%s' "$ENV_TEXT" | env_ours)" != "$ours" ] || return 0
  CONTENT="$ENV_BASE"
  [ -n "$ours" ] || return 0
  kept="$(kept_before)" || return 1
  CONTENT="$(printf '%s' "$ENV_BASE" | env_with_ours "$kept" "$ours" "$(ends_with_newline "$ENV_BASE")"; printf x)"
  CONTENT="${CONTENT%x}"
}

# The lines that the version before keeps.
kept_before() { [ ! -f "$STATE/current" ] || open_sealed "$STATE/v$(cat "$STATE/current")/env.kept"; }

# config_back_edited OLD-DIGEST OLD: sets CONTENT.
config_back_edited() {
  local delta
  delta="$(open_sealed "$STATE/undo/config.delta")" || return 1
  in_container now withdraw "$(
    printf %s "$STEP_FIELDS"
    printf '%s' "$delta" | field delta
    printf '%s' "$2" | field original
    field current <"$CONFIG"
  )" && answered_whole config
}
