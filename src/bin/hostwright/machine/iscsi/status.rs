//! What a unit says of itself while it runs, `sd_notify(3)`.

use std::os::linux::net::SocketAddrExt;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};

/// Tells systemd why the unit is not where it should be; without systemd nobody hears it.
pub(crate) fn say(status: &str) {
    let Some(path) = std::env::var_os("NOTIFY_SOCKET") else { return };
    let address = match path.as_bytes() {
        [b'@', name @ ..] => SocketAddr::from_abstract_name(name),
        _ => SocketAddr::from_pathname(&path),
    };
    let message = format!("STATUS={}", status.replace('\n', " "));
    let send = |address| UnixDatagram::unbound()?.send_to_addr(message.as_bytes(), &address);
    let _ = address.and_then(send);
}
