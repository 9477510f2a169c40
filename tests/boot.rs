//! The boot programs, run below a directory.
#![allow(clippy::disallowed_methods, reason = "this test runs programs")]

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

const GENERATOR: &str = env!("CARGO_BIN_EXE_hostwright-generator");
const NETWORK: &str = env!("CARGO_BIN_EXE_hostwright-network");
const GOOD: &str = "[host]\nname = \"a\"\nsystemd = 252\n[nic.eno1]\naddresses = [\"192.0.2.2/24\"]\n[vlan.v42]\nid = 42\nparent = \"eno1\"\n[mount.a]\nwhere = \"/srv/a\"\nsource = { volume = \"vg/a\" }\ntype = \"ext4\"\n";

fn root(specs: &[(&str, &str)]) -> TempDir {
    let root = TempDir::new().expect("a directory");
    for (path, text) in specs {
        let path = root.path().join(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
        fs::write(path, text).expect("a spec");
    }
    root
}

fn run(program: &str, root: &Path, arguments: &[&Path]) -> Output {
    let output =
        Command::new(program).args(arguments).env("HOSTWRIGHT_ROOT", root).output().expect("a program");
    assert!(output.status.success(), "{output:?}");
    output
}

fn generate(root: &Path) -> BTreeMap<String, String> {
    let out = TempDir::new().expect("a directory");
    run(GENERATOR, root, &[out.path()]);
    tree(out.path())
}

/// Returns all files below a directory with what they hold; links with where they lead.
fn tree(directory: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut open = vec![directory.to_owned()];
    while let Some(next) = open.pop() {
        for path in fs::read_dir(next).expect("a directory").flatten().map(|it| it.path()) {
            let name = path.strip_prefix(directory).expect("below").display().to_string();
            match fs::read_link(&path) {
                Ok(target) => drop(found.insert(name, format!("-> {}", target.display()))),
                Err(_) if path.is_dir() => open.push(path),
                Err(_) => drop(found.insert(name, fs::read_to_string(&path).expect("a text"))),
            }
        }
    }
    found
}

/// What somebody should look at concerns whoever writes the spec, not the boot.
#[test]
fn warnings_are_not_said_at_boot() {
    let spec = "[host]\nname = \"a\"\nsystemd = 252\n[iscsi.a]\ntarget = \"iqn.2026-01.example:a\"\nportals = [\"10.0.0.1\"]\n";
    let root = root(&[("etc/hostwright/applied.toml", spec)]);
    let out = TempDir::new().expect("a directory");
    for (program, arguments) in [(GENERATOR, &[out.path()][..]), (NETWORK, &[])] {
        let output = run(program, root.path(), arguments);
        assert!(output.stdout.is_empty() && output.stderr.is_empty(), "{output:?}");
    }
    assert!(tree(out.path()).contains_key("hostwright-iscsi-a.service"));
    assert!(!root.path().join("run/hostwright/fallback").exists());
}

/// A rule that came after the apply must not keep the host from its network.
#[test]
fn what_was_applied_boots_though_it_would_be_refused_today() {
    let fight = "[nic.eno2]\naddresses = [\"192.0.2.2/25\"]\n[lints]\nnever-heard-of = { allow = \"it\" }\n";
    let spec = format!("{GOOD}{fight}");
    let target = hostwright::host::Target { systemd: 252, binaries: String::new() };
    let sources = hostwright::spec::Sources::single("host.toml", &spec);
    assert!(hostwright::compile(&sources, &target).0.is_none());
    let root = root(&[("etc/hostwright/applied.toml", &spec)]);
    run(NETWORK, root.path(), &[]);
    assert!(root.path().join("run/systemd/network/10-hostwright-eno2.network").exists());
    assert!(generate(root.path()).contains_key("srv-a.mount"));
}

#[test]
fn without_a_spec_nothing_is_written() {
    let root = root(&[]);
    assert!(generate(root.path()).is_empty());
    run(NETWORK, root.path(), &[]);
    assert!(tree(root.path()).is_empty());
}

#[test]
fn one_or_three_directories_give_the_same_and_units_alone() {
    let root = root(&[("etc/hostwright/applied.toml", GOOD)]);
    let one = generate(root.path());
    let [normal, early, late] = [(); 3].map(|()| TempDir::new().expect("a directory"));
    run(GENERATOR, root.path(), &[normal.path(), early.path(), late.path()]);
    assert_eq!(tree(normal.path()), one);
    assert!(tree(early.path()).is_empty() && tree(late.path()).is_empty());
    let names: Vec<_> = one.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        ["local-fs.target.wants/srv-a.mount", "srv-a.mount", "systemd-networkd.service.d/50-hostwright.conf"]
    );
    assert_eq!(tree(root.path()).len(), 1, "the generator writes to its directory alone");
}

#[test]
fn the_network_program_writes_files_of_networkd_alone() {
    let root = root(&[("etc/hostwright/applied.toml", GOOD)]);
    run(NETWORK, root.path(), &[]);
    let written = tree(root.path());
    let own = |name: &&String| {
        name.starts_with("run/systemd/network/") || name.starts_with("run/systemd/networkd.conf.d/")
    };
    assert_eq!(written.keys().filter(own).count(), 6);
    assert_eq!(written.len(), 7);
}

#[test]
fn a_second_run_touches_nothing_and_removes_what_is_stale() {
    let root = root(&[("etc/hostwright/applied.toml", GOOD)]);
    run(NETWORK, root.path(), &[]);
    let network = root.path().join("run/systemd/network");
    fs::write(network.join("90-foreign.network"), "# hostwright [x]\n").expect("a file");
    fs::write(network.join("10-hostwright-old.network"), "# hostwright [vlan.old]; do not edit\n")
        .expect("a file");
    let stat =
        || fs::metadata(network.join("10-hostwright-eno1.network")).map(|it| (it.ino(), it.mtime_nsec()));
    let before = stat().expect("a file");
    run(NETWORK, root.path(), &[]);
    assert_eq!(stat().expect("a file"), before);
    assert!(
        network.join("90-foreign.network").exists() && !network.join("10-hostwright-old.network").exists()
    );
}

#[test]
fn nothing_is_written_while_networkd_runs() {
    let processes = "sys/fs/cgroup/system.slice/systemd-networkd.service/cgroup.procs";
    let root = root(&[("etc/hostwright/applied.toml", GOOD), (processes, "412\n")]);
    run(NETWORK, root.path(), &[]);
    assert_eq!(tree(root.path()).len(), 2);
}

#[test]
fn the_running_spec_goes_first() {
    let other = GOOD.replace("/srv/a", "/srv/b");
    let root = root(&[("run/hostwright/running.toml", &other), ("etc/hostwright/applied.toml", GOOD)]);
    assert!(generate(root.path()).contains_key("srv-b.mount"));
}

#[test]
fn a_broken_spec_falls_back_and_says_so() {
    let broken = format!("{GOOD}[vlan.bad]\nid = 5000\n");
    let root = root(&[("etc/hostwright/applied.toml", &broken), ("etc/hostwright/applied.toml~", GOOD)]);
    assert!(generate(root.path()).contains_key("srv-a.mount"));
    assert!(root.path().join("run/motd.d/50-hostwright").exists());
    let said = fs::read_to_string(root.path().join("run/hostwright/fallback")).expect("a word");
    assert!(
        said.contains("VLAN id 5000") && said.contains("the host runs /etc/hostwright/applied.toml~"),
        "{said}"
    );
    fs::write(root.path().join("etc/hostwright/applied.toml"), GOOD).expect("mended");
    generate(root.path());
    assert!(
        !root.path().join("run/hostwright/fallback").exists()
            && !root.path().join("run/motd.d/50-hostwright").exists()
    );
}

/// What a reset left of a file is no spec that says nothing, and one that somebody removed is missed.
#[test]
fn an_applied_spec_that_is_empty_or_gone_falls_back_and_says_so() {
    let applied = "etc/hostwright/applied.toml";
    let said =
        |root: &TempDir| fs::read_to_string(root.path().join("run/hostwright/fallback")).unwrap_or_default();
    let empty = root(&[(applied, ""), ("etc/hostwright/applied.toml~", GOOD)]);
    assert!(generate(empty.path()).contains_key("srv-a.mount"));
    assert!(said(&empty).contains("applied.toml cannot be used"), "{}", said(&empty));
    let gone = root(&[("etc/hostwright/applied.toml~", GOOD)]);
    assert!(generate(gone.path()).contains_key("srv-a.mount"));
    assert!(said(&gone).contains("applied.toml is not there"), "{}", said(&gone));
    let running = root(&[("run/hostwright/running.toml", ""), (applied, GOOD)]);
    assert!(generate(running.path()).is_empty(), "what a host goes back to that had none");
    assert_eq!(said(&running), "");
}

#[test]
fn specs_that_are_all_broken_write_nothing() {
    let root = root(&[("etc/hostwright/applied.toml", "["), ("etc/hostwright/applied.toml~", "x = 1")]);
    assert!(generate(root.path()).is_empty());
    run(NETWORK, root.path(), &[]);
    assert!(!root.path().join("run/systemd").exists());
}

#[test]
fn users_and_the_initrd_get_nothing() {
    let root = root(&[("etc/hostwright/applied.toml", GOOD)]);
    for (name, value) in [("SYSTEMD_SCOPE", "user"), ("SYSTEMD_IN_INITRD", "1")] {
        let out = TempDir::new().expect("a directory");
        let status = Command::new(GENERATOR)
            .arg(out.path())
            .env("HOSTWRIGHT_ROOT", root.path())
            .env(name, value)
            .status();
        assert!(status.is_ok_and(|it| it.success()) && tree(out.path()).is_empty());
    }
}

/// Reads the names of the libraries that a program needs from its dynamic section.
fn needed(program: &str) -> Vec<String> {
    let output = Command::new("readelf").args(["--dynamic", "--wide", program]).output();
    let Ok(output) = output else {
        eprintln!("skipped: no readelf here");
        return Vec::new();
    };
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let lines = text.lines().filter(|it| it.contains("(NEEDED)"));
    lines.filter_map(|it| Some(it.split_once('[')?.1.trim_end_matches(']').to_owned())).collect()
}

#[test]
fn the_boot_programs_link_libc_alone() {
    for program in [GENERATOR, NETWORK] {
        for library in needed(program) {
            let allowed = ["libc.so", "libgcc_s.so", "ld-linux"].iter().any(|it| library.starts_with(it));
            assert!(allowed, "{program} needs {library}");
        }
    }
}

/// `src/build.rs` ends a program that would raise to a power.
#[test]
fn no_template_raises_to_a_power() {
    for kind in hostwright::kind::KINDS {
        assert!(kind.templates().iter().all(|(_, text)| !text.contains("**")));
    }
}

/// Files of others lie aside while the spec that is booted has their links, and come back as they were.
#[test]
fn files_of_others_lie_aside_while_the_spec_has_their_links() {
    let uplink = "etc/systemd/network/20-uplink.network";
    let drop_in = "etc/systemd/network/20-uplink.network.d/a.conf";
    let other = "etc/systemd/network/30-other.network";
    let list = "[[file]]\npath = \"/etc/systemd/network/20-uplink.network\"\nlinks = [\"eno1\"]\n\
                [[file]]\npath = \"/etc/systemd/network/20-uplink.network.d/a.conf\"\nlinks = [\"eno1\", \"v42\"]\n\
                [[file]]\npath = \"/etc/systemd/network/30-other.network\"\nlinks = [\"eno1\", \"eno7\"]\n";
    let root = root(&[
        ("etc/hostwright/applied.toml", GOOD),
        ("etc/hostwright/taken-over.toml", list),
        (uplink, "[Match]\nName=eno1\n"),
        (drop_in, "[Network]\n"),
        (other, "[Match]\n"),
    ]);
    let metadata =
        |path: &str| fs::metadata(root.path().join(path)).map(|it| (it.ino(), it.mtime_nsec(), it.mode()));
    let before = [uplink, drop_in].map(|it| metadata(it).expect("a file"));
    run(NETWORK, root.path(), &[]);
    assert!(metadata(uplink).is_err() && metadata(drop_in).is_err() && metadata(other).is_ok());
    let aside = |path: &str| format!("etc/hostwright/taken-over/{path}");
    assert_eq!(metadata(&aside(uplink)).expect("it lies aside"), before[0]);
    run(NETWORK, root.path(), &[]);
    assert_eq!(metadata(&aside(drop_in)).expect("it still lies aside"), before[1]);
    fs::write(root.path().join("etc/hostwright/applied.toml"), "[host]\nname = \"a\"\n").expect("a spec");
    run(NETWORK, root.path(), &[]);
    assert_eq!([uplink, drop_in].map(|it| metadata(it).expect("it is back")), before);
}

/// Whoever puts a file back in its place meanwhile keeps both.
#[test]
fn neither_of_two_files_is_lost() {
    let uplink = "etc/systemd/network/20-uplink.network";
    let aside = "etc/hostwright/taken-over/etc/systemd/network/20-uplink.network";
    let list = "[[file]]\npath = \"/etc/systemd/network/20-uplink.network\"\nlinks = [\"eno1\"]\n";
    let root = root(&[
        ("etc/hostwright/applied.toml", GOOD),
        ("etc/hostwright/taken-over.toml", list),
        (uplink, "new"),
        (aside, "old"),
    ]);
    run(NETWORK, root.path(), &[]);
    let files = tree(root.path());
    assert_eq!((files[uplink].as_str(), files[aside].as_str()), ("new", "old"));
}
