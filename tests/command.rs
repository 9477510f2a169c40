//! The command below a directory: exits, stored plans, history, rollback, the lock.
#![allow(clippy::disallowed_methods, reason = "this test runs programs")]

#[path = "command/outputs.rs"]
mod outputs;
#[path = "command/printed.rs"]
mod printed;
#[path = "command/root.rs"]
mod root;

use std::fs;
use std::path::Path;

use nix::fcntl::{Flock, FlockArg};
use root::{Root, walk};

const HOST: &str = "[host]\nname = \"a\"\n[nic.eno1]\n";
const VLAN: &str = "[vlan.v42]\nid = 42\nparent = \"eno1\"\n";

#[test]
fn a_spec_with_errors_touches_nothing() {
    let root = Root::new("[host]\nname = \"a\"\n[vlan.v42]\nid = 5000\nparent = \"eno1\"\n");
    let before = root.files();
    for command in [&["check"][..], &["plan"], &["apply", "--yes"], &["build", "--out", "/nowhere"]] {
        let text = root.exits(command, 1, "error[invalid-value]: VLAN id 5000 is not between 1 and 4094");
        assert!(text.contains("host.toml:4:6") && text.contains("error[unknown-reference]"), "{text}");
    }
    let lock = root.path("run/hostwright/lock").display().to_string();
    assert_eq!(root.files().into_iter().filter(|it| *it != lock).collect::<Vec<_>>(), before);
}

/// A spec that somebody should look at still compiles: it is said on standard error, and in JSON.
#[test]
fn warnings_are_said_and_stop_nothing() {
    let root = Root::new(
        "[host]\nname = \"a\"\n[iscsi.a]\ntarget = \"iqn.2026-01.example:a\"\nportals = [\"10.0.0.1\"]\n",
    );
    for command in [&["check"][..], &["plan"], &["plan", "--format", "json"], &["apply", "--yes"]] {
        let text = root.exits(command, 0, "warning[single-portal]");
        assert!(text.contains("host.toml:5:"), "{text}");
    }
    let json = root.exits(&["check", "--format", "json"], 0, "\"single-portal\"");
    assert!(json.contains("\"severity\": \"warning\""), "{json}");
}

/// What is applied compiles although it would be refused today: else nobody could change it.
#[test]
fn what_is_applied_can_be_left_behind() {
    let root = Root::new("[host]\nname = \"a\"\n[nic.eno1]\naddresses = [\"192.0.2.2/24\"]\n");
    let twice = "[host]\nname = \"a\"\n[nic.eno1]\naddresses = [\"192.0.2.2/24\", \"192.0.2.2/25\"]\n";
    fs::write(root.path("etc/hostwright/applied.toml"), twice).expect("an applied spec");
    root.exits(
        &["check", &root.path("etc/hostwright/applied.toml").display().to_string()],
        1,
        "duplicate-address",
    );
    root.exits(&["apply", "--yes"], 0, "");
    root.exits(&["check", &root.path("etc/hostwright/applied.toml").display().to_string()], 0, "");
}

#[test]
fn changes_are_told_by_the_exit_only_where_asked() {
    let root = Root::new(HOST);
    root.exits(&["plan"], 0, "+ nic eno1");
    root.exits(&["plan", "--exit-code"], 3, "+ nic eno1");
    root.exits(&["apply"], 2, "--yes");
    root.exits(&["apply", "--yes"], 0, "generation 1 is applied");
    root.exits(&["plan", "--exit-code"], 0, "nothing to do");
    root.exits(&["status"], 0, "applied: generation 1");
}

#[test]
fn a_stored_plan_is_refused_when_spec_or_machine_have_changed() {
    let root = Root::new(HOST);
    let plan = root.path("plan.json").display().to_string();
    root.exits(&["plan", "-o", &plan], 0, "+ nic eno1");
    root.spec(&format!("{HOST}{VLAN}"));
    root.exits(&["apply", "--plan", &plan, "--yes"], 5, "the spec is not what");
    root.spec(HOST);
    fs::create_dir_all(root.path("run/systemd/network")).expect("a directory");
    fs::write(root.path("run/systemd/network/10-hostwright-eno1.network"), "").expect("a file");
    root.exits(&["apply", "--plan", &plan, "--yes"], 5, "the machine is not what");
    fs::remove_file(root.path("run/systemd/network/10-hostwright-eno1.network")).expect("removed");
    root.exits(&["apply", "--plan", &plan, "--yes"], 0, "generation 1 is applied");
}

#[test]
fn rollback_returns_to_the_generation_before() {
    let root = Root::new(HOST);
    root.exits(&["rollback", "--yes"], 2, "no other generation");
    root.exits(&["apply", "--yes"], 0, "generation 1");
    let first = root.files();
    root.spec(&format!("{HOST}{VLAN}"));
    root.exits(&["apply", "--yes"], 0, "+ vlan v42");
    assert!(root.path("run/systemd/network/10-hostwright-v42.netdev").exists());
    root.exits(&["rollback", "--yes"], 0, "- vlan v42");
    let network =
        |files: Vec<String>| files.into_iter().filter(|it| it.contains("/run/systemd/")).collect::<Vec<_>>();
    assert_eq!(network(root.files()), network(first));
    let history = root.exits(&["history"], 0, "rollback to 1");
    assert_eq!(history.lines().count(), 3);
    root.exits(&["rollback", "2", "--yes", "-m", "as it was meant"], 0, "+ vlan v42");
    root.exits(&["rollback", "9", "--yes"], 2, "this host has 1, 2, 3, 4");
    root.exits(&["history", "4"], 0, "as it was meant");
    root.exits(&["diff", "1", "2"], 0, "+[vlan.v42]");
    root.exits(&["diff", "3"], 0, "10-hostwright-v42.netdev");
    root.exits(&["rollback", "3", "--yes"], 0, "- vlan v42");
    root.exits(&["status"], 0, "machine: as applied");
}

/// An edit that changes nothing is kept, but is none to return from.
#[test]
fn rollback_does_not_return_to_what_is_the_same() {
    let root = Root::new(HOST);
    root.exits(&["apply", "--yes"], 0, "generation 1");
    root.spec(&format!("{HOST}{VLAN}"));
    root.exits(&["apply", "--yes"], 0, "generation 2");
    root.spec(&format!("# storage comes later\n{HOST}{VLAN}"));
    root.exits(&["apply", "--yes"], 0, "nothing to do");
    root.exits(&["rollback", "--yes"], 0, "- vlan v42");
}

/// One generation that cannot be read, or that a later version wrote, is named and stops nothing but a way back past it.
#[test]
fn a_generation_that_cannot_be_read_is_left_out() {
    let root = Root::new(HOST);
    root.exits(&["apply", "--yes"], 0, "generation 1");
    root.spec(&format!("{HOST}{VLAN}"));
    root.exits(&["apply", "--yes"], 0, "generation 2");
    for number in [3, 4] {
        let directory = root.path(&format!("var/lib/hostwright/generations/{number}"));
        fs::create_dir_all(&directory).expect("a directory");
        let second = fs::read_to_string(directory.with_file_name("2").join("generation.json")).expect("read");
        let later = second.replace("\"format_version\": 1", "\"format_version\": 2");
        assert_ne!(second, later);
        let text = if number == 3 { "torn" } else { &later };
        fs::write(directory.join("generation.json"), text).expect("written");
    }
    root.exits(&["history"], 0, "   3  cannot read ");
    root.exits(&["history"], 0, "   4  cannot read generation 4: format 2 is of a later version");
    root.exits(&["history"], 0, "   2  ");
    root.exits(&["status"], 0, "history: cannot read generation 4: ");
    root.exits(&["status"], 0, "last: generation 2 is applied");
    root.exits(&["rollback", "4", "--yes"], 2, "of a later version");
    root.exits(&["rollback", "--yes"], 2, "generation 4 may be the one before, and cannot read ");
    root.exits(&["rollback", "--yes"], 2, "say which generation to return to");
    root.exits(&["rollback", "1", "--yes"], 0, "generation 5 is applied");
    root.exits(&["status"], 0, "applied: generation 5");
}

/// What changes how an apply is watched, and nothing on the host, is in the history, and so is the way back.
#[test]
fn the_history_has_each_spec_that_was_applied() {
    let root = Root::new(HOST);
    root.exits(&["apply", "--yes"], 0, "generation 1");
    root.exits(&["apply", "--yes"], 0, "nothing to do");
    root.spec(&format!("{HOST}[safety]\nwatch = \"5s\"\n"));
    root.exits(&["apply", "--yes", "-m", "look for less long"], 0, "generation 2 is applied");
    let history = root.exits(&["history"], 0, "look for less long");
    assert_eq!(history.lines().count(), 2, "{history}");
    root.exits(&["rollback", "--yes"], 0, "generation 3 is applied");
    root.exits(&["history"], 0, "rollback to 1");
    let applied = fs::read_to_string(root.path("etc/hostwright/applied.toml")).expect("a spec");
    assert_eq!(applied, HOST);
}

#[test]
fn a_confirm_window_in_which_nothing_can_be_seen_is_refused() {
    let root = Root::new(HOST);
    for time in ["0s", "500ms", "4s"] {
        root.exits(&["apply", "--yes", "--confirm", time], 2, "at least 5 s");
    }
    root.exits(&["apply", "--yes", "--confirm", "5s"], 0, "generation 1");
}

/// Before the first generation the host had no spec: that is what is left.
#[test]
fn rollback_of_the_first_generation_leaves_the_host_as_it_was() {
    let root = Root::new(HOST);
    root.exits(&["apply", "--yes"], 0, "generation 1");
    root.exits(&["rollback", "--yes"], 0, "- nic eno1");
    assert!(!root.path("etc/hostwright/applied.toml").exists());
    assert!(!root.path("run/systemd/network/10-hostwright-eno1.network").exists());
    root.exits(&["history"], 0, "rollback to the host as it was");
    root.exits(&["rollback", "--yes"], 0, "+ nic eno1");
    root.exits(&["status"], 0, "machine: as applied");
}

/// What is written is checked, and never over a spec that is there.
#[test]
fn init_writes_a_spec_once() {
    let root = Root::new(HOST);
    root.exits(&["init"], 2, "it is there already");
    fs::write(root.path("etc/hostname"), "hv7.example.net\n").expect("a name");
    fs::write(root.path("etc/fstab"), "/dev/vg/a /srv/a ext4 defaults 0 2\n").expect("a table");
    root.exits(&["init", "--out", "-"], 0, "# [mount.srv-a]");
    fs::remove_file(root.path("etc/hostwright/host.toml")).expect("removed");
    root.exits(&["init"], 0, "host.toml");
    root.exits(&["check"], 0, "");
    let text = fs::read_to_string(root.path("etc/hostwright/host.toml")).expect("a spec");
    assert!(text.contains("name = \"hv7\""), "{text}");
    let schema = text.lines().next().and_then(|it| it.strip_prefix("#:schema file:///")).expect("a schema");
    root.exits(&["install"], 0, schema);
    let schema = fs::read_to_string(root.path(schema)).expect("the schema is there");
    assert!(schema.contains("https://json-schema.org/draft/2020-12/schema"), "{schema}");
}

#[test]
fn a_step_that_fails_is_taken_back() {
    let root = Root::new(HOST);
    fs::create_dir_all(root.path("run/systemd")).expect("a directory");
    fs::write(root.path("run/systemd/networkd.conf.d"), "in the way").expect("a file");
    root.exits(&["apply", "--yes"], 4, "was taken back");
    assert!(!root.path("etc/hostwright/applied.toml").exists());
    assert!(!root.path("run/systemd/network/10-hostwright-eno1.network").exists());
    root.exits(&["history"], 0, "taken back");
    let one = root.exits(&["history", "1"], 0, "at the last look:");
    assert!(!one.contains("behind the last step"), "{one}");
}

#[test]
fn a_lock_that_is_held_names_its_holder() {
    let root = Root::new(HOST);
    fs::create_dir_all(root.path("run/hostwright")).expect("a directory");
    fs::write(root.path("run/hostwright/lock"), "somebody, process 1, since 2026-01-01 00:00:00 UTC\n")
        .expect("a lock");
    let file = fs::File::open(root.path("run/hostwright/lock")).expect("a lock");
    let held = Flock::lock(file, FlockArg::LockExclusive).expect("held");
    root.exits(&["apply", "--yes"], 7, "locked by somebody, process 1, since 2026-01-01");
    drop(held);
    root.exits(&["apply", "--yes"], 0, "is applied");
}

#[test]
fn a_build_is_the_same_twice() {
    let root = Root::new(&format!("{HOST}{VLAN}"));
    let [one, two] = ["one", "two"].map(|it| root.path(it));
    for out in [&one, &two, &two] {
        root.exits(&["build", "--out", &out.display().to_string()], 0, "");
    }
    let tree = |directory: &Path| {
        let mut found = Vec::new();
        walk(directory, &mut found);
        found.sort();
        found
            .into_iter()
            .map(|it| (it[directory.display().to_string().len()..].to_owned(), fs::read(it).ok()))
            .collect::<Vec<_>>()
    };
    assert_eq!(tree(&one), tree(&two));
}
