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

applied=$root/etc/hostwright/applied.toml

marked=
if [[ -e $mark ]]; then marked=yes; fi

# What is applied and did not come by this boot has held before.
has_held() {
    [[ ! $marked && -e $applied && $(<"$spec") == "$(<"$applied")" ]] &&
        ! grep --quiet --no-messages boot "$state/pending"
}

mkdir -p "$state/unproven"
if ! has_held; then
    touch "$mark"
    sync "$mark" "$state/unproven" "$state"
fi
rm -f "$state/pending"
status=0
"$hostwright" --root "${root:-/}" apply --yes "$spec" || status=$?
case $status in
0) rm -f "$mark" "$state/unproven.toml" && { sync "$state/unproven" || true; } ;;
# Errors in the spec, stopped before the first step, locked: nothing was tried.
1 | 5 | 7) if [[ ! $marked ]]; then rm -f "$mark"; fi ;;
esac
exit "$status"
