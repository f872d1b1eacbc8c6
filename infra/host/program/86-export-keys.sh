# export_keys: the provider keys that the host has in clear. What is printed is sealed with the pass phrase of this one
# run, and no file holds it.

export_keys() {
  find_directory || return 1
  if is_managed; then
    say "managed: what this host had is sealed there"
    return 0
  fi
  every check_tools check_docker check_env_file && read_env && effective_config && has_image || return 1
  in_container now find_keys "$(
    common_fields
    printf %s "$EFFECTIVE" | field compose
    printf %s "$ENV_BASE" | field env
  )" || tell || return 1
  answered note | sed 's/^/note: /' | redact
  printf '%s\n' "$ANSWERS" | sed -n 's/^key //p' | seal | base64 -w 76 | sed 's/^/sealed /'
}

is_managed() { [ -f "$STATE/current" ] && ! is_bypassed; }
