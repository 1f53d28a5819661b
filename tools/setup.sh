# shellcheck shell=bash
# What ./run, ./test and .ci/run share: Debian packages, builds, the Python environment of the tests. Sourced by bash, at the root
# of the checkout. Nothing here needs root when nothing is missing.

say() { printf '%s\n' "$*" >&2; }
die() {
  say "error: $1"
  shift
  for line in "$@"; do say "  $line"; done
  exit 1
}

# missing_packages FILE...: the packages listed in the files that are not installed, one a line.
missing_packages() {
  local wanted installed
  wanted=$(sed -e 's/#.*//' -e 's/[[:space:]]//g' -e '/^$/d' "$@" | sort -u)
  command -v dpkg-query >/dev/null || die "this is no Debian machine (dpkg-query is missing)" "herder builds on Debian 12."
  # shellcheck disable=SC2086  # one word a package
  installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' $wanted 2>/dev/null | sed -n 's/^installed //p' | sort -u) || true
  comm -23 <(printf '%s\n' "$wanted") <(printf '%s\n' "$installed")
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# install_packages FILE...: installs what is missing; asks apt for new lists only when the ones at hand do not do.
install_packages() {
  local missing install
  missing=$(missing_packages "$@" | tr '\n' ' ') || exit 1
  [ -n "${missing// /}" ] || return 0
  if [ "$(id -u)" != 0 ] && ! command -v sudo >/dev/null; then
    die "these Debian packages are missing, and installing them needs root: $missing" "as root: apt-get install $missing"
  fi
  say "installing Debian packages: $missing"
  mkdir -p build
  # shellcheck disable=SC2206  # one word a package
  install=(env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing)
  as_root "${install[@]}" >build/apt.log 2>&1 && return 0
  as_root apt-get update -q >>build/apt.log 2>&1 || { tail -n 20 build/apt.log >&2; die "apt-get update failed" "the whole output is in build/apt.log"; }
  as_root "${install[@]}" >>build/apt.log 2>&1 || { tail -n 20 build/apt.log >&2; die "apt-get install failed" "the whole output is in build/apt.log"; }
}

# build PRESET [TARGET...]: configures when needed and builds; prints only when it fails.
build() {
  local preset=$1 log=build/$1.log
  shift
  mkdir -p build
  if [ ! -f "build/$preset/build.ninja" ]; then
    cmake --preset "$preset" >"$log" 2>&1 || { cat "$log" >&2; die "cmake failed for preset $preset"; }
  fi
  if ! ninja -C "build/$preset" "$@" >"$log" 2>&1; then
    # From the first failure on; what was built before it is noise.
    sed -n '/^FAILED: /,$p' "$log" | head -n 200 >&2
    grep -q '^FAILED: ' "$log" || tail -n 40 "$log" >&2
    die "the build of preset $preset failed" "the whole output is in $log"
  fi
}

# link_compile_commands PRESET: for editors and clang-tidy.
link_compile_commands() {
  if [ -f "build/$1/compile_commands.json" ]; then ln -sfn "build/$1/compile_commands.json" compile_commands.json; fi
}

# make_venv: build/venv with what packaging/python-test-requirements.txt pins; made anew when that file changes.
make_venv() {
  local wanted=packaging/python-test-requirements.txt
  cmp -s "$wanted" build/venv/requirements.txt && return 0
  say "making build/venv from $wanted"
  rm -rf build/venv
  mkdir -p build
  { python3 -m venv build/venv && build/venv/bin/pip install -q --disable-pip-version-check -r "$wanted"; } >build/venv.log 2>&1 ||
    { tail -n 20 build/venv.log >&2; die "the Python packages of the tests could not be installed" "the whole output is in build/venv.log"; }
  cp "$wanted" build/venv/requirements.txt
}
