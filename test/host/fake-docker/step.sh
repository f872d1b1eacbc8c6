# Counts the steps of a run: every rename and removal, every start and stop of the service. Read in by the programs of
# the machine, only while there is a file `counts`. At the step in `kill-at` the run and all that it started gets the
# signals in `kill-signals`: KILL as by a power cut, others as when a connection ends. After the one in `edit-at` the
# operator edits a file. Without a process of its own where it can be: a run takes hundreds of these.

# number FILE: into $number; 0 without that file.
number() {
  number=0
  [ ! -f "@MACHINE@/$1" ] || read -r number <"@MACHINE@/$1" || :
}

is_at() {
  number "$1"
  [ "$count" -eq "$number" ]
}

# step COMMAND: before and, with `done` in front, after it.
step() {
  number steps
  count=$number
  case "$1" in
    "done mv"* | "done rm"*)
      ! is_at edit-at || '@NODE@' "@MACHINE@/edit.cjs"
      return 0
      ;;
    "docker compose up"* | "docker compose stop"* | "done compose up"* | "done compose stop"* | mv* | rm*) ;;
    *) return 0 ;;
  esac
  count=$((count + 1))
  echo "$count" >"@MACHINE@/steps"
  case "$1" in mv* | rm*) ;; *) ! is_at edit-at || '@NODE@' "@MACHINE@/edit.cjs" ;; esac
  is_at kill-at || return 0
  # The program runs each command in a group of its own, which a connection that ends does not reach.
  number group
  for signal in $(cat "@MACHINE@/kill-signals"); do
    kill -"$signal" -"$number"
    [ "$signal" != KILL ] || kill -KILL 0
  done
}
