# bypass: the host's own files for a while, during an outage of Cloudflare; bypass_end: the gateway again. A bypass is a
# restore that remembers: `bypassed` names the version whose originals are in use, and what is sealed stays. Its end is
# an apply that starts from the files as they are then; with its commit the number in `bypassed` is an old one.

bypass() {
  local repeated=no
  check_directory && every check_tools docker_answers check_owner check_project && settle_journal || return 1
  open_state
  has_record || return 1
  ! is_bypassed || repeated=yes
  # The disk may have filled up since: what was kept free for this comes first.
  rm -f "$VERSION/reserve"
  : >"$STATE/bypassing" && flush "$STATE/bypassing" || refuse_unwritable "$STATE" || return 1
  give_back "npm run bypass" && remember_bypass || return 1
  if [ "$repeated$REKEYED" = yesno ]; then
    say "bypassed already: $STACK/$HOST in $DIR"
  else
    say "bypassed: $STACK/$HOST in $DIR runs on its own files$RESTORED_NOTE"
  fi
  tell_unanswered "it stays bypassed"
}

remember_bypass() {
  if ! is_bypassed; then
    cp "$STATE/current" "$STATE/bypassed.new" && flush "$STATE/bypassed.new" &&
      mv "$STATE/bypassed.new" "$STATE/bypassed" || refuse_unwritable "$STATE" || return 1
  fi
  rm -f "$STATE/restoring" "$STATE/bypassing" && flush "$STATE"
}

is_bypassed() { [ -f "$STATE/bypassed" ] && [ "$(cat "$STATE/bypassed")" = "$(cat "$STATE/current" 2>/dev/null)" ]; }

bypass_end() {
  check_directory && settle_first || return 1
  open_state
  has_record || return 1
  ENDING=yes
  apply
}

refuse_bypassed() {
  refuse host_bypassed "$DIR runs on the host's own files, since npm run bypass" "a host that is not bypassed" "$(end_of_bypass)"
}

end_of_bypass() { printf 'npm run bypass -- --stack %s --host %s --end' "$STACK" "$HOST"; }
