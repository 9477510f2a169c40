//! Daemons faked over sockets, and what becomes of those that hang or talk nonsense.

use std::io::{Read, Write};
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::net::{UnixListener, UnixStream};
use std::thread;
use std::time::Instant;

use nix::sys::socket::{AddressFamily, Backlog, SockFlag, SockType, UnixAddr, bind, connect, listen, socket};

use super::*;

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

#[test]
fn routes_that_daemons_do_not_have_are_withdrawn() {
    let (run, _) = host(&[]);
    let bird = &[
        ("restrict", "0016 Access restricted\n"),
        ("show route 203.0.113.0/24 table all", "8001 Network not found\n"),
        (
            "show route 198.51.100.0/24 table all",
            "1007-Table blue4:\n 198.51.100.0/24      unicast [b 02:42:33.239] * (100)\n0000 \n",
        ),
    ];
    serve(&run.path().join("bird/bird.ctl"), "0001 BIRD 2.17 ready.\n", bird);
    let zebra = &[
        ("enable", "\0\0\0\0"),
        ("show ip route vrf all 203.0.113.0/24 json", "{}\n\0\0\0\u{1}"),
        (
            "show ipv6 route vrf all 2001:db8::/32 json",
            "{\"2001:db8::/32\":[{\"protocol\":\"bgp\"}]}\n\0\0\0\0",
        ),
        ("show ip route vrf all 198.51.100.0/24 json", "% Unknown command\n\0\0\0\u{2}"),
    ];
    serve(&run.path().join("frr/zebra.vty"), "", zebra);
    let route =
        |protocol: u8, to: &str| ForeignRoute { table: 254, protocol, to: to.parse().expect("a network") };
    let all = [
        route(12, "203.0.113.0/24"),
        route(12, "198.51.100.0/24"),
        route(186, "203.0.113.0/24"),
        route(186, "2001:db8::/32"),
        route(11, "198.51.100.0/24"),
    ];
    assert_eq!(routes::withdrawn(run.path(), &all), [all[0], all[2]]);
    assert_eq!(routes::withdrawn(Path::new("/nowhere"), &all), [], "nobody answers");
}

#[test]
fn the_sockets_of_a_process_are_its_own() {
    let (_run, daemons) = host(&["bird"]);
    let (one, _two) = UnixStream::pair().expect("a pair");
    let target = fs::read_link(format!("/proc/self/fd/{}", one.as_raw_fd())).expect("a descriptor");
    let inode = target.to_string_lossy().trim_start_matches("socket:[").trim_end_matches(']').parse();
    assert!(daemons.sockets().contains(&inode.expect("a number")));
}
