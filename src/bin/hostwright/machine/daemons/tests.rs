//! Daemons faked over sockets, and what becomes of those that hang or talk nonsense.

mod routes;

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::net::{UnixListener, UnixStream};
use std::thread;
use std::time::Instant;

use nix::sys::socket::{AddressFamily, Backlog, SockFlag, SockType, UnixAddr, bind, connect, listen, socket};

use hostwright::observed::{ForeignRoute, Nexthop};

use super::*;
use crate::apply::guard::Fate;

const BFD: &str = "1020-IP address                Interface  State      Since         Interval  Timeout\n 192.0.2.1                 eno1       Up         02:51:29.081    0.300    0.900\n0000 \n";

/// Makes the directory of a host where these programs run.
fn host(programs: &[&str]) -> (tempfile::TempDir, Daemons) {
    let run = tempfile::tempdir().expect("a folder");
    ["bird", "frr"].iter().for_each(|it| fs::create_dir(run.path().join(it)).expect("made"));
    let process = |it: &&str| Process { name: (*it).to_owned(), path: "/proc/self".into() };
    let daemons = Daemons { run: run.path().to_owned(), processes: programs.iter().map(process).collect() };
    (run, daemons)
}

/// Answers questions at a socket, each as it is told to; no more are answered.
fn serve(path: &Path, greeting: &'static str, answers: &'static [(&'static str, &'static str)]) {
    let listener = UnixListener::bind(path).expect("bound");
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a caller");
        let _ = stream.write_all(greeting.as_bytes());
        for (question, answer) in answers {
            assert_eq!(heard(&mut stream), *question);
            let _ = stream.write_all(answer.as_bytes());
        }
        let _ = stream.read(&mut [0; 1]);
    });
}

fn heard(stream: &mut UnixStream) -> String {
    let mut bytes = Vec::new();
    let mut byte = [0];
    while stream.read(&mut byte).is_ok_and(|it| it == 1) && !matches!(byte[0], b'\n' | 0) {
        bytes.push(byte[0]);
    }
    String::from_utf8(bytes).expect("text")
}

fn silent(told: &Told) -> String {
    told.silent.iter().cloned().collect::<Vec<_>>().join("; ")
}

#[test]
fn bird_is_asked_without_the_right_to_change_anything() {
    let (run, daemons) = host(&["bird"]);
    serve(
        &run.path().join("bird/bird.ctl"),
        "0001 BIRD 2.17 ready.\n",
        &[
            ("restrict", "0016 Access restricted\n"),
            (
                "show protocols all",
                "2002-Name       Proto      Table      State  Since         Info\n1002-oddport    BGP        ---        up     02:51:32.307  Established   \n1006-  BGP state:          Established\n     Neighbor address: 192.0.2.5\n     Source address:   192.0.2.2\n \n0000 \n",
            ),
            (
                "show status",
                "1000-BIRD 2.17\n1011-Router ID is 192.0.2.2\n Current server time is 2026-11-26 02:51:50.374\n0013 Daemon is up and running\n",
            ),
            ("show bfd sessions", BFD),
        ],
    );
    let told = daemons.tell();
    assert_eq!(silent(&told), "");
    assert_eq!((told.sessions.len(), told.sessions[0].age), (1, Some(18)));
    assert!(told.bfd.iter().all(|it| it.up) && told.bfd.len() == 1);
}

#[test]
fn the_guard_asks_for_bfd_alone() {
    let (run, daemons) = host(&["bird", "zebra", "bgpd"]);
    let answers = &[
        ("restrict", "0016 Access restricted\n"),
        ("show bfd sessions", "9001 There is no BFD protocol running\n"),
    ];
    serve(&run.path().join("bird/bird.ctl"), "0001 BIRD 2.17 ready.\n", answers);
    assert_eq!(daemons.bfd(), Some(BTreeSet::new()));
}

#[test]
fn frr_is_asked_as_vtysh_asks() {
    let (run, daemons) = host(&["zebra", "bgpd", "bfdd"]);
    let enabled = ("enable", "\0\0\0\0");
    serve(
        &run.path().join("frr/bgpd.vty"),
        "",
        Box::leak(Box::new([
            enabled,
            (
                "show bgp vrf all neighbors json",
                "{\"default\":{\"vrfId\":0,\"192.0.2.5\":{\"bgpState\":\"Established\",\"hostForeign\":\"192.0.2.5\"}}}\n\0\0\0\0",
            ),
            ("show bgp peer-group json", "% Unknown command\n\0\0\0\u{2}"),
        ])),
    );
    let peers = "[{\"peer\":\"192.0.2.1\",\"status\":\"up\"}]\n\0\0\0\0";
    serve(
        &run.path().join("frr/bfdd.vty"),
        "",
        Box::leak(Box::new([enabled, ("show bfd peers json", peers)])),
    );
    let told = daemons.tell();
    assert_eq!(silent(&told), "");
    assert_eq!((told.sessions.len(), told.ranges.len(), told.bfd.len()), (1, 0, 1));
}

#[test]
fn one_that_hangs_costs_two_seconds_and_is_named() {
    let (run, daemons) = host(&["bird", "bgpd", "bfdd"]);
    serve(&run.path().join("bird/bird.ctl"), "0001 BIRD 2.17 ready.\n", &[("restrict", "0016 ")]);
    let _accepts_nobody = UnixListener::bind(run.path().join("frr/bgpd.vty")).expect("bound");
    let begin = Instant::now();
    let told = daemons.tell();
    assert!(begin.elapsed() < LIMIT * 2, "{:?}", begin.elapsed());
    let words = silent(&told);
    assert!(words.contains("BIRD: it did not answer within 2 s"), "{words}");
    assert!(words.contains("FRR's bgpd: it did not answer within 2 s"), "{words}");
    assert!(words.contains("FRR's bfdd: ") && words.contains("frr/bfdd.vty: "), "{words}");
    assert_eq!(daemons.bfd(), None, "nobody knows");
}

#[test]
fn one_that_has_a_full_queue_is_not_waited_for() {
    let (run, daemons) = host(&["bfdd"]);
    let address = UnixAddr::new(&run.path().join("frr/bfdd.vty")).expect("an address");
    let new =
        || socket(AddressFamily::Unix, SockType::Stream, SockFlag::SOCK_NONBLOCK, None).expect("a socket");
    let listener = new();
    bind(listener.as_raw_fd(), &address).expect("bound");
    listen(&listener, Backlog::new(1).expect("a length")).expect("listens");
    let mut waiting = Vec::new();
    while waiting.last().is_none_or(|it: &OwnedFd| connect(it.as_raw_fd(), &address).is_ok()) {
        waiting.push(new());
    }
    let begin = Instant::now();
    let words = silent(&daemons.tell());
    assert!(begin.elapsed() < LIMIT && words.contains("it accepts nobody"), "{words}");
}

#[test]
fn one_that_talks_nonsense_is_named() {
    let (run, daemons) = host(&["bird", "bfdd"]);
    let nonsense =
        &[("restrict", "0016 ok\n"), ("show protocols all", "0000 \n"), ("show status", "0000 \n")];
    serve(&run.path().join("bird/bird.ctl"), "0001 BIRD 2.17 ready.\n", nonsense);
    serve(
        &run.path().join("frr/bfdd.vty"),
        "",
        &[("enable", "\0\0\0\0"), ("show bfd peers json", "who\0\0\0\0")],
    );
    let words = silent(&daemons.tell());
    assert!(words.contains("BIRD: its answer has another form"), "{words}");
    assert!(words.contains("FRR's bfdd: its answer has another form"), "{words}");
}

/// Answers of FRR 8.4: a group that it retired, one that somebody else deleted, one that lost a member with its link, and the
/// same where the link has come back and the kernel has not.
#[test]
fn nexthops_that_zebra_counts_on_are_told_from_those_that_it_changed() {
    let object = |id: u32, flags: &str, rest: &str| {
        format!(
            "ID: {id} (zebra)\n     RefCnt: 1\n     Uptime: 00:00:13\n     VRF: default\n{flags}{rest}\0\0\0\0"
        )
    };
    let (valid, installed) = ("     Valid\n", "     Valid, Installed\n");
    let over = |it: &str| format!("     Interface Index: 3\n           {it} (vrf default), weight 1\n");
    let group = |one: u32, two: u32| {
        let ways = "           via 192.0.2.1, u0 (vrf default), weight 1\n           via 198.18.0.1, w0 (vrf default), weight 1\n";
        format!("     Depends: ({one}) ({two})\n{ways}")
    };
    let one = || (10, object(10, installed, &over("via 192.0.2.1, u0")));
    let answers = [
        (11, "Nexthop Group ID: 11 does not exist\n\0\0\0\u{1}".to_owned()),
        (23, object(23, installed, &group(10, 12))),
        one(),
        (12, object(12, installed, &over("via 198.18.0.1, w0"))),
        (24, object(24, installed, &group(10, 13))),
        one(),
        (13, object(13, "", &over("via 198.18.0.1, w0"))),
        (25, object(25, installed, &group(10, 14))),
        one(),
        (14, object(14, installed, &over("via 198.18.0.1, w0"))),
        (26, object(26, valid, &over("is directly connected, w0"))),
        (27, object(27, "", &over("is directly connected, w0"))),
        (28, object(28, installed, &over("via 192.0.2.1, u0"))),
        (29, object(29, installed, &over("via 192.0.2.7, u0"))),
        (30, "% Unknown command: show nexthop-group rib 30\n\0\0\0\u{2}".to_owned()),
    ];
    let leaked = |text: String| -> &'static str { Box::leak(text.into_boxed_str()) };
    let questions =
        answers.map(|(id, answer)| (leaked(format!("show nexthop-group rib {id}")), leaked(answer)));
    let all: Vec<_> = [("enable", "\0\0\0\0")].into_iter().chain(questions).collect();
    let (run, _) = host(&[]);
    serve(&run.path().join("frr/zebra.vty"), "", all.leak());

    let nexthop = |protocol: u8, id: u32, via: Option<&str>, members: &[u32]| Nexthop {
        id,
        protocol,
        device: via.map(|_| "u0".to_owned()),
        via: via.map(|it| it.parse().expect("an address")),
        members: members.iter().copied().collect(),
        rest: String::new(),
    };
    let gone = [11, 23, 24, 25, 26, 27, 28, 29, 30].map(|id| nexthop(11, id, None, &[]));
    let now = [
        nexthop(11, 24, None, &[10]),
        nexthop(11, 25, None, &[10]),
        nexthop(11, 28, Some("192.0.2.1"), &[]),
        nexthop(11, 29, Some("192.0.2.1"), &[]),
    ];
    let fates =
        |run: &Path, gone: &[Nexthop], now: &BTreeSet<Nexthop>| Witnesses::at(run, || 0).fates(gone, now);
    let found = fates(run.path(), &gone, &now.into());
    let retired = [11, 24, 27, 28].map(|it| (it, Fate::Retired));
    assert_eq!(found, retired.into_iter().chain([(26, Fate::Waits)]).collect());
    assert_eq!(fates(Path::new("/nowhere"), &gone, &BTreeSet::new()), BTreeMap::new());
    let of_others = [nexthop(186, 11, None, &[])];
    assert_eq!(fates(run.path(), &of_others, &BTreeSet::new()), BTreeMap::new());
}

#[test]
fn the_sockets_of_a_process_are_its_own() {
    let (_run, daemons) = host(&["bird"]);
    let (one, _two) = UnixStream::pair().expect("a pair");
    let target = fs::read_link(format!("/proc/self/fd/{}", one.as_raw_fd())).expect("a descriptor");
    let inode = target.to_string_lossy().trim_start_matches("socket:[").trim_end_matches(']').parse();
    assert!(daemons.sockets().contains(&inode.expect("a number")));
}
