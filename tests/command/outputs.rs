//! Files that the command is told to write.

use std::fs;
use std::os::unix::fs::{FileTypeExt, symlink};

use nix::sys::stat::Mode;
use nix::unistd::mkfifo;

use super::HOST;
use super::root::Root;

#[test]
fn a_name_alone_is_a_file_of_the_working_directory() {
    let root = Root::new(HOST);
    root.exits(&["plan", "-o", "plan.json"], 0, "+ nic eno1");
    root.exits(&["apply", "--plan", "plan.json", "--yes"], 0, "generation 1 is applied");
    root.exits(&["init", "--out", "host.toml"], 0, "host.toml");
    assert!(root.path("host.toml").is_file());
}

/// As root a file would take the place of a device.
#[test]
fn what_is_no_file_is_not_replaced_by_one() {
    let root = Root::new(HOST);
    let pipe = root.path("pipe");
    mkfifo(&pipe, Mode::S_IRWXU).expect("a pipe");
    root.exits(&["plan", "-o", "pipe"], 2, "pipe: it is there and is no regular file");
    assert!(fs::symlink_metadata(pipe).expect("it is there").file_type().is_fifo());
    symlink("elsewhere", root.path("link")).expect("a link");
    root.exits(&["plan", "-o", "link"], 2, "hint: name a file");
    assert!(root.path("link").is_symlink());
}
