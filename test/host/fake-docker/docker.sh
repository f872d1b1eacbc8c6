#!/bin/sh
# Stand-in for `docker`; see README.md. @MACHINE@ and @NODE@ are filled in by the test.
# The cheap questions are answered here, the rest by compose.ts.
machine='@MACHINE@'
printf '%s\n' "$*" >>"$machine/calls.log"
if [ -f "$machine/daemon-dies" ] && printf '%s' "$*" | grep -q -e "$(cat "$machine/daemon-dies")"; then
  /bin/mv "$machine/daemon-dies" "$machine/daemon-down"
fi
[ ! -e "$machine/daemon-down" ] || { echo "Cannot connect to the Docker daemon" >&2; exit 1; }
[ ! -e "$machine/docker-needs-root" ] || [ -n "${FAKE_ROOT-}" ] || { echo "permission denied while trying to connect" >&2; exit 1; }
counts() { [ -f "$machine/counts" ] && . "$machine/bin/step.sh"; }
! counts || step "docker $*"

if [ -f "$machine/slow" ] && printf '%s' "$*" | grep -q -e "$(sed 1d "$machine/slow")"; then sleep "$(head -n 1 "$machine/slow")"; fi
# As an older `docker` does it: Compose is a process beside, which goes on when the first one is killed.
if [ -f "$machine/hang" ] && printf '%s' "$*" | grep -q -e "$(cat "$machine/hang")"; then
  /bin/rm "$machine/hang"
  [ ! -e "$machine/hang-alone" ] || exec /bin/sleep 1000
  /bin/sleep 1000 &
  wait
fi

# A service's container is the file PROJECT.SERVICE with the lines id, running, restarting, restarts, health, directory,
# hash, environment, compose files, project, service.
line() { sed -n "$2p" "$machine/containers/$1" 2>/dev/null; }

# Compose's name for the project, as compose.ts has it.
project() {
  name="${COMPOSE_PROJECT_NAME:-$(sed -n 's/^COMPOSE_PROJECT_NAME=//p' .env 2>/dev/null | tail -n 1)}"
  [ -n "$name" ] || name="$(basename "$PWD" | tr 'A-Z' 'a-z' | tr -cd 'a-z0-9_-')"
  printf '%s' "$name"
}

state() {
  case "$(line "$1" 2) $(line "$1" 3)" in *" true") echo restarting ;; "true "*) echo running ;; *) echo exited ;; esac
}

case "$*" in
  "version -f {{.Server.Version}}") echo 28.0.0; exit 0 ;;
  "compose version --short") cat "$machine/compose-version"; exit 0 ;;
  "compose ps -a -q --no-trunc "*) line "$(project).$6" 1; exit 0 ;;
  "compose ps -q "*) [ "$(line "$(project).$4" 2)" != true ] || line "$(project).$4" 1; exit 0 ;;
  "compose --profile * config --images "*) echo openclaw:local; exit 0 ;;
  "image inspect -f {{.Id}} openclaw:local") [ ! -e "$machine/no-image" ]; exit ;;
  "compose run --help") echo "      --pull string   Pull image before running"; exit 0 ;;
  "rm -f "*) exit 0 ;;
  "compose logs "*) cat "$machine/log" 2>/dev/null; exit 0 ;;
  "ps -a --no-trunc --filter label=com.docker.compose.service="*" --filter label=com.docker.compose.oneoff=False --format "*)
    service="${5#label=com.docker.compose.service=}"
    for file in "$machine/containers"/*."$service"; do
      [ -f "$file" ] || continue
      file="${file##*/}"
      echo "$(line "$file" 1) $(state "$file") $(line "$file" 10) $(line "$file" 6)"
    done
    exit 0
    ;;
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
! counts || step "done $*"
exit $status
