# Files: digests, sealing, atomic replacement.

digest() { sha256sum | { IFS=' ' read -r sum _rest && printf '%s\n' "$sum"; }; }
digest_of() { if [ -e "$1" ]; then digest <"$1"; else printf 'absent\n'; fi; }

# "mode uid gid" of a file or directory.
attributes() { stat -c '%a %u %g' "$1"; }

# Reads stdin whole, final newlines included, into variable CONTENT. Files with NUL bytes are refused before.
read_content() { CONTENT="$(cat; printf x)"; CONTENT="${CONTENT%x}"; }

flush() { sync -- "$@" 2>/dev/null || sync; }

# The name is fixed, so that a run after a crash finds and removes what was left.
temporary_of() { printf '%s/.%s.openclaw-ai-gateway.tmp\n' "${1%/*}" "${1##*/}"; }

# place PATH MODE UID GID [DIGEST] <content: replaced in one step, or not at all; not when the file is no more the one of
# this digest. `cp -p` brings ACLs and labels along.
place() {
  local path="$1" mode="$2" uid="$3" gid="$4" tmp
  tmp="$(temporary_of "$path")"
  rm -f "$tmp"
  if [ -e "$path" ]; then cp -p "$path" "$tmp" && chmod u+w "$tmp" || return 1; else : >"$tmp" || return 1; fi
  cat >"$tmp" && own "$tmp" "$uid" "$gid" && chmod "$mode" "$tmp" && flush "$tmp" && is_still "$path" "${5-}" &&
    mv -f "$tmp" "$path" && flush "$(dirname "$path")" && return 0
  rm -f "$tmp"
  return 1
}

is_still() { [ -z "$2" ] || [ "$(digest_of "$1")" = "$2" ]; }

# Changes the owner only where it differs: a user who is not root may not even name the same owner everywhere.
own() { [ "$(stat -c '%u %g' "$1")" = "$2 $3" ] || chown "$2:$3" "$1"; }

# keep_edited PATH: a copy under another name, of an edit that cannot stay where it is.
keep_edited() {
  local copy="$1.edited" number=1 tmp
  while [ -e "$copy" ] && [ "$(digest_of "$copy")" != "$(digest_of "$1")" ]; do
    number=$((number + 1)) copy="$1.edited.$number"
  done
  tmp="$(temporary_of "$copy")"
  cp -p "$1" "$tmp" && mv -f "$tmp" "$copy" && flush "$copy" || { rm -f "$tmp"; return 1; }
  say "note: edits of ${1##*/} are in ${copy##*/}"
}

remove() { rm -f "$1" && flush "$(dirname "$1")"; }

# seal <plain >sealed; unseal <sealed >plain. The pass phrase comes in through a descriptor: arguments and environment
# of a process can be read by others.
seal() { cipher -e; }
unseal() { cipher -d; }
cipher() {
  { printf '%s\n' "$SEAL" | openssl enc "$1" -aes-256-cbc -pbkdf2 -salt -pass fd:4 4<&0 <&5; } 5<&0 2>/dev/null
}

# keep_sealed NAME <plain: writes sealed file NAME and the digest of the plain text, and proves that it opens again.
keep_sealed() {
  local file="$1" sum
  read_content
  sum="$(printf '%s' "$CONTENT" | digest)"
  printf '%s' "$CONTENT" | seal >"$file" && printf '%s\n' "$sum" >"$file.sha256" && flush "$file" "$file.sha256" &&
    [ "$(unseal <"$file" | digest)" = "$sum" ]
}

# open_sealed NAME: the plain text, if the seal is whole and the pass phrase is the one that closed it.
open_sealed() {
  [ "$(unseal <"$1" | digest)" = "$(cat "$1.sha256")" ] || return 1
  unseal <"$1"
}

# read_field FILE NAME: value of a line "NAME value".
read_field() { [ ! -f "$1" ] || sed -n "s/^$2 //p" "$1"; }
