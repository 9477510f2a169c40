# The project's binaries: built on the host for the suite, handed in with the units
# shellcheck shell=bash
# shellcheck disable=SC2154

build_linked() {
    cargo build --quiet --release --features libvirt --manifest-path "$root/Cargo.toml" --target-dir "$root/target" >&2
    echo "$root/target/release"
}

# An explicit target keeps the flags away from proc-macros and build scripts.
build_static() {
    local target=x86_64-unknown-linux-gnu
    RUSTFLAGS='-C target-feature=+crt-static' cargo build --quiet --release --target "$target" \
        --manifest-path "$root/Cargo.toml" --target-dir "$root/target" >&2
    echo "$root/target/$target/release"
}

binaries_directory() {
    if [[ -n ${HOSTWRIGHT_BINARIES:-} ]]; then
        echo "$HOSTWRIGHT_BINARIES"
    elif [[ $(suite_column 3) == static ]]; then
        build_static
    else
        build_linked
    fi
}

hand_in_binaries() {
    local directory name
    directory=$(binaries_directory) || stop_with 'the binaries could not be built'
    mkdir "$run/in/bin"
    for name in hostwright hostwright-generator hostwright-network; do
        cp "$directory/$name" "$run/in/bin/" || stop_with "no $name in $directory"
    done
    [[ ! -d $root/units ]] || cp -r "$root/units" "$run/in/units"
}
