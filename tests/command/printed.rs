//! What the command prints, and where nobody reads it.

use std::fs;
use std::process::Command;

use super::HOST;
use super::root::Root;

#[test]
fn formats_are_for_people_lines_and_programs() {
    let root = Root::new("[host]\nname = \"a\"\nsitte = \"b\"\n");
    let text = root.exits(&["check"], 1, "unknown-key");
    assert!(text.contains("hint: did you mean `site`?") && text.contains("3 | sitte"), "{text}");
    let short = root.exits(&["check", "--format", "short"], 1, "host.toml:3:1: error[unknown-key]");
    assert_eq!(short.lines().count(), 1);
    let json = root.exits(&["check", "--format", "json"], 1, "\"format-version\": 1");
    let value: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(value["diagnostics"][0]["labels"][0]["line"], 3);
    assert!(root.exits(&["check", "--color", "always"], 1, "unknown-key").contains('\u{1b}'));
}

/// What follows the plan of an apply is no JSON.
#[test]
fn programs_read_one_value_of_an_apply() {
    let root = Root::new(HOST);
    let mut command = Command::new(env!("CARGO_BIN_EXE_hostwright"));
    command.args(["apply", "--yes", "--format", "json", "--root"]).arg(root.path(""));
    let output = command.output().expect("the command runs");
    let value: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(value["generation"], 1);
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(told.contains("generation 1 is applied"), "{told}");
}

#[test]
fn keys_and_codes_are_explained() {
    let root = Root::new(HOST);
    assert!(root.exits(&["explain", "--list"], 0, "domain.disk.cache").lines().count() > 40);
    root.exits(&["explain", "domain.disk.cache"], 0, "default \"none\"");
    root.exits(&["explain", "unknown-reference"], 0, "no table declares");
    root.exits(&["explain", "vlan.idd"], 2, "did you mean `vlan.id`?");
    root.exits(&["completions", "bash"], 0, "hostwright");
}

#[test]
fn who_says_whose_a_process_is_and_where_the_spec_has_it() {
    let root = Root::new("");
    let spec = "[host]\nname = \"hv1\"\n[container.ci1]\nrootfs = { source = { volume = \"vg/a\" }, type = \"ext4\" }\n[domain.web_1]\nmemory = \"1GiB\"\nvcpus = 1\n";
    for (path, text) in [
        ("etc/hostwright/applied.toml", spec),
        ("proc/7/cgroup", "0::/machine.slice/systemd-nspawn@ci1.service/payload/system.slice/x.service\n"),
        ("proc/7/comm", "postgres\n"),
        ("proc/8/cgroup", "0::/system.slice/ssh.service\n"),
        ("proc/8/comm", "sshd\n"),
        ("sys/fs/cgroup/machine.slice/systemd-nspawn@ci1.service/cpu.stat", "usage_usec 5\n"),
        ("sys/fs/cgroup/machine.slice/systemd-nspawn@ci1.service/memory.current", "3145728\n"),
        (r"sys/fs/cgroup/machine.slice/machine-qemu\x2d3\x2dweb1.scope/memory.current", "1024\n"),
    ] {
        let path = root.path(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
        fs::write(path, text).expect("a file");
    }
    let applied = root.path("etc/hostwright/applied.toml");
    let said = format!("7 (postgres): container ci1, {}:3\n", applied.display());
    root.exits(&["who", "7"], 0, &said);
    root.exits(&["who", "8"], 0, "8 (sshd): the host's\n");
    root.exits(&["who", "9"], 2, "look at process 9");
    let all = root.exits(&["who"], 0, "");
    let lines: Vec<_> = all.lines().collect();
    assert!(
        lines[0].starts_with("container ci1   CPU    0 %   memory   3.0 MiB   read         -/s"),
        "{all}"
    );
    assert!(lines[1].starts_with("domain web_1") && lines[1].ends_with(":5"), "{all}");
}

#[test]
fn output_that_nobody_reads_ends_the_command_without_a_word() {
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let mut command = Command::new(env!("CARGO_BIN_EXE_hostwright"));
    let output = command.args(["explain", "--list"]).stdout(writer).output().expect("the command runs");
    assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr).as_ref()), (Some(141), ""));
}

/// The sessions are those of the kernel that runs.
#[test]
fn targets_of_a_directory_have_no_sessions() {
    let root = Root::new(HOST);
    root.exits(&["iscsi", "status"], 2, "with `--root` there is no machine");
    root.exits(&["iscsi", "rescan", "san1"], 2, "with `--root` there is no machine");
}
