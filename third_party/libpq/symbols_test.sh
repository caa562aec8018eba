#!/usr/bin/env bash
# usage: symbols_test.sh ARCHIVE...   (the first is libpq's)
# In a static link the first definition of a name serves everybody. So no two of the archives may define the same one, none may
# define one of OpenSSL's, and libpq may define nothing but its API and the names that private_names.h gave a prefix.
set -euo pipefail

failed=0
# Names that begin with two underscores belong to the compiler and its sanitizers.
defined() { nm -g --defined-only "$1" 2>/dev/null | awk 'NF == 3 && $3 !~ /^__/ {print $3}' | sort -u; }
wrong() {
  echo "$1"
  sed 's/^/    /' <<<"$2"
  failed=1
}

archives=("$@")
for name in ssl crypto; do
  file="$("${CC:-cc}" -print-file-name=lib$name.a)"
  [ ! -f "$file" ] || archives+=("$file")
done
for ((i = 0; i < ${#archives[@]}; i++)); do
  defined "${archives[i]}" >"$TEST_TMPDIR/$i"
  # An empty list would let everything pass.
  [ "$(wc -l <"$TEST_TMPDIR/$i")" -gt 50 ] || wrong "nm finds next to nothing in" "${archives[i]}"
done

stray="$(grep -vE '^(PQ|lo_|libpq_private_|pg_char_to_encoding$|pg_encoding_to_char$|pg_valid_server_encoding_id$)' "$TEST_TMPDIR/0" || true)"
[ -z "$stray" ] || wrong "not in private_names.h:" "$stray"
for ((i = 0; i < ${#archives[@]}; i++)); do
  for ((j = i + 1; j < ${#archives[@]}; j++)); do
    both="$(comm -12 "$TEST_TMPDIR/$i" "$TEST_TMPDIR/$j")"
    [ -z "$both" ] || wrong "in both ${archives[i]} and ${archives[j]}:" "$both"
  done
done
# A source file left out of libpq would be replaced by the server's version of it without a word.
foreign="$(nm -g --undefined-only "$1" 2>/dev/null | awk 'NF == 2 && $2 !~ /^__/ {print $2}' | sort -u | comm -12 - "$TEST_TMPDIR/1")"
[ -z "$foreign" ] || wrong "libpq would take from libpg_query:" "$foreign"
exit $failed
