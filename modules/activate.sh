# Called by NixOS's activation: a switch is told to start hostwright-switch.service, a boot gets the system's spec
#
#   activate.sh SPEC [ROOT]
#
# At boot this runs before PID 1 reads a unit. The spec of the system that boots becomes the applied one, so that
# `nixos-rebuild boot` and an older system of the boot menu bring what they say, with two exceptions: an apply that a
# reset tore is ended first, and a spec that was taken back on this host does not boot, unless nothing else ever held.
set -euo pipefail

spec=$1
root=${2-}
etc=$root/etc/hostwright
state=$root/var/lib/hostwright

was_taken_back() {
    local checksum mark
    checksum=$(sha256sum < "$1")
    mark=$state/unproven/${checksum%% *}
    # The file is what hostwright had for one of them at first.
    { [[ -e $mark ]] && ! was_kept "$1" "$mark"; } || same "$1" "$state/unproven.toml"
}

# was_kept FILE MARK: an apply that is kept writes its spec behind the mark, whoever was to take that away
was_kept() { same "$1" "$etc/applied.toml" && [[ $etc/applied.toml -nt $2 ]]; }

same() { [[ -e $1 && -e $2 && $(<"$1") == "$(<"$2")" ]]; }

say() { echo "hostwright: $*" >&2; }

# become FILE: makes its spec the applied one
become() {
    cp "$1" "$etc/applied.toml.new"
    chmod 644 "$etc/applied.toml.new"
    sync "$etc/applied.toml.new"
    mv "$etc/applied.toml.new" "$etc/applied.toml"
}

# A spec that an earlier boot brought is the applied one before it was known to hold, and stays it when it is taken back.
without_it() {
    local before=$etc/applied.toml~
    if same "$spec" "$etc/applied.toml"; then
        if [[ ! -e $before ]] || was_taken_back "$before"; then
            say "this system's spec was taken back, and no other is known to hold: booting it all the same"
            return
        fi
        become "$before"
    fi
    say "this system's spec was taken back: booting what was applied before it"
}

boot() {
    local unfinished=
    if same "$spec" "$etc/applied.toml" && grep --quiet --no-messages boot "$state/pending"; then unfinished=yes; fi
    rm -f "$state/pending"
    if [[ -e $state/journal ]]; then
        say 'an apply was torn and is ended first: booting what is applied'
    elif was_taken_back "$spec"; then
        without_it
    elif ! same "$spec" "$etc/applied.toml"; then
        mkdir -p "$etc" "$state"
        if [[ -e $etc/applied.toml ]]; then cp "$etc/applied.toml" "$etc/applied.toml~"; fi
        become "$spec"
        # Guests are defined once libvirt runs. Until then nobody knows whether it holds.
        echo boot > "$state/pending"
    elif [[ $unfinished ]]; then
        # The boot that brought it was reset before that.
        echo boot > "$state/pending"
    fi
}

case ${NIXOS_ACTION-boot} in
dry-activate) echo hostwright-switch.service >> "$root/run/nixos/dry-activation-restart-list" ;;
switch | test)
    mkdir -p "$state"
    touch "$state/pending"
    echo hostwright-switch.service >> "$root/run/nixos/activation-restart-list"
    ;;
*) boot ;;
esac
