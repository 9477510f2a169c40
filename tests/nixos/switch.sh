# Sourced by run: nixpkgs' switch-to-configuration.pl between two systems, in a mount namespace of its own where
# systemctl and busctl only write down what they are asked

# Units that run, as busctl lists them.
running=(systemd-networkd.service hostwright-network.service systemd-nspawn@ci1.service iscsid.service
    multi-user.target sysinit.target)

# fake NAME BODY: a program of systemd's
fake() {
    printf '#!/bin/bash\n%s\n' "$2" > "$fakes/bin/$1"
    chmod +x "$fakes/bin/$1"
}

fakes=$scratch/fakes
mkdir -p "$fakes/bin" "$fakes/lib/systemd"
cp /bin/true "$fakes/lib/systemd/systemd"
fake systemctl "[[ \$1 == show ]] || echo \"systemctl \$*\" >> $scratch/asked"
fake loginctl ''
entries=$(printf '["%s","","loaded","active","running","","/",0,"","/"],' "${running[@]}")
fake busctl "echo '{\"data\":[[${entries%,}]]}'"

# toplevel HOST [ARGUMENT...]: a system as far as the script reads it
toplevel() {
    local units place=$scratch/toplevel-$1$((++toplevels))
    units=$(build "$1" units "${@:2}" 2> /dev/null)
    mkdir -p "$place/etc/systemd" "$place/sw"
    ln -s "$units" "$place/etc/systemd/system"
    ln -s "$fakes/bin" "$place/sw/bin"
    touch "$place/etc/fstab" "$place/init-interface-version"
    printf '#!/bin/bash\nexec bash %s/modules/activate.sh %s ""\n' "$root" "$(build "$1" spec "${@:2}" 2> /dev/null)" \
        > "$place/activate"
    chmod +x "$place/activate"
    ln -s activate "$place/dry-activate"
    sed -e "s|@out@|$place|; s|@toplevel@|$place|; s|@systemd@|$fakes|; s|@coreutils@|/usr|; s|@localeArchive@||" \
        -e 's|@installBootLoader@|true|; s|@distroId@|nixos|; s|@perl@|/usr|; s|@utillinux@|/|' \
        -e 's|@su@|/bin/true|; s|@shell@|/bin/bash|' "$switch_script" > "$place/switch"
    toplevel=$place
}
toplevels=0

# switched ACTION OLD NEW: prints what the script says and asks
switched() {
    : > "$scratch/asked"
    unshare --mount bash -euc '
        action=$1 old=$2 new=$3 etc=$4
        rm -rf "$etc" && mkdir -p "$etc/systemd"
        cp /etc/passwd /etc/group "$etc" && touch "$etc/NIXOS" "$etc/fstab"
        ln -s "$(readlink -f "$old/etc/systemd/system")" "$etc/systemd/system"
        mkdir -p "$etc/var"
        mount --bind "$etc" /etc
        mount --bind "$etc/var" /var/lib
        mount -t tmpfs tmpfs /run
        ln -s "$old" /run/current-system
        NIXOS_NO_SYNC=1 perl "$new/switch" "$action"
    ' - "$1" "$2" "$3" "$scratch/etc" 2>&1 || true
    cat "$scratch/asked"
}

# alone TEXT: nothing is done to what carries links, guests or disks
alone() {
    local touched
    [[ $1 == *"the configuration..."* ]] || { echo "it did not run: $1"; false; return; }
    touched=$(grep -vE 'NOT (stop|restart)' <<< "$1" | grep -E 'systemd-networkd|hostwright-network|nspawn@|iscsid' || true)
    [[ ! $touched ]] || { echo "$touched"; false; }
}

lib=
toplevel small && small=$toplevel
toplevel changed && changed=$toplevel
toplevel small --argstr systemd 258.1 --argstr revision /. && upgraded=$toplevel
toplevel naive && naive=$toplevel
for action in dry-activate test; do
    said=$(switched "$action" "$small" "$changed")
    claim "switch ($action): another spec touches no unit that runs" alone "$said"
    claim "switch ($action): it starts hostwright-switch" has "$said" hostwright-switch.service
    said=$(switched "$action" "$small" "$upgraded")
    claim "switch ($action): a new systemd and a new hostwright touch none either" alone "$said"
    claim "switch ($action): it says what it left" has "$said" 'changed units: hostwright-network.service'
    said=$(switched "$action" "$small" "$naive")
    claim "switch ($action): the naive way reloads networkd" grep -E 'reload(ing)? the following units: systemd-networkd' <<< "$said"
    claim "switch ($action): the naive way restarts containers" has "$said" systemd-nspawn@ci1.service
done
