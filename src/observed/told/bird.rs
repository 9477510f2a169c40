//! BIRD's answers, text for people. Lines of a table begin at the margin, what belongs to one is indented.

use std::net::IpAddr;

use ipnet::IpNet;

use super::{BfdPeer, ToldSession, Unreadable, address, time};

/// Header of `show protocols`.
const PROTOCOLS: [&str; 4] = ["Name", "Proto", "Table", "State"];
/// Header of `show bfd sessions`.
const BFD: [&str; 3] = ["IP", "address", "Interface"];

/// A protocol with the lines that belong to it.
struct Protocol<'a> {
    head: Vec<&'a str>,
    lines: Vec<(&'a str, &'a str)>,
}

/// Reads established sessions, and the ranges of those that spawn others.
pub(super) fn protocols(answer: &str, status: &str) -> Result<(Vec<ToldSession>, Vec<IpNet>), Unreadable> {
    let now = status.lines().find_map(|it| it.trim().strip_prefix("Current server time is "));
    let mut lines = rows(answer, &PROTOCOLS)?;
    let (mut sessions, mut ranges) = (Vec::new(), Vec::new());
    for protocol in blocks(&mut lines).iter().filter(|it| it.head.get(1) == Some(&"BGP")) {
        ranges.extend(protocol.value("Neighbor range").and_then(|it| it.parse::<IpNet>().ok()));
        if protocol.value("BGP state") == Some("Established") {
            sessions.extend(protocol.session(now));
        }
    }
    Ok((sessions, ranges))
}

/// Returns the lines behind a header.
fn rows<'a>(answer: &'a str, header: &[&str]) -> Result<impl Iterator<Item = &'a str> + use<'a>, Unreadable> {
    let mut lines = answer.lines();
    let is_header = |line: &&str| line.split_whitespace().take(header.len()).eq(header.iter().copied());
    match lines.find(is_header) {
        Some(_) => Ok(lines),
        None => Err(Unreadable(format!("no line begins with `{}`", header.join(" ")))),
    }
}

fn blocks<'a>(lines: &mut impl Iterator<Item = &'a str>) -> Vec<Protocol<'a>> {
    let mut found: Vec<Protocol<'_>> = Vec::new();
    for line in lines.filter(|it| !it.trim().is_empty()) {
        if !line.starts_with(' ') {
            found.push(Protocol { head: line.split_whitespace().collect(), lines: Vec::new() });
        } else if let (Some(last), Some((key, value))) = (found.last_mut(), line.split_once(':')) {
            last.lines.push((key.trim(), value.trim()));
        }
    }
    found
}

impl Protocol<'_> {
    fn value(&self, key: &str) -> Option<&str> {
        self.lines.iter().find(|it| it.0 == key).map(|it| it.1)
    }

    fn session(&self, now: Option<&str>) -> Option<ToldSession> {
        Some(ToldSession {
            local: self.value("Source address").and_then(address),
            peer: self.value("Neighbor address").and_then(address)?,
            hold_time: self.value("Hold timer").and_then(|it| it.rsplit_once('/')?.1.trim().parse().ok()),
            age: now.and_then(|now| time::seconds_between(&self.since(), now)),
        })
    }

    /// Returns when its state last changed, a time or a date or both.
    fn since(&self) -> String {
        let words = self.head.iter().skip(4);
        let words = words.take_while(|it| it.starts_with(|it: char| it.is_ascii_digit()));
        words.take(2).copied().collect::<Vec<_>>().join(" ")
    }
}

/// Reads BFD sessions; each protocol of BFD has a table of its own.
pub(super) fn bfd(answer: &str) -> Result<Vec<BfdPeer>, Unreadable> {
    Ok(rows(answer, &BFD)?.filter_map(peer).collect())
}

fn peer(row: &str) -> Option<BfdPeer> {
    let mut words = row.split_whitespace();
    let peer: IpAddr = address(words.next()?)?;
    let (link, state) = (words.next()?, words.next()?);
    let link = (link != "---").then(|| link.to_owned());
    Some(BfdPeer { local: None, peer, link, up: state == "Up" })
}
