# Our part taken out of the operator's files; shared by restore and by the undo of a file that was edited meanwhile.

# Reads .env: ENV_TEXT as it is, ENV_BASE without us.
read_env() {
  ENV_TEXT=""
  KEPT=""
  if [ -e "$ENV_FILE" ]; then
    check_env_file || return 1
    read_content <"$ENV_FILE"
    ENV_TEXT="$CONTENT"
  fi
  ENV_SEEN="$(digest_of "$ENV_FILE")"
  if [ -f "$VERSION/env.kept" ]; then
    KEPT="$(open_sealed "$VERSION/env.kept")" || refuse_seal "the store of $ENV_FILE's lines" || return 1
    REDACT="$REDACT$NL$(printf '%s\n' "$KEPT" | sed -e "s/$CR\$//" -e 's/^[^=:]*[=:][ 	]*//' -e 's/ #.*//' -e "s/^[\"']//" -e "s/[\"' 	]*\$//")"
  fi
  ENV_BASE="$(printf '%s' "$ENV_TEXT" | env_without_us "$KEPT" "$(ends_with_newline "$ENV_TEXT")"; printf x)"
  ENV_BASE="${ENV_BASE%x}"
}

withdraw_env() {
  read_env || return 1
  ENV_BACK="$ENV_BASE"
  ENV_BACK_AS="$(attributes_back "$ENV_FILE" env)"
  # Untouched since, or removed by hand: the original bytes.
  if [ -f "$VERSION/env.orig" ] && env_untouched; then
    ENV_BACK="$(open_sealed "$VERSION/env.orig"; printf x)"
    ENV_BACK="${ENV_BACK%x}"
  fi
}

env_untouched() {
  [ "$ENV_SEEN" != absent ] || return 0
  [ "$ENV_SEEN" = "$(read_field "$VERSION/record" env)" ] && [ "$(read_field "$VERSION/record" env_pristine)" = yes ]
}

write_env_back() {
  [ "$(printf '%s' "$ENV_BACK" | digest)" != "$ENV_SEEN" ] || [ "$(attributes "$ENV_FILE")" != "$ENV_BACK_AS" ] || return 0
  if [ -z "$ENV_BACK" ] && [ "$(cat "$VERSION/env.attributes")" = absent ]; then remove "$ENV_FILE"; return; fi
  # shellcheck disable=SC2086
  printf '%s' "$ENV_BACK" | place "$ENV_FILE" $ENV_BACK_AS "$ENV_SEEN"
}

# attributes_back PATH KIND: the original mode and owner, unless someone changed what we had set.
attributes_back() {
  local original="" set_by_us
  [ ! -f "$VERSION/$2.attributes" ] || original="$(cat "$VERSION/$2.attributes")"
  set_by_us="$(read_field "$VERSION/record" "$2_attributes")"
  if [ ! -e "$1" ] || [ -z "$set_by_us" ] || [ "$(attributes "$1")" = "$set_by_us" ]; then
    case "$original" in "" | absent) ;; *) printf '%s\n' "$original"; return ;; esac
  fi
  if [ -e "$1" ]; then attributes "$1"; else printf '600 %s\n' "$(stat -c '%u %g' "$(dirname "$1")")"; fi
}

# Sets CONFIG_BACK and CONFIG_BACK_IS: same, original, edited or gone.
withdraw_config() {
  local seen original
  seen="$(digest_of "$CONFIG")"
  CONFIG_SEEN="$seen"
  original="$(cat "$VERSION/config.orig.sha256" 2>/dev/null)"
  CONFIG_BACK_AS="$(attributes_back "$CONFIG" config)"
  CONFIG_BACK_IS=original
  if [ "$seen" = "${original:-absent}" ]; then CONFIG_BACK_IS=same; return 0; fi
  if [ "$seen" != absent ] && ! config_untouched "$seen"; then
    in_container now withdraw "$(
      common_fields
      [ -z "$original" ] || open_sealed "$VERSION/config.orig" | field original
      field current <"$CONFIG"
    )" || tell || return 1
    if [ "$(answered edited)" = yes ]; then
      CONFIG_BACK_IS=edited
      RESTORED_NOTE="$RESTORED_NOTE, edits of openclaw.json kept"
    fi
  fi
  case "$CONFIG_BACK_IS" in
    edited) answered_whole config && CONFIG_BACK="$CONTENT" ;;
    original) [ -n "$original" ] || CONFIG_BACK_IS=gone ;;
  esac
}

config_untouched() {
  [ "$1" = "$(read_field "$VERSION/record" config_digest)" ] && [ "$(read_field "$VERSION/record" config_pristine)" = yes ]
}

write_config_back() {
  # shellcheck disable=SC2086
  case "$CONFIG_BACK_IS" in
    same) return 0 ;;
    gone) remove "$CONFIG" ;;
    edited) printf '%s' "$CONFIG_BACK" | place "$CONFIG" $CONFIG_BACK_AS "$CONFIG_SEEN" ;;
    original)
      open_sealed "$VERSION/config.orig" >/dev/null &&
        open_sealed "$VERSION/config.orig" | place "$CONFIG" $CONFIG_BACK_AS "$CONFIG_SEEN"
      ;;
  esac
}
