//! Tests with namespaces that have a name, a process or a mount alone; `ip` makes what is looked at.

use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use hostwright::observed::Space;
use nix::mount::{MntFlags, MsFlags, mount, umount2};
use nix::sched::unshare;

use super::*;
use crate::machine::cgroup;

fn ip(arguments: &str) -> bool {
    Command::new("ip").args(arguments.split(' ')).status().is_ok_and(|it| it.success())
}

/// Runs a test in a new network namespace with two linked ends, `one` and `two`.
fn in_namespace(test: impl FnOnce() + Send + 'static) {
    let inside = || {
        if unshare(CloneFlags::CLONE_NEWNET | CloneFlags::CLONE_NEWNS).is_err() {
            return println!("skipped: no network namespaces here");
        }
        let private = MsFlags::MS_REC | MsFlags::MS_PRIVATE;
        mount(None::<&str>, "/", None::<&str>, private, None::<&str>).expect("mounts of its own");
        assert!(ip("link add one type veth peer name two"), "two ends");
        test();
    };
    thread::spawn(inside).join().expect("the test in the namespace");
}

fn links() -> BTreeMap<String, ObservedLink> {
    Netlink::default().links(&BTreeMap::new()).expect("links")
}

fn found(is: impl Fn(&Door) -> bool) -> Option<(Door, Elsewhere)> {
    let found = look(&links());
    assert_eq!(found.unseen, BTreeSet::new());
    found.elsewhere.into_iter().find(|it| is(&it.0))
}

/// A named namespace that goes with the test.
struct Named(String);

impl Drop for Named {
    fn drop(&mut self) {
        ip(&format!("netns del {}", self.0));
    }
}

/// A process in a namespace of its own that ends with the test.
struct Alone(Child);

impl Alone {
    fn start() -> Self {
        let child = Command::new("unshare").args(["-n", "sleep", "600"]).spawn().expect("a process");
        let own = fs::metadata("/proc/thread-self/ns/net").expect("the own one").ino();
        let path = format!("/proc/{}/ns/net", child.id());
        let begin = Instant::now();
        while fs::metadata(&path).expect("its namespace").ino() == own {
            assert!(begin.elapsed() < Duration::from_secs(30), "it has a namespace of its own");
            thread::sleep(Duration::from_millis(5));
        }
        Self(child)
    }

    fn takes(&self, link: &str) -> bool {
        ip(&format!("link set {link} netns {}", self.0.id()))
    }

    fn space(&self) -> Space {
        cgroup::holder(Path::new("/"), self.0.id())
    }
}

impl Drop for Alone {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_session_in_a_namespace_goes_over_the_parent_here() {
    in_namespace(|| {
        let named = Named(format!("hostwright-test-{}", std::process::id()));
        let name = named.0.as_str();
        if !ip(&format!("netns add {name}")) || !ip("link add mv0 link one type macvlan") {
            return println!("skipped: no named namespace or no macvlan here");
        }
        assert!(ip(&format!("link set mv0 netns {name}")) && ip(&format!("link set two netns {name}")));
        for command in ["link set lo up", "link set mv0 up", "addr add 192.0.2.2/24 dev mv0"] {
            assert!(ip(&format!("-n {name} {command}")));
        }
        let space = Space::Named(name.to_owned());
        let (door, _) = found(|it| it.space == space).expect("it is found");
        let open = within(&door, |_, _| {
            let listener = TcpListener::bind("192.0.2.2:179").expect("bound");
            let stream = TcpStream::connect("192.0.2.2:179").expect("connected");
            Ok((listener.accept().expect("accepted"), stream))
        });
        let ((passive, _), active) = open.expect("inside").expect("another namespace");
        let (door, found) = found(|it| it.space == space).expect("it is found");
        assert_eq!(found.built, [("mv0".to_owned(), "one".to_owned())].into(), "`two` is a pair's end");
        assert_eq!(found.sessions.len(), 2, "both ends are there");
        assert!(found.sessions.iter().all(|it| it.over == ["one".to_owned()].into()), "{found:?}");
        assert_eq!(sessions(&door).map(|it| it.len()), Some(2));
        // A process that another test just starts may still have the descriptors of this one.
        [&passive, &active].into_iter().for_each(|it| it.shutdown(Shutdown::Both).expect("shut down"));
        assert_eq!(sessions(&door), Some(Vec::new()));
        drop(named);
        assert_eq!(sessions(&door), None, "it is gone");
    });
}

#[test]
fn what_a_process_has_on_links_here_is_found_without_a_name() {
    in_namespace(|| {
        let alone = Alone::start();
        let mut expected = BTreeMap::new();
        let kinds = ["macvlan", "macvtap", "ipvlan", "vlan id 7", "vxlan id 7 dstport 4789"];
        for (kind, there) in kinds.into_iter().zip(["mv0", "mt0", "iv0", "vl0", "vx0"]) {
            // An ipvlan and a macvlan cannot have one parent.
            let parent = if kind == "ipvlan" { "two" } else { "one" };
            let below = if kind.starts_with("vxlan") { "dev" } else { "link" };
            let (first, rest) = kind.split_once(' ').unwrap_or((kind, ""));
            let made = match below {
                "dev" => format!("link add {there} type {kind} dev {parent}"),
                _ => format!("link add {there} link {parent} type {first} {rest}"),
            };
            if ip(made.trim_end()) {
                assert!(alone.takes(there), "{kind}");
                expected.insert(there.to_owned(), parent.to_owned());
            } else {
                println!("skipped: this kernel has no {first}");
            }
        }
        assert!(ip("link add three type veth peer name four") && alone.takes("four"));
        let (door, found) = found(|it| it.space == alone.space()).expect("it is found");
        assert_eq!(found.built, expected);
        assert_eq!(sessions(&door), Some(Vec::new()));
        drop(alone);
        assert_eq!(sessions(&door), None, "it is gone");
    });
}

#[test]
fn a_mount_keeps_a_namespace_when_its_process_is_gone() {
    in_namespace(|| {
        let directory = tempfile::tempdir().expect("a directory");
        let place = directory.path().join("kept here");
        fs::write(&place, "").expect("a place");
        let alone = Alone::start();
        if !ip("link add mv0 link one type macvlan") {
            return println!("skipped: this kernel has no macvlan");
        }
        assert!(alone.takes("mv0"));
        let namespace = format!("/proc/{}/ns/net", alone.0.id());
        mount(Some(namespace.as_str()), &place, None::<&str>, MsFlags::MS_BIND, None::<&str>)
            .expect("mounted");
        let space = alone.space();
        let (door, _) = found(|it| it.space == space).expect("a process says more than a mount");
        drop(alone);
        assert_eq!(sessions(&door), Some(Vec::new()), "it is entered by its mount");
        let space = Space::Mounted(place.to_string_lossy().into_owned());
        let (door, kept) = found(|it| it.space == space).expect("it is found");
        assert_eq!(kept.built, [("mv0".to_owned(), "one".to_owned())].into());
        // A process that another test just starts may have a descriptor of it.
        umount2(&place, MntFlags::MNT_DETACH).expect("unmounted");
        assert_eq!(sessions(&door), None, "it is gone");
    });
}

#[test]
fn a_namespace_is_entered_by_another_process_when_the_first_is_gone() {
    in_namespace(|| {
        let first = Alone::start();
        if !ip("link add mv0 link one type macvlan") || !first.takes("mv0") {
            return println!("skipped: this kernel has no macvlan");
        }
        let (door, _) = found(|it| it.space == first.space()).expect("it is found");
        let second = within(&door, |_, _| Ok(Command::new("sleep").arg("600").spawn().expect("a process")));
        let second = Alone(second.expect("inside").expect("it is there"));
        drop(first);
        assert_eq!(sessions(&door), Some(Vec::new()));
        drop(second);
        assert_eq!(sessions(&door), None);
    });
}

#[test]
fn connections_are_counted_where_the_kernel_says_so() {
    let counters = "Ip: Forwarding\nIp: 1\nTcp: RtoMin CurrEstab InSegs\nTcp: 200 3 77\nUdp: x\n";
    assert_eq!(connections(counters), Some(3));
    for text in ["", "Tcp: CurrEstab\n", "Tcp: RtoMin\nTcp: 0\n"] {
        assert_eq!(connections(text), None, "{text}");
    }
}
