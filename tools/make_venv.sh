#!/bin/sh
# make_venv.sh VENV [PYTHON]: make the virtual environment VENV with PYTHON, or with the first Python that is new enough.
# Prints nothing when it is ready, otherwise one sentence that says what is missing (make adds the full stop).

version() { "$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null; }

new_enough() { found=$(version "$1") && [ "${found%.*}" -eq 3 ] && [ "${found#*.}" -ge 11 ]; }

newline='
'

give_up() { echo "$1"; exit 1; }

venv=$1; shift

[ -x "$venv/bin/python" ] && new_enough "$venv/bin/python" && exit 0

if [ -n "$1" ]; then
    new_enough "$1" || give_up "Nonlinear needs Python 3.11 or newer, and PYTHON=$1 is ${found:-not a Python that runs}"
else
    set -- python3 python3.14 python3.13 python3.12 python3.11
fi

for python; do
    new_enough "$python" || continue
    "$python" -c 'import ensurepip, venv' >/dev/null 2>&1 || give_up \
        "$python lacks venv or ensurepip: install them (on Debian and Ubuntu: apt install python3-venv) and run make again"
    trouble=$("$python" -m venv --clear "$venv" 2>&1) ||
        give_up "$python could not make the virtual environment $venv: ${trouble##*"$newline"}"
    exit 0
done
give_up "Nonlinear needs Python 3.11 or newer and found none: install one, or name it with make PYTHON=/path/to/python3"
