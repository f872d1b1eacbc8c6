#!/bin/sh
# Counts the steps of a run: every rename and removal, every start and stop of the service. Called only while there is
# a file `counts`. At the step in `kill-at` the run and all that it started gets the signals in `kill-signals`: KILL as by
# a power cut, others as when a connection ends. After the one in `edit-at` the operator edits a file.
machine='@MACHINE@'
is_at() { [ "$count" -eq "$(cat "$machine/$1" 2>/dev/null || echo 0)" ]; }
count="$(cat "$machine/steps")"
case "$1" in
  "done mv"* | "done rm"*)
    ! is_at edit-at || '@NODE@' "$machine/edit.cjs"
    exit 0
    ;;
  "docker compose up"* | "docker compose stop"* | "done compose up"* | "done compose stop"* | mv* | rm*) ;;
  *) exit 0 ;;
esac
count=$((count + 1))
echo "$count" >"$machine/steps"
case "$1" in mv* | rm*) ;; *) ! is_at edit-at || '@NODE@' "$machine/edit.cjs" ;; esac
is_at kill-at || exit 0
# The program runs each command in a group of its own, which a connection that ends does not reach.
group="$(cat "$machine/group")"
for signal in $(cat "$machine/kill-signals"); do
  kill -"$signal" -"$group"
  [ "$signal" != KILL ] || kill -KILL 0
done
exit 0
