#!/usr/bin/env bash
# Builds the release: dist/pawl-VERSION-linux-ARCH.tar.gz with the binary, the licences of what is linked in, and
# SHA256SUMS beside it. usage: tools/release.sh [DIRECTORY]   (default: dist)
#
# The binary is static: no shared library, no symbols, nothing of the build tree. It starts on any Linux of the same
# processor. The script checks that before it packs: no interpreter in the ELF header, and a run with an empty
# environment in an empty directory.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/setup.sh"
out="$(realpath -m "${1:-$ROOT/dist}")"
cd "$ROOT"
"${BAZEL[@]}" build --config=release --noshow_progress --show_result=0 //tools:pawl

work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
install -m 755 bazel-bin/tools/pawl "$work/pawl"
if readelf --program-headers --wide "$work/pawl" | grep -q INTERP; then
  setup_say "the release binary still wants a dynamic linker"
  exit 1
fi
mkdir "$work/empty"
version="$(cd "$work/empty" && env -i "$work/pawl" --version | awk 'NR==1{print $2}')"
[ -n "$version" ] || {
  setup_say "the release binary does not say its version"
  exit 1
}

name="pawl-$version-linux-$(uname -m)"
mkdir -p "$work/$name/licenses" "$out"
install -m 755 "$work/pawl" "$work/$name/pawl"
for file in README.md LICENSE; do [ ! -f "$file" ] || cp "$file" "$work/$name/"; done
# The licences: those that come with the sources, and third_party/licenses for the others.
cp third_party/licenses/*.txt "$work/$name/licenses/"
external="$("${BAZEL[@]}" info output_base 2>/dev/null)/external"
for row in abseil:com_google_absl/LICENSE re2:com_googlesource_code_re2/LICENSE nlohmann_json:nlohmann_json/LICENSE.MIT \
  tomlplusplus:tomlplusplus/LICENSE cli11:cli11/LICENSE; do
  cp -L "$external/${row#*:}" "$work/$name/licenses/${row%%:*}.txt"
done
# The same tree gives the same archive: fixed order, owner and time.
tar --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$(git log -1 --format=%ct 2>/dev/null || echo 0)" \
  -cf - -C "$work" "$name" | gzip -n -9 >"$out/$name.tar.gz"
(cd "$out" && sha256sum "$name.tar.gz" >SHA256SUMS)
setup_say "wrote $out/$name.tar.gz ($(stat -c %s "$work/pawl") bytes in the binary)"
