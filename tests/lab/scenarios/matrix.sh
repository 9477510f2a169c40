# What each operation disturbs for one routing daemon and one uplink, foretold and measured: `tests/lab/matrix` runs it
# shellcheck shell=bash disable=SC2034,SC2154

NEEDS_BINARIES=yes
LIMIT=7200

# On the machine that starts the lab only the settings above are read.
if [[ -e /lab/in/inside/matrix.sh ]]; then
    # shellcheck source=../inside/matrix.sh
    source /lab/in/inside/matrix.sh
fi
