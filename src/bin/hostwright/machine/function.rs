//! Virtual functions that the host uses itself: they are set up behind their PF.

use std::fs;
use std::thread::sleep;
use std::time::{Duration, Instant};

use hostwright::value::InterfaceName;

use super::netlink::Netlink;
use crate::failure::Failure;

/// How long a PF may take until it is up.
const PF_LIMIT: Duration = Duration::from_secs(60);
/// How long a function may take until it has the carrier of its PF.
const CARRIER_LIMIT: Duration = Duration::from_secs(10);
/// How often a function is set up until it has one.
const ATTEMPTS: u32 = 3;

/// Sets a virtual function up, once its PF is; one that is not there comes with a boot, and is a success.
///
/// Where the driver met the PF while that was down, it learns its MAC address and that there is a carrier when it is set
/// down and up again. A function with a carrier is left as it is.
///
/// # Errors
/// The PF does not come up, or has a carrier that the function does not get.
pub(crate) fn raise(name: &InterfaceName, pf: &InterfaceName) -> Result<(), Failure> {
    if attribute(name, "flags").is_none() {
        println!("{name} is not there yet");
        return Ok(());
    }
    let what = || format!("set up virtual function {name}");
    if !within(PF_LIMIT, || is_up(pf)) {
        return Err(Failure::new(what(), format!("its card {pf} is not up after {} s", PF_LIMIT.as_secs())));
    }
    let netlink = Netlink::default();
    netlink.set_up(name)?;
    for _ in 0..ATTEMPTS {
        if has_carrier(name) {
            return Ok(());
        }
        netlink.set_down(name)?;
        netlink.set_up(name)?;
        if within(CARRIER_LIMIT, || has_carrier(name) || !has_carrier(pf)) {
            return Ok(());
        }
    }
    Err(Failure::new(what(), format!("{pf} has a carrier, {name} does not get it")))
}

fn within(limit: Duration, done: impl Fn() -> bool) -> bool {
    let begin = Instant::now();
    while !done() {
        if begin.elapsed() >= limit {
            return false;
        }
        sleep(Duration::from_millis(200));
    }
    true
}

/// Says whether a link is set up: `IFF_UP`, netdevice(7).
fn is_up(name: &InterfaceName) -> bool {
    const UP: u32 = 1;
    let flags =
        attribute(name, "flags").and_then(|it| u32::from_str_radix(it.trim_start_matches("0x"), 16).ok());
    flags.is_some_and(|it| it & UP != 0)
}

/// Says whether a link has a carrier; none can be read of one that is down.
fn has_carrier(name: &InterfaceName) -> bool {
    attribute(name, "carrier").as_deref() == Some("1")
}

/// Reads an attribute of a link; absent: it, or the link, is not there.
fn attribute(name: &InterfaceName, attribute: &str) -> Option<String> {
    let text = fs::read_to_string(format!("/sys/class/net/{name}/{attribute}")).ok()?;
    Some(text.trim_end().to_owned())
}
