# Called by hostwright-switch.service: applies the system's spec and remembers one that does not hold
#
#   switch.sh HOSTWRIGHT SPEC [ROOT]
#
# Until it is known that the spec holds, a file in `unproven` with its checksum as name keeps it from being booted: see
# activate.sh.
set -euo pipefail

hostwright=$1
spec=$2
root=${3-}
state=$root/var/lib/hostwright
checksum=$(sha256sum < "$spec")
mark=$state/unproven/${checksum%% *}

marked=
if [[ -e $mark ]]; then marked=yes; fi

mkdir -p "$state/unproven"
rm -f "$state/pending"
touch "$mark"
sync "$mark" "$state/unproven" "$state"
status=0
"$hostwright" --root "${root:-/}" apply --yes "$spec" || status=$?
case $status in
0) rm -f "$mark" "$state/unproven.toml" ;;
# Errors in the spec, stopped before the first step, locked: nothing was tried.
1 | 5 | 7) if [[ ! $marked ]]; then rm -f "$mark"; fi ;;
esac
exit "$status"
