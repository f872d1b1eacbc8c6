#!/bin/sh
# Counts the steps of a run. At the step whose number is in `kill-at` the whole process group dies, as by `kill -9` or
# a power cut. Only called while there is that file. Steps: every rename and removal, every start and stop of the service.
machine='@MACHINE@'
case "$1" in
  "docker compose up"* | "docker compose stop"* | "done compose up"* | "done compose stop"* | mv* | rm*) ;;
  *) exit 0 ;;
esac
count=$(($(cat "$machine/steps" 2>/dev/null || echo 0) + 1))
echo "$count" >"$machine/steps"
[ "$count" -ne "$(cat "$machine/kill-at")" ] || kill -9 0
exit 0
