# What an apply remembers, in v<N>/.

# Before the change: sealed originals (taken over from the version before, where there is one), lines, difference.
write_version() {
  local new="$STATE/v$TXN"
  rm -rf "$new" && mkdir "$new" || return 1
  keep_original env "$ENV_FILE" "$new" && keep_original config "$CONFIG" "$new" &&
    printf '%s' "$ENV_KEPT" | keep_sealed "$new/env.kept" &&
    printf '%s' "$CONFIG_DELTA" | keep_sealed "$new/config.delta" &&
    keep_siblings "$new" && reserve_room "$new/reserve" || refuse_unwritable "$STATE"
}

# As much as all files that undo and restore write, and some blocks for directories and small files.
reserve_room() {
  local bytes=65536 file
  for file in "$ENV_FILE" "$CONFIG" "$CONFIG".*; do
    [ ! -f "$file" ] || bytes=$((bytes + 2 * $(stat -c %s "$file")))
  done
  # Noise, because a file system may keep zeros in no room at all.
  head -c "$bytes" /dev/urandom >"$1" && flush "$1"
}

# keep_original KIND PATH NEW
keep_original() {
  if [ -f "$VERSION/$1.attributes" ]; then
    cp -p "$VERSION/$1.attributes" "$3/" || return 1
    [ ! -f "$VERSION/$1.orig" ] || cp -p "$VERSION/$1.orig" "$VERSION/$1.orig.sha256" "$3/"
  elif [ -e "$2" ]; then
    attributes "$2" >"$3/$1.attributes" && keep_sealed "$3/$1.orig" <"$2"
  else
    printf 'absent\n' >"$3/$1.attributes"
  fi
}

# `siblings`: lines "INDEX MODE UID GID NAME"; the first copy of a name is the operator's, and stays.
keep_siblings() {
  local name index
  : >"$1/siblings"
  if [ -f "$VERSION/siblings" ]; then
    cp -p "$VERSION/siblings" "$1/" || return 1
    for name in "$VERSION"/sibling.*; do [ ! -e "$name" ] || cp -p "$name" "$1/" || return 1; done
  fi
  for name in $SET_ASIDE; do
    ! grep -q " $name\$" "$1/siblings" || continue
    index="$(grep -c . "$1/siblings")"
    keep_sealed "$1/sibling.$index" <"$(dirname "$CONFIG")/$name" &&
      printf '%s %s %s\n' "$index" "$(attributes "$(dirname "$CONFIG")/$name")" "$name" >>"$1/siblings" || return 1
  done
}

# After the gate: what was written, whatever the operator may have saved in the meantime. `pristine`: no edit of his came
# between the original and this.
write_record() {
  local target="$STATE/v$TXN"
  # What openclaw.json was to become, for a later comparison; holds no secret.
  printf '%s' "$STEP_FIELDS" | sed -n -e 's/^patch /applied-&/p' -e 's/^provider-ids /applied-&/p' >"$target/wanted" &&
    flush "$target/wanted" || return 1
  {
    printf 'input %s\n' "$INPUT"
    printf 'public %s\n' "$PUBLIC"
    printf 'generation %s\n' "$GENERATION"
    printf 'config %s\n' "$CONFIG"
    printf 'port %s\n' "$PORT"
    printf 'services %s\n' "$SERVICES"
    printf 'allowed %s\n' "$ALLOWED"
    printf 'own_keys %s\n' "$OWN_KEYS"
    printf 'env %s\n' "$(printf '%s' "$ENV_NEW" | digest)"
    printf 'env_attributes %s\n' "$(attributes "$ENV_FILE")"
    printf 'env_pristine %s\n' "$(if [ "$(printf '%s' "$ENV_BASE" | digest)" = "$(original_digest env)" ]; then printf yes; else printf no; fi)"
    own_values | while read -r name value; do printf 'own %s %s\n' "$name" "$(printf %s "$value" | digest)"; done
    printf 'names %s\n' "$KEY_NAMES"
    printf 'environment_names %s\n' "$(environment_names)"
    printf 'environment %s\n' "$(environment_text | digest)"
    printf 'override %s\n' "$(override_text | digest)"
    printf 'config_digest %s\n' "$(digest_of "$CONFIG")"
    printf 'config_attributes %s\n' "$(attributes "$CONFIG")"
    printf 'config_pristine %s\n' "$(config_pristine)"
    printf 'container %s\n' "$(container_id)"
  } >"$target/record.new" && flush "$target/record.new" && mv "$target/record.new" "$target/record"
}

original_digest() {
  if [ -f "$STATE/v$TXN/$1.orig.sha256" ]; then cat "$STATE/v$TXN/$1.orig.sha256"; else printf '' | digest; fi
}

config_pristine() {
  # OpenClaw rewrites the file itself when it starts, so that its digest is taken as it is now; with what was written
  # it is not compared byte by byte then.
  if [ "$(digest_of "$CONFIG")" != "$CONFIG_LEFT" ]; then
    printf no
  elif [ ! -f "$VERSION/record" ]; then
    printf yes
  elif [ "$(read_field "$VERSION/record" config_pristine)" = yes ] &&
    [ "$CONFIG_AT_START" = "$(read_field "$VERSION/record" config_digest)" ]; then
    printf yes
  else
    printf no
  fi
}
