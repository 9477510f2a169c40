//! The REST interface of LXD and Incus over their Unix socket.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use serde_json::Value;

use crate::failure::{During, Failure};

/// Longest wait for an answer: a daemon that its socket has just started opens its database first.
const LIMIT: Duration = Duration::from_secs(60);
const NOT_FOUND: u64 = 404;

/// Asks one thing; absent: there is no such thing.
///
/// # Errors
/// The daemon does not answer, or refuses.
pub(super) fn ask(
    socket: &Path,
    method: &str,
    path: &str,
    body: Option<&Value>,
) -> Result<Option<Value>, Failure> {
    let what = || format!("{method} {path} over {}", socket.display());
    let text =
        exchange(socket, method, path, &body.map(Value::to_string).unwrap_or_default()).during(what)?;
    let content = text.split_once("\r\n\r\n").map(|(_, content)| content).unwrap_or_default();
    let mut answer: Value = serde_json::from_str(content).during(what)?;
    match (answer["type"].as_str(), answer["error_code"].as_u64()) {
        (Some("sync"), _) => Ok(Some(answer["metadata"].take())),
        (_, Some(NOT_FOUND)) => Ok(None),
        _ => Err(Failure::new(
            what(),
            answer["error"].as_str().unwrap_or("it gives an answer of another kind"),
        )),
    }
}

// HTTP/1.0: the answer is not cut in chunks, and ends with the connection.
fn exchange(socket: &Path, method: &str, path: &str, body: &str) -> std::io::Result<String> {
    let mut stream = UnixStream::connect(socket)?;
    stream.set_read_timeout(Some(LIMIT))?;
    let length = body.len();
    write!(
        stream,
        "{method} {path} HTTP/1.0\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    )?;
    let mut text = String::new();
    stream.read_to_string(&mut text)?;
    Ok(text)
}
