#!/bin/sh
# Stand-in for `docker`; see README.md. @MACHINE@ and @NODE@ are filled in by the test.
# The cheap questions are answered here, the rest by compose.ts.
machine='@MACHINE@'
printf '%s\n' "$*" >>"$machine/calls.log"
[ ! -e "$machine/daemon-down" ] || { echo "Cannot connect to the Docker daemon" >&2; exit 1; }
[ ! -e "$machine/docker-needs-root" ] || [ -n "${FAKE_ROOT-}" ] || { echo "permission denied while trying to connect" >&2; exit 1; }
[ ! -f "$machine/kill-at" ] || "$machine/bin/kill-point" "docker $*"

# A service's container is a file with the lines id, running, restarting, restarts, health, directory, hash, environment, compose files.
line() { sed -n "$2p" "$machine/containers/$1"; }

case "$*" in
  "version -f {{.Server.Version}}") echo 28.0.0; exit 0 ;;
  "compose version --short") cat "$machine/compose-version"; exit 0 ;;
  "compose ps -a -q "*) [ ! -f "$machine/containers/$5" ] || line "$5" 1; exit 0 ;;
  "compose ps -q "*)
    if [ -f "$machine/containers/$4" ] && [ "$(line "$4" 2)" = true ]; then line "$4" 1; fi
    exit 0
    ;;
  "compose logs "*) cat "$machine/log" 2>/dev/null; exit 0 ;;
  "inspect -f {{.State.Running}} {{.State.Restarting}} {{.RestartCount}} "*)
    for file in "$machine"/containers/*; do
      [ -f "$file" ] || continue
      eval "id=\${$#}"
      if [ "$(sed -n 1p "$file")" = "$id" ]; then sed -n 2,6p "$file" | tr '\n' ' ' | sed 's/ $//'; echo; exit 0; fi
    done
    exit 1
    ;;
  "inspect -f {{index .Config.Labels \"com.docker.compose.project.config_files\"}} "*)
    for file in "$machine"/containers/*; do [ "$(sed -n 1p "$file")" != "$4" ] || sed -n 9p "$file"; done
    exit 0
    ;;
esac
'@NODE@' "$machine/compose.cjs" "$machine" "$@"
status=$?
[ ! -f "$machine/kill-at" ] || "$machine/bin/kill-point" "done $*"
exit $status
