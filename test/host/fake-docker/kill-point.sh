#!/bin/sh
# Counts the steps of a run: every rename and removal, every start and stop of the service. Called only while there is
# a file `kill-at`; at the step with its number the run and all that it started gets the signals in `kill-signals`: KILL
# as by a power cut, others as when a connection ends.
machine='@MACHINE@'
case "$1" in
  "docker compose up"* | "docker compose stop"* | "done compose up"* | "done compose stop"* | mv* | rm*) ;;
  *) exit 0 ;;
esac
count=$(($(cat "$machine/steps" 2>/dev/null || echo 0) + 1))
echo "$count" >"$machine/steps"
[ "$count" -eq "$(cat "$machine/kill-at")" ] || exit 0
# The program runs each command in a group of its own, which a connection that ends does not reach.
group="$(cat "$machine/group")"
for signal in $(cat "$machine/kill-signals"); do
  kill -"$signal" -"$group"
  [ "$signal" != KILL ] || kill -KILL 0
done
exit 0
