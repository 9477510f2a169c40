//! A full table that never stands still.

use std::io::Write;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::{Netlink, in_namespace, ip};
use crate::apply::churn::Routes;

/// Routes that go and come in a second.
const FLAPS: u32 = 50;
/// How often the guard looks, once a second.
const LOOKS: u32 = 6;

fn prefix(number: u32) -> String {
    format!("{}/24", std::net::Ipv4Addr::from_bits((20 << 24) + (number << 8)))
}

fn batch(lines: impl Iterator<Item = String>) {
    let mut child = Command::new("ip").args(["-batch", "-"]).stdin(Stdio::piped()).spawn().expect("ip");
    let text: String = lines.map(|it| it + "\n").collect();
    child.stdin.take().expect("a pipe").write_all(text.as_bytes()).expect("a batch");
    assert!(child.wait().expect("ip").success());
}

fn change(verb: &str, numbers: impl Iterator<Item = u32>) {
    batch(numbers.map(|it| format!("route {verb} {} via 192.0.2.1 proto bird", prefix(it))));
}

#[test]
fn a_flapping_table_is_read_and_is_no_loss() {
    watch(10_000);
}

#[test]
#[ignore = "takes half a minute; prints time and memory of a full table"]
fn a_full_table_that_flaps() {
    watch(200_000);
}

fn watch(routes: u32) {
    in_namespace(move |netlink| {
        assert!(ip("address add 192.0.2.2/24 dev one"));
        change("add", 0..routes);
        let mut before = look(netlink, 0);
        flap(routes, 1);
        before.learn(&look(netlink, 1));
        for second in 2..=LOOKS {
            flap(routes, second);
            let begun = Instant::now();
            let now = look(netlink, second);
            println!("a look takes {:?}", begun.elapsed());
            assert_eq!(before.lost_in(&now), []);
            before.go_on_from(&now);
        }
        let status = std::fs::read_to_string("/proc/self/status").expect("status");
        println!("{}", status.lines().find(|it| it.starts_with("VmHWM")).expect("VmHWM"));
    });
}

fn look(netlink: &Netlink, second: u32) -> Routes {
    Routes::new(netlink.foreign_routes().expect("routes"), Duration::from_secs(second.into()))
}

/// Takes routes away, others in each second, and brings those of the second before back.
fn flap(routes: u32, second: u32) {
    let of = |second: u32| (0..FLAPS).map(move |it| (second * FLAPS + it) * 7 % routes);
    change("del", of(second));
    if second > 1 {
        change("add", of(second - 1));
    }
}
