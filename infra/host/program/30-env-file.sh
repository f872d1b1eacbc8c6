# The project's .env. Two pure filters that undo each other: `env_without_us` and `env_with_us`.
# A managed line makes room for a numbered comment, in place; the line itself goes to a sealed store.

WORKER_URL_NAME=AI_GATEWAY_WORKER_URL
TOKEN_NAME=AI_GATEWAY_AUTH_TOKEN
RUN_TOKEN_NAME=CLOUDFLARE_AIG_TOKEN
# What can be in our block, which may be of the other kind of access.
BLOCK_NAMES="$WORKER_URL_NAME $TOKEN_NAME $RUN_TOKEN_NAME COMPOSE_FILE"
# Numbers of the lines in which `look` found a provider key. A comment with one has no name to go by.
KEY_LINES=""

# own_variables: lines "NAME VALUE", what the services get. A host that calls the gateway itself has its address in
# openclaw.json.
own_variables() {
  if [ "$ACCESS" = direct ]; then
    printf '%s %s\n' "$RUN_TOKEN_NAME" "$TOKEN"
  else
    printf '%s %s\n' "$WORKER_URL_NAME" "$WORKER_URL" "$TOKEN_NAME" "$TOKEN"
  fi
}

# The names whose lines in .env make room: our own and, behind the Worker, those of the provider keys.
managed_names() { if [ "$ACCESS" = direct ]; then own_names; else printf '%s ' "$KEY_NAMES"; own_names; fi; }
own_names() { own_values | while IFS=' ' read -r name _value; do printf '%s ' "$name"; done; }

# env_without_us KEPT ENDS <file: the operator's file; ENDS is 1 when the file ends with a newline. KEPT holds "number<TAB>line". Lines that were added inside our block
# stay. Kept lines whose comment is gone are put at the end, as long as the block shows that this is our version.
env_without_us() {
  { printf '%s\n\001\n' "$1"; cat; } | awk -v ends="$2" -v mark="$MARK" -v own="$BLOCK_NAMES" '
    BEGIN { split(own, names, " "); for (i in names) ours[names[i]] = 1 }
    !file && $0 == "\001" { file = 1; next }
    !file { tab = index($0, "\t"); if (tab) { n = substr($0, 1, tab - 1); kept[n] = substr($0, tab + 1); last = n } next }
    {
      line = $0; sub(/\r$/, "", line)
      if (index(line, "# >>> " mark " ") == 1) { inside = 1; seen = 1; nonewline = line ~ / nl=0 /; after = 0; next }
      if (line == "# <<< " mark) { inside = 0; next }
      if (inside) { name = line; sub(/=.*/, "", name); if (name in ours) next }
      if (index(line, "# " mark ": ") == 1 && match(line, /\([0-9]+\)$/)) {
        n = substr(line, RSTART + 1, RLENGTH - 2)
        if (n in kept) { out[++count] = kept[n]; delete kept[n]; after++; next }
      }
      out[++count] = $0; after++
    }
    END {
      if (seen) for (n = 1; n <= last + 0; n++) if (n in kept) { out[++count] = kept[n]; after++ }
      for (i = 1; i <= count; i++) printf "%s%s", (i > 1 ? "\n" : ""), out[i]
      if (count && ends && !(nonewline && !after)) printf "\n"
    }'
}

# env_with_us WHAT NAMES LINES <operator's file: with WHAT=file the file with comments for the lines of these NAMES and
# numbers, with WHAT=kept those lines, numbered. Exit 3: one of them is in or on a value of several lines.
env_with_us() {
  awk -v what="$1" -v wanted="$2" -v lines="$3" -v mark="$MARK" '
    BEGIN {
      split(wanted, names, " "); for (i in names) managed[names[i]] = 1
      split(lines, numbers, " "); for (i in numbers) taken[numbers[i]] = 1
    }
    function unclosed(value, q) {
      q = substr(value, 1, 1)
      return (q == "\"" || q == "\047") && index(substr(value, 2), q) == 0 ? q : ""
    }
    {
      line = $0; cr = sub(/\r$/, "", line) ? "\r" : ""
      name = line; sub(/^[ \t]*(export[ \t]+)?/, "", name)
      value = ""; hit = (NR in taken)
      # Compose takes `NAME: value` too.
      if (match(name, /^[^ \t=:#"\047]+[ \t]*[=:]/)) {
        value = substr(name, RLENGTH + 1); sub(/^[ \t]+/, "", value)
        name = substr(name, 1, RLENGTH - 1); sub(/[ \t]+$/, "", name)
        hit = hit || (name in managed)
      } else name = "a comment with a key"
      if (hit && (quote != "" || unclosed(value) != "")) exit 3
      if (quote != "") { if (index(line, quote)) quote = "" }
      else quote = unclosed(value)
      if (hit) {
        if (what == "kept") print (++n) "\t" $0
        else $0 = "# " mark ": " name " is kept aside (" (++n) ")" cr
      }
      if (what == "file") print
    }'
}

# env_ours <file: what in it is ours, comments and block.
env_ours() {
  awk -v mark="$MARK" -v own="$BLOCK_NAMES" '
    BEGIN { split(own, names, " "); for (i in names) ours[names[i]] = 1 }
    { line = $0; sub(/\r$/, "", line) }
    index(line, "# >>> " mark " ") == 1 { print; inside = 1; next }
    line == "# <<< " mark { print; inside = 0; next }
    index(line, "# " mark ": ") == 1 { print; next }
    inside { name = line; sub(/=.*/, "", name); if (name in ours) print }'
}

# env_with_ours KEPT OURS NEWLINE <operator's file: what `env_ours` found in another version of the file, put into this
# one. Each kept line makes room for its comment again. NEWLINE is 0 when the file lacks a final newline.
env_with_ours() {
  { printf '%s\n\001\n%s\n\001\n' "$1" "$2"; cat; } | awk -v mark="$MARK" -v newline="$3" '
    $0 == "\001" { part++; next }
    !part { tab = index($0, "\t"); if (tab) kept[substr($0, 1, tab - 1)] = substr($0, tab + 1); next }
    part == 1 {
      if (index($0, "# " mark ": ") != 1) { sub(/ nl=[01] /, " nl=" newline " "); block = block $0 "\n" }
      else if (match($0, /\([0-9]+\)\r?$/)) {
        n = substr($0, RSTART + 1); sub(/\).*/, "", n)
        if (n in kept) comment[kept[n], ++rooms[kept[n]]] = $0
      }
      next
    }
    { print (taken[$0] + 0 < rooms[$0] + 0 ? comment[$0, ++taken[$0]] : $0) }
    END { printf "%s", block }'
}

# Prints our block, with the line end that the file has. $1: compose files; $2: 0 when the file lacks a final newline.
env_block() {
  local cr="$3" name value
  printf '# >>> %s nl=%s written by pulumi up, taken out by pulumi destroy%s\n' "$MARK" "$2" "$cr"
  own_values | while IFS=' ' read -r name value; do printf '%s=%s%s\n' "$name" "$value" "$cr"; done
  printf '# <<< %s%s\n' "$MARK" "$cr"
}

# env_value NAME <file: the last assignment as Compose takes it, without the quotes and without the comment behind it.
env_value() {
  sed -n "s/$CR\$//; s/^[ 	]*\(export[ 	]\{1,\}\)\{0,1\}$1[ 	]*[=:][ 	]*//p" | tail -n 1 |
    sed -e 's/^"\([^"]*\)".*/\1/' -e t -e "s/^'\([^']*\)'.*/\1/" -e t -e 's/ #.*//' -e 's/[ 	]*$//'
}
CR="$(printf '\r')"

ends_with_newline() { case "$1" in "" | *"$NL") printf 1 ;; *) printf 0 ;; esac; }

# Reads .env into ENV_BASE (the operator's version) and renders ENV_NEW and ENV_KEPT from it.
render_env() {
  local newline names cr=""
  names="$(managed_names)"
  newline="$(ends_with_newline "$ENV_BASE")"
  case "$ENV_BASE" in *"$CR$NL"*) cr="$CR" ;; esac
  ENV_KEPT="$(printf '%s' "$ENV_BASE" | env_with_us kept "$names" "$KEY_LINES")" ||
    refuse env_multiline "$ENV_FILE: a name or key that has to be taken out is part of a value of several lines" \
      "each provider key, and each of $names, on one line, outside other values" "edit $ENV_FILE" || return 1
  ENV_NEW="$(
    printf '%s' "$ENV_BASE" | env_with_us file "$names" "$KEY_LINES"
    env_block "$COMPOSE_FILES" "$newline" "$cr"
    printf x
  )"
  ENV_NEW="${ENV_NEW%x}"
}
