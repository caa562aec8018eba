#!/usr/bin/env bash
# Makes this machine able to build and test this checkout; says in one line each what it installs. Safe to run again:
# when there is nothing to do it prints nothing and takes some 50 ms.
#
#   tools/setup.sh                     set up, then say what was found
#   . tools/setup.sh                   the same for tools/run.sh and tools/test.sh: sets BAZEL, the command as an array
#   tools/setup.sh --install PACKAGE…  install Debian packages (used by tools/fetch_deps.sh)
#
#   PAWL_DEPS=upstream|registries      where dependencies come from; without it, upstream if the code host answers
#
# It writes .bazelrc.bazel4 (for Debian's Bazel 4.2.3) or .bazelrc.local (for others), both ignored by git. Where the
# code host does not answer, tools/fetch_deps.sh gets the same sources from package registries.
set -euo pipefail
ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"

setup_say() { echo "set-up: $*" >&2; }

# Installs the Debian packages that are not there yet.
setup_install() {
  local missing=() package sudo=()
  for package in "$@"; do
    dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
  done
  [ ${#missing[@]} != 0 ] || return 0
  if [ "$(id -u)" != 0 ]; then
    if ! command -v sudo >/dev/null; then
      setup_say "please run as root: apt-get install ${missing[*]}"
      return 2
    fi
    sudo=(sudo)
  fi
  setup_say "installing with apt-get: ${missing[*]}"
  local log
  log="$(mktemp)"
  # A mirror with one stale list is good enough if the install succeeds, so the update's own verdict does not count.
  "${sudo[@]}" apt-get update -qq >"$log" 2>&1 || true
  if ! "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends -o Acquire::Retries=3 "${missing[@]}" >>"$log" 2>&1 </dev/null; then
    tail -n 30 "$log" >&2
    rm -f "$log"
    setup_say "apt-get could not install ${missing[*]}"
    return 2
  fi
  rm -f "$log"
}

# Is OpenSSL here to link statically? (the compiler knows where it would be)
setup_has_openssl() {
  [ "$(uname -s)" != Darwin ] || return 0 # there the linker takes the shared one
  local cc file
  for cc in "${CC:-gcc}" cc clang; do ! command -v "$cc" >/dev/null || break; done
  file="$("$cc" -print-file-name=libssl.a 2>/dev/null)" && [ -f "$file" ] && [ -f "${file%libssl.a}libcrypto.a" ]
}

# Bazel, a C++ compiler, OpenSSL, and what the tests use.
setup_tools() {
  local packages=()
  if ! command -v bazelisk >/dev/null && ! command -v bazel >/dev/null; then
    # Debian 13's own Bazel dies when it opens an archive (NoClassDefFoundError in a Java library that is too new for it).
    if grep -qsx 'VERSION_CODENAME=trixie' /etc/os-release; then
      setup_say "please install Bazelisk: the Bazel that Debian 13 packages cannot unpack archives"
      return 2
    fi
    packages+=(bazel-bootstrap bazel-rules-java bazel-rules-proto bazel-skylib bazel-platforms)
  fi
  command -v "${CXX:-g++}" >/dev/null || command -v clang++ >/dev/null || packages+=(g++)
  setup_has_openssl || packages+=(libssl-dev)
  command -v python3 >/dev/null || packages+=(python3)
  command -v git >/dev/null || packages+=(git)
  [ ${#packages[@]} != 0 ] || return 0
  if ! command -v apt-get >/dev/null; then
    setup_say "please install Bazelisk (or Bazel 7), a C++20 compiler, OpenSSL's headers and static libraries (libssl.a, libcrypto.a)," \
      "python3 and git: this is not Debian, so nothing was installed"
    setup_say "missing here, by Debian's names: ${packages[*]}"
    return 2
  fi
  setup_install "${packages[@]}"
}

# Sets BAZEL, and in setup_rc and setup_flags the rc file for this Bazel and what belongs into it.
setup_find_bazel() {
  local deb=/usr/share/bazel name version
  if command -v bazelisk >/dev/null; then
    BAZEL=(bazelisk)
  else
    BAZEL=(bazel)
    # Debian's wrapper must take its own 4.2.3, which calls itself "no_version", whatever .bazelversion says.
    [ ! -x /usr/bin/bazel-4 ] || export USE_BAZEL_VERSION=4
  fi
  version="$(cd "$ROOT" && "${BAZEL[@]}" --version 2>/dev/null | awk 'NR==1{print $2}')" || version=""
  setup_bazel="${BAZEL[0]} ${version:-of unknown version}"
  setup_flags=()
  case "$version" in
    no_version* | 4.*)
      setup_rc="$ROOT/.bazelrc.bazel4"
      # .bazelrc has flags that 4.2.3 does not know.
      BAZEL+=("--noworkspace_rc" "--bazelrc=$setup_rc")
      setup_flags+=("import %workspace%/tools/common.bazelrc")
      for name in rules_cc remote_coverage_tools platforms; do
        setup_flags+=("common --override_repository=$name=$ROOT/third_party/shims/$name")
      done
      setup_flags+=("common --override_repository=rules_java=$deb/rules/java"
        "common --override_repository=rules_proto=$deb/rules/proto"
        "common --override_repository=bazel_skylib=$deb/tools/skylib"
        "build --nosandbox_debug --spawn_strategy=processwrapper-sandbox")
      ;;
    *)
      setup_rc="$ROOT/.bazelrc.local" # .bazelrc imports it
      if [ -d $deb/rules/cc ]; then   # Debian's Bazel 7
        for name in cc java proto python license; do
          setup_flags+=("common --override_repository=rules_$name=$deb/rules/$name")
        done
        setup_flags+=("common --override_repository=bazel_skylib=$deb/tools/skylib"
          "common --override_repository=bazel_features=$deb/tools/features"
          "common --override_repository=platforms=$deb/tools/platforms"
          "build --java_runtime_version=local_jdk --tool_java_runtime_version=local_jdk")
      fi
      ;;
  esac
}

# Prints upstream or registries. Asked once: the answer is then in the rc file.
setup_where_from() {
  local known
  if [ -n "${PAWL_DEPS:-}" ]; then
    case "$PAWL_DEPS" in
      upstream | registries) echo "$PAWL_DEPS" ;;
      *)
        setup_say "PAWL_DEPS is \`$PAWL_DEPS\`: it can be upstream or registries"
        return 2
        ;;
    esac
    return 0
  fi
  known="$(sed -n 's/^# dependencies: \(upstream\|registries\)$/\1/p' "$setup_rc" 2>/dev/null)" || true
  if [ -n "$known" ]; then
    echo "$known"
  elif GIT_TERMINAL_PROMPT=0 timeout 15 git ls-remote -q https://github.com/abseil/abseil-cpp HEAD >/dev/null 2>&1; then
    echo upstream
  else
    setup_say "the code host of the dependencies does not answer: using package registries"
    echo registries
  fi
}

setup_main() {
  local from name dir
  setup_tools
  setup_find_bazel
  from="$(setup_where_from)"
  if [ "$from" = registries ]; then
    "$ROOT/tools/fetch_deps.sh"
    setup_flags+=("common --distdir=third_party/distdir")
    for dir in "$ROOT"/third_party/_local/*/; do
      name="$(basename "$dir")"
      setup_flags+=("common --override_repository=$name=$ROOT/third_party/_local/$name")
    done
  fi
  printf '%s\n' "# Written by tools/setup.sh for ${setup_bazel}; not for git." "# dependencies: $from" "${setup_flags[@]}" >"$setup_rc.new"
  if cmp -s "$setup_rc.new" "$setup_rc"; then rm -f "$setup_rc.new"; else mv -f "$setup_rc.new" "$setup_rc"; fi
}

if [ "${BASH_SOURCE[0]}" != "$0" ]; then
  setup_main
elif [ "${1:-}" = --install ]; then
  shift
  setup_install "$@"
else
  setup_main
  setup_say "ready: $setup_bazel, dependencies from $(sed -n 's/^# dependencies: //p' "$setup_rc")"
fi
