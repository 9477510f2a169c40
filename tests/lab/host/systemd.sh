# The archive's packages of systemd: the newest, and those of the version before where it has both
# shellcheck shell=bash
# shellcheck disable=SC2154

fetch_systemd() {
    rm -rf "$1.part"
    mkdir "$1.part"
    mmdebstrap --quiet --variant=custom --format=null --aptopt='Acquire::Check-Valid-Until "false"' \
        --customize-hook="$lab/host/systemd-packages $1.part" "$(suite_column 2)"
    mv "$1.part" "$1"
}

hand_in_systemd() {
    local kept=$cache/$suite-systemd
    [[ -e $kept ]] || fetch_systemd "$kept" || stop_with 'the packages of systemd could not be fetched'
    cp -r "$kept" "$run/in/systemd"
}
