# The image of a suite: built once, kept until its package list or its build scripts change
# shellcheck shell=bash
# shellcheck disable=SC2154

image_key() {
    find "$lab/image" -type f -print0 | sort --zero-terminated | xargs --null cat | sha256sum | head -c 12
}

image_directory() {
    echo "$cache/$suite-$(image_key)"
}

# Built beside its final name, so that a build that was interrupted is never taken for an image, and one that is there
# needs not wait for another's.
build_image() {
    [[ ! -e $image/disk.img ]] || return 0
    exec 9> "$cache/$suite.lock"
    flock 9
    if [[ ! -e $image/disk.img ]]; then
        echo "lab: building the image of $suite, log in $cache/$suite-build.log" >&2
        rm -rf "$image.part"
        mkdir "$image.part"
        "$lab/image/build" "$suite" "$(suite_column 2)" "$image.part" > "$cache/$suite-build.log" 2>&1 ||
            stop_with "the image of $suite could not be built: $(tail --lines=3 "$cache/$suite-build.log")"
        mv "$image.part" "$image"
    fi
    exec 9>&-
}

# The kernel unpacked, which the machine would do at each boot; where it is not packed by xz, the file as it is.
unpacked_kernel() {
    local unpacked=$image/vmlinux
    if [[ ! -e $unpacked ]]; then
        python3 "$lab/host/unpack_kernel.py" "$image/kernel" > "$unpacked.$$" && mv "$unpacked.$$" "$unpacked"
    fi
    echo "$unpacked"
}
