# One run at a time in a directory.

LOCKED=no

take_lock() {
  local waited=0
  LOCK="$DIR/.openclaw-ai-gateway.running"
  # Where the user may not write, the checks say so.
  [ -d "$DIR" ] && [ -w "$DIR" ] || return 0
  if command -v flock >/dev/null 2>&1; then
    # On the directory itself, it leaves no file behind and dies with its owner.
    exec 9<"$DIR" || return 1
    until flock -n 9; do wait_for_lock || return 1; done
  else
    until take_link; do wait_for_lock || return 1; done
    LOCKED=yes
  fi
}

# Without flock: a link that leads to the name of its owner, so that it is made and signed in one step. The link of an
# owner who died stays, and who makes the link "after" him is the next. There can be only one of that name: of several that
# find the same owner dead, one goes on. Sets DEAD, the owners before this one.
take_link() {
  local me first owner _rest
  read -r me _rest </proc/self/stat
  me="$(name_of_process "$me")"
  DEAD=""
  if ln -s "$me" "$LOCK" 2>/dev/null; then
    # Left by one that was killed while it gave the lock back.
    rm -f "$LOCK".after.*
    return 0
  fi
  first="$(readlink "$LOCK")" || return 1
  owner="$first"
  while [ -L "$LOCK.after.$owner" ]; do
    DEAD="$DEAD $owner"
    owner="$(readlink "$LOCK.after.$owner")" || return 1
  done
  has_ended "$owner" && ln -s "$me" "$LOCK.after.$owner" 2>/dev/null || return 1
  DEAD="$DEAD $owner"
  # The lock may have been given back since, and belong to somebody else, who has another first link.
  [ "$(readlink "$LOCK")" != "$first" ] || return 0
  rm -f "$LOCK.after.$owner"
  return 1
}

# The first link goes first: without it the others mean nothing.
give_lock_back() {
  local owner
  [ "$LOCKED" = yes ] || return 0
  rm -f "$LOCK"
  for owner in $DEAD; do rm -f "$LOCK.after.$owner"; done
}

# Number, start and boot: a number alone is given to another process, after a reboot at the latest. One that has ended and
# was not waited for (state Z) has no start here.
name_of_process() {
  printf '%s-%s-%s' "$1" "$(sed -n 's/.*) [^ZX] //p' "/proc/$1/stat" 2>/dev/null | cut -d ' ' -f 19)" "$(cat /proc/sys/kernel/random/boot_id)"
}
has_ended() { [ "$(name_of_process "${1%%-*}")" != "$1" ]; }

wait_for_lock() {
  [ "$waited" -lt 600 ] || refuse busy "another run has been working in $DIR for 10 minutes" "one run at a time" \
    "pgrep -af 'x (apply|restore|bypass|bypass_end)$'; where that shows none: rm -f '$LOCK'*" || return 1
  waited=$((waited + 1))
  sleep 1
}
