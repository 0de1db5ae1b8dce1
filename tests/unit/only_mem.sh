#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# only_mem.sh ARCHIVE...: what the archives together need from outside is memcpy, memmove, memset and memcmp at most.
set -eu

needed=$(nm -u "$@" | sed -n 's/^ *U //p' | sort -u)
given=$(nm --defined-only "$@" | awk 'NF == 3 { print $3 }' | sort -u)
[ -n "$given" ] || { echo "$*: no symbols; is this an archive of object files?"; exit 1; }

case "$needed" in
*__asan_* | *__ubsan_* | *__sanitizer_*) echo "built with a sanitizer, which brings its own symbols: skipped"; exit 77 ;;
esac
wrong=$(printf '%s\n' "$needed" | grep -vxF -e memcpy -e memmove -e memset -e memcmp -e "$given") || exit 0
printf 'needs more than mem*:\n%s\n' "$wrong"
exit 1
