//! Virtual functions that the host uses itself: they are set up behind their PF.

use std::fs;
use std::thread::sleep;
use std::time::{Duration, Instant};

use hostwright::value::InterfaceName;

use super::netlink::Netlink;
use crate::failure::{During, Failure};

/// How long a PF may take until it is up.
const PF_LIMIT: Duration = Duration::from_secs(60);
/// How long a function may take until it is back, and until it has the carrier of its PF.
const FUNCTION_LIMIT: Duration = Duration::from_secs(30);

/// Sets a virtual function up, once its PF is; one that is not there comes with a boot, and is a success.
///
/// A driver that met the PF while that was down knows neither the carrier nor the MAC address that the PF has for it until
/// it starts anew: so it does, unless the function is up already.
///
/// # Errors
/// The PF does not come up, the function does not come back, or it does not get the carrier that the PF has.
pub(crate) fn raise(name: &InterfaceName, pf: &InterfaceName) -> Result<(), Failure> {
    let fail = |why: String| Err(Failure::new(format!("set up virtual function {name}"), why));
    if !is_there(name) {
        println!("{name} is not there yet");
        return Ok(());
    }
    if !within(PF_LIMIT, || is_up(pf)) {
        return fail(format!("its card {pf} is not up after {} s", PF_LIMIT.as_secs()));
    }
    if !is_up(name) {
        start_driver_anew(name)?;
        if !within(FUNCTION_LIMIT, || is_there(name)) {
            return fail("its driver started anew, it did not come back".to_owned());
        }
        Netlink::default().set_up(name)?;
    }
    if within(FUNCTION_LIMIT, || has_carrier(name) || !has_carrier(pf)) {
        return Ok(());
    }
    fail(format!("{pf} has a carrier, {name} does not get it"))
}

/// Takes the driver of a card from it and gives it back.
fn start_driver_anew(name: &InterfaceName) -> Result<(), Failure> {
    let what = || format!("start the driver of {name} anew");
    let device = fs::canonicalize(format!("/sys/class/net/{name}/device")).during(what)?;
    let driver = fs::canonicalize(device.join("driver")).during(what)?;
    let address = device.file_name().unwrap_or_default().as_encoded_bytes();
    fs::write(driver.join("unbind"), address)
        .and_then(|()| fs::write(driver.join("bind"), address))
        .during(what)
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

fn is_there(name: &InterfaceName) -> bool {
    attribute(name, "flags").is_some()
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
