#!/usr/bin/env bash
# Where the code host cannot be reached: gets every dependency that WORKSPACE names from package registries instead.
#
#   third_party/distdir/   archives, byte for byte those that WORKSPACE names; Bazel finds them there by --distdir
#   third_party/_local/    unpacked sources, for those that only live inside another package; given to Bazel by
#                          --override_repository (tools/setup.sh writes the flags)
#
# Every archive is checked by its SHA-256 before it is unpacked. Called by tools/setup.sh; does nothing, in a few
# milliseconds, when all is there. Needs apt-get with Debian's keyring, pip and cargo (for grammars also mvn).
set -euo pipefail
ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
D="$ROOT/third_party/distdir"
L="$ROOT/third_party/_local"

# file in distdir | SHA-256 | Debian source package | upstream version in Debian | its file | old prefix | new prefix
# (with a prefix: Debian's archive is `git archive` with another leading directory, see tools/retar.py)
DEBIAN_ARCHIVES="
20240722.0.tar.gz f50e5ac311a81382da7fa75b97310e4b9006474f9560ac46f54a9967f07d4ae3 abseil 20240722.0 abseil_20240722.0.orig.tar.gz abseil-20240722.0/ abseil-cpp-20240722.0/
2024-07-02.tar.gz eb2df807c781601c14a260a507a5bb4509be1ee626024cb45acbd57cb9d4032b re2 20240702 re2_20240702.orig.tar.gz
v3.11.3.tar.gz 0d8ef5af7f9794e3263480193c491549b2ba6cc74bb018906202ada498a79406 nlohmann-json3 3.11.3 nlohmann-json3_3.11.3.orig.tar.gz
release-1.12.1.tar.gz 81964fe578e9bd7c94dfdb09c8e4d6e6759e19967e397dbea48d1c10e45d0df2 googletest 1.12.1 googletest_1.12.1.orig.tar.gz
"
LIBPG_QUERY_SHA=457bfe74085c505ecaf5468416450969e2e52a66d26bc1a4b2f6944a2daee73f # pg_query-18.1.0.crate
LIBPQ_SHA=b335e98a4cdac5e3bff3fa043a45142a4b6dc9bc02885fc769ba4d30282c4dec       # pq-src-0.3.14+libpq-18.6.crate
CURL_SHA=cd39579123e45bf762716bb893d43886ed1cabe6289455be29a4f1d4e37afb06        # curl-sys-0.4.91+curl-8.22.0.crate
TOMLPLUSPLUS_SHA=61a0f73e7ba2fe8bba4e99ce6d2701491885850b53aad8f3e46d03c4b31e594d # pytomlpp-1.1.0.tar.gz
CLI11_SHA=0b8fbf2398875f15f30a675c7f412123a2aaa38df2863e991de72004fd5f1292 # cli11_2.4.1+ds.orig.tar.xz
ANTLR_RUNTIME_SHA=638c5d072229cfced47849201ee468f5972cdd59d3f458654ccad14460f41048 # fugue_sql_antlr_cpp-0.2.4.tar.gz
ANTLR_JAR=antlr-4.13.2-complete.jar
ANTLR_JAR_SHA=eae2dfa119a64327444672aff63e9ec35a20180dc5b8090b7a6ab85125df4d76

say() { echo "set-up: $*" >&2; }
die() {
  say "$*"
  exit 2
}
sha_is() { [ -f "$2" ] && echo "$1  $2" | sha256sum --check --status; }

# quietly WHAT COMMAND...: runs it up to three times (registries have bad moments); shows its output only if it fails.
quietly() {
  local what=$1 try
  shift
  for try in 1 2 3; do
    if "$@" >"$T/log" 2>&1 </dev/null; then return 0; fi
    sleep $((try * 2))
  done
  tail -n 20 "$T/log" >&2
  die "cannot get $what"
}

# --- What is missing? Without a Cypher grammar in the build the two parts of ANTLR are not needed.
needs_antlr() { grep -qs antlr4 "$ROOT"/grammars/BUILD.bazel "$ROOT"/grammars/*/BUILD.bazel; }
has_repo() { [ "$(cat "$L/$1/.sha256" 2>/dev/null)" = "$2" ]; }
missing_archives() {
  local file sha rest
  while read -r file sha rest; do
    # The name of an archive is as good as its bytes here: Bazel checks the SHA-256 again when it reads it.
    if [ -n "$file" ] && [ ! -f "$D/$file" ]; then echo "$file $sha $rest"; fi
  done <<<"$DEBIAN_ARCHIVES"
}
archives="$(missing_archives)"
todo=()
[ -z "$archives" ] || todo+=(archives)
has_repo libpg_query $LIBPG_QUERY_SHA || todo+=(libpg_query)
has_repo libpq $LIBPQ_SHA || todo+=(libpq)
has_repo curl $CURL_SHA || todo+=(curl)
has_repo tomlplusplus $TOMLPLUSPLUS_SHA || todo+=(tomlplusplus)
has_repo cli11 $CLI11_SHA || todo+=(cli11)
if needs_antlr; then
  has_repo antlr4_runtime $ANTLR_RUNTIME_SHA || todo+=(antlr4_runtime)
  [ -f "$D/$ANTLR_JAR" ] || todo+=(antlr4_tool)
fi
wanted() { case " ${todo[*]} " in *" $1 "*) return 0 ;; *) return 1 ;; esac; }

refresh_build_files() {
  local dir name
  for dir in "$L"/*/; do
    name="$(basename "$dir")"
    [ ! -f "$dir/.sha256" ] || cmp -s "$ROOT/third_party/$name.BUILD" "$dir/BUILD.bazel" ||
      cp "$ROOT/third_party/$name.BUILD" "$dir/BUILD.bazel"
  done
}
if [ ${#todo[@]} = 0 ]; then
  refresh_build_files
  exit 0
fi

# --- The clients.
mkdir -p "$D" "$L"
T="$(mktemp -d)"
trap 'rm -rf "$T"' EXIT
exec 9>"$L/.lock"
flock 9 # of two at once, the second waits, then finds little or nothing left to do

install_client() { # COMMAND PACKAGE
  "$ROOT/tools/setup.sh" --install "$2" || die "please install $2 (for $1): the code host cannot be reached and a package registry is used instead"
}
cargo_at_least_1_68() { # the first to speak the sparse protocol without being asked
  local version
  version="$(cargo --version 2>/dev/null | awk '{print $2}')" || return 1
  [ -n "$version" ] && [ "$(printf '1.68\n%s\n' "$version" | sort -V | head -n 1)" = 1.68 ]
}
if { wanted libpg_query || wanted libpq || wanted curl; } && ! cargo_at_least_1_68; then
  # Debian 12's `cargo` is 1.65; its `cargo-web` is current. Later Debians have a current `cargo`.
  package=cargo
  [ -z "$(apt-cache show cargo-web 2>/dev/null)" ] || package=cargo-web
  install_client cargo $package
fi
if { wanted tomlplusplus || wanted antlr4_runtime; } && ! python3 -m pip --version >/dev/null 2>&1; then
  install_client pip python3-pip
fi
if wanted antlr4_tool && ! command -v mvn >/dev/null; then install_client mvn maven; fi

# --- How each kind of package is fetched.
prepare_apt() { # deb-src of this machine's own Debian mirror, in a private configuration: nothing of the machine's changes
  [ ! -e "$T/apt.conf" ] || return 0
  local mirror key=/usr/share/keyrings/debian-archive-keyring.gpg suite
  [ -f $key ] || die "$key is missing: please install debian-archive-keyring"
  mirror="$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' | grep -v security | sort | uniq -c | sort -rn | awk 'NR==1{print $2}')"
  [ -n "$mirror" ] || die "apt has no package lists: run apt-get update"
  mkdir -p "$T/lists/partial" "$T/cache/archives/partial"
  for suite in bookworm trixie; do echo "deb-src [signed-by=$key] $mirror $suite main"; done >"$T/sources.list"
  cat >"$T/apt.conf" <<APT
Dir::Etc::SourceList "$T/sources.list";
Dir::Etc::SourceParts "/dev/null";
Dir::State::Lists "$T/lists";
Dir::Cache "$T/cache";
APT::Sandbox::User "root";
APT
  quietly "Debian's source lists" env APT_CONFIG="$T/apt.conf" apt-get update -qq
}
debian_source() { # PACKAGE UPSTREAM_VERSION FILE -> $T/FILE
  prepare_apt
  local version
  # (read to its end: closing the pipe early would make apt-cache fail)
  version="$(APT_CONFIG="$T/apt.conf" apt-cache showsrc "$1" |
    awk -v v="$2-" '$1 == "Version:" && index($2, v) == 1 && !found {print $2; found = 1}')"
  [ -n "$version" ] || die "the Debian mirror lists no source package $1 $2"
  fetch() { # a .dsc or .debian.tar.xz that the mirror lacks does not matter
    (cd "$T" && APT_CONFIG="$T/apt.conf" apt-get source --download-only "$1=$version") || true
    [ -f "$T/$3" ]
  }
  quietly "$3" fetch "$@"
}
pip_sdist() { # PACKAGE VERSION SHA256: pip checks the hash before it opens the archive
  echo "$1==$2 --hash=sha256:$3" >"$T/requirements.txt"
  quietly "$1 $2 (pip)" env PIP_DISABLE_PIP_VERSION_CHECK=1 \
    python3 -m pip download --no-deps --no-binary "$1" --require-hashes -r "$T/requirements.txt" -d "$T"
}
crate() { # NAME VERSION -> $T/NAME-VERSION.crate
  mkdir -p "$T/crate/src"
  : >"$T/crate/src/lib.rs"
  printf '[package]\nname = "f"\nversion = "0.0.0"\nedition = "2021"\n[dependencies]\n%s = "=%s"\n' "$1" "$2" >"$T/crate/Cargo.toml"
  quietly "$1 $2 (cargo)" env CARGO_HOME="$T/cargo" cargo fetch --target x86_64-unknown-linux-gnu --manifest-path "$T/crate/Cargo.toml"
  cp "$T"/cargo/registry/cache/*/"$1-$2.crate" "$T"
}
# repository NAME ARCHIVE SHA256 LEVELS SUBDIRECTORY MEMBER...: unpacks members, less their first LEVELS directories.
repository() {
  local name=$1 archive=$2 sha=$3 levels=$4 sub=$5
  shift 5
  sha_is "$sha" "$archive" || die "$name: $(basename "$archive") does not have the expected SHA-256 $sha"
  rm -rf "$L/$name.new"
  mkdir -p "$L/$name.new/$sub"
  tar xf "$archive" -C "$L/$name.new/$sub" --strip-components="$levels" "$@"
  cp "$ROOT/third_party/$name.BUILD" "$L/$name.new/BUILD.bazel"
  echo "workspace(name = \"$name\")" >"$L/$name.new/WORKSPACE"
  echo "$sha" >"$L/$name.new/.sha256"
  rm -rf "${L:?}/$name"
  mv "$L/$name.new" "$L/$name"
}
archive() { # FILE SHA256 DEBIAN_PACKAGE VERSION DEBIAN_FILE [OLD_PREFIX NEW_PREFIX]
  debian_source "$3" "$4" "$5"
  local got="$T/$5"
  if [ $# = 7 ]; then
    python3 "$ROOT/tools/retar.py" "$got" "$6" "$7" "$T/retar.tar.gz"
    got="$T/retar.tar.gz"
  fi
  sha_is "$2" "$got" || die "$5 does not have the expected SHA-256 $2"
  install -m 644 "$got" "$D/$1.new"
  mv "$D/$1.new" "$D/$1"
}

# --- Get them.
say "getting from package registries: ${todo[*]}"
if wanted archives; then
  while read -r -a row; do archive "${row[@]}"; done <<<"$archives"
fi
if wanted cli11; then # Debian left out upstream's book and CI files; include/ and src/ are upstream's
  debian_source cli11 2.4.1+ds cli11_2.4.1+ds.orig.tar.xz
  top=CLI11-2.4.1
  repository cli11 "$T/cli11_2.4.1+ds.orig.tar.xz" $CLI11_SHA 1 . $top/include $top/src $top/LICENSE
fi
if wanted libpg_query; then # inside pganalyze's own crate
  crate pg_query 18.1.0
  repository libpg_query "$T/pg_query-18.1.0.crate" $LIBPG_QUERY_SHA 2 . pg_query-18.1.0/libpg_query
fi
if wanted libpq; then # inside Diesel's crate: what libpq needs of upstream's release, unchanged
  crate pq-src 0.3.14+libpq-18.6
  repository libpq "$T/pq-src-0.3.14+libpq-18.6.crate" $LIBPQ_SHA 2 . pq-src-0.3.14+libpq-18.6/source
fi
if wanted curl; then # inside the crate of curl's Rust binding: upstream's tree of the release's tag
  crate curl-sys 0.4.91+curl-8.22.0
  top=curl-sys-0.4.91+curl-8.22.0/curl
  repository curl "$T/curl-sys-0.4.91+curl-8.22.0.crate" $CURL_SHA 2 . $top/include $top/lib $top/COPYING
fi
if wanted tomlplusplus; then # upstream's tree at the commit that WORKSPACE names
  pip_sdist pytomlpp 1.1.0 $TOMLPLUSPLUS_SHA
  top=pytomlpp-1.1.0/third_party/tomlplusplus
  repository tomlplusplus "$T/pytomlpp-1.1.0.tar.gz" $TOMLPLUSPLUS_SHA 3 . $top/include $top/src $top/LICENSE
fi
if wanted antlr4_runtime; then # upstream's C++ runtime at the commit that WORKSPACE names
  pip_sdist fugue-sql-antlr-cpp 0.2.4 $ANTLR_RUNTIME_SHA
  repository antlr4_runtime "$T/fugue_sql_antlr_cpp-0.2.4.tar.gz" $ANTLR_RUNTIME_SHA 3 runtime/Cpp/runtime/src \
    fugue_sql_antlr_cpp-0.2.4/fugue_sql_antlr_cpp/antlr4-cpp-runtime
fi
if wanted antlr4_tool; then
  quietly "the ANTLR tool (mvn)" mvn -q org.apache.maven.plugins:maven-dependency-plugin:3.6.0:copy \
    -Dartifact=org.antlr:antlr4:4.13.2:jar:complete -DoutputDirectory="$T"
  sha_is $ANTLR_JAR_SHA "$T/antlr4-4.13.2-complete.jar" || die "antlr4-4.13.2-complete.jar does not have the expected SHA-256"
  install -m 644 "$T/antlr4-4.13.2-complete.jar" "$D/$ANTLR_JAR"
fi
refresh_build_files
