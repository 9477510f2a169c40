//! BGP and BFD sessions in words and for programs: what `status`, `plan --format json` and `explain networkd` say of them.

use hostwright::observed::{BfdPeer, BgpSession, Observed, Speaker};
use serde_json::{Value, json};

/// Returns a line for each session, and for each daemon that was not heard.
pub(crate) fn lines(observed: &Observed) -> Vec<String> {
    let sessions = observed.sessions.iter().map(|it| {
        let bfd = bfd_for(observed, it).map_or("", |it| if it.up { ", BFD is up" } else { ", BFD is down" });
        let BgpSession { local, peer, .. } = it;
        format!("BGP {local} with {peer}{}, {}{bfd}", over(observed, it.speaker()), since(observed, it))
    });
    let alone = observed.told.bfd.iter().filter(|it| is_alone(observed, it)).map(|it| {
        let over = observed.bfd_speaker(it).map_or_else(String::new, |it| over(observed, it));
        format!("BFD with {}{over} is {}", it.peer, if it.up { "up" } else { "down" })
    });
    let sessions = sessions.chain(alone).chain(elsewhere(observed)).map(|it| format!("session: {it}"));
    let silent = observed.told.silent.iter().map(|it| format!("not asked: {it}"));
    sessions.chain(silent).chain(observed.unseen.iter().map(|it| format!("not seen: {it}"))).collect()
}

/// Returns the same for programs: `age-seconds` is null where no routing daemon told it, for the kernel does not know.
pub(crate) fn json(observed: &Observed) -> Value {
    let sessions = observed.sessions.iter().map(|it| {
        json!({
            "local": it.local,
            "peer": it.peer,
            "link": link(observed, it.speaker()),
            "age-seconds": observed.told.age(it),
            "bfd": bfd_for(observed, it).map(|it| if it.up { "up" } else { "down" }),
        })
    });
    let sessions: Vec<_> = sessions.collect();
    json!({
        "bgp": sessions,
        "bfd": observed.told.bfd,
        "elsewhere": observed.elsewhere,
        "not-asked": observed.told.silent,
        "not-seen": observed.unseen,
    })
}

fn elsewhere(observed: &Observed) -> impl Iterator<Item = String> {
    observed.elsewhere.iter().flat_map(|namespace| {
        namespace.sessions.iter().map(|it| {
            let over: Vec<_> = it.over.iter().map(String::as_str).collect();
            let over =
                if over.is_empty() { String::new() } else { format!(", over {} here", over.join(", ")) };
            let BgpSession { local, peer, .. } = it.session;
            format!("BGP {local} with {peer} in {}{over}", namespace.space)
        })
    })
}

/// Finds BFD for a session.
fn bfd_for<'a>(observed: &'a Observed, session: &BgpSession) -> Option<&'a BfdPeer> {
    let same = |it: &&BfdPeer| it.peer == session.peer && it.local.is_none_or(|it| it == session.local);
    observed.told.bfd.iter().find(same)
}

/// Says whether BFD is for none of the sessions: for another protocol, or its session is not established.
fn is_alone(observed: &Observed, bfd: &BfdPeer) -> bool {
    !observed.sessions.iter().any(|it| bfd_for(observed, it) == Some(bfd))
}

fn over(observed: &Observed, speaker: Speaker) -> String {
    link(observed, speaker).map_or_else(String::new, |it| format!(" over {it}"))
}

fn link(observed: &Observed, speaker: Speaker) -> Option<&str> {
    let speaks = observed.links.iter().find(|(_, it)| speaker.speaks_from(it, &observed.links));
    speaks.map(|(name, _)| name.as_str())
}

fn since(observed: &Observed, session: &BgpSession) -> String {
    match observed.told.age(session) {
        Some(seconds) => format!("for {}", in_words(seconds)),
        None => "no routing daemon tells since when".to_owned(),
    }
}

/// Writes a time in the largest unit of which there are two at least.
fn in_words(seconds: u64) -> String {
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7200 => format!("{} min", seconds / 60),
        7200..172_800 => format!("{} h", seconds / 3600),
        _ => format!("{} days", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use hostwright::observed::{
        AddressState, Elsewhere, ObservedAddress, ObservedLink, SessionElsewhere, Space, Told, ToldSession,
    };

    use super::*;

    fn observed() -> Observed {
        let ip = |text: &str| text.parse().expect("an address");
        let session =
            |peer: &str, cookie| BgpSession { local: ip("192.0.2.2"), peer: ip(peer), device: 0, cookie };
        let bfd = |peer: &str, up| BfdPeer { local: None, peer: ip(peer), link: Some("eno1".to_owned()), up };
        let address = ObservedAddress {
            address: "192.0.2.2/24".parse().expect("an address"),
            broadcast: None,
            state: AddressState::Usable,
            permanent: true,
        };
        let link = ObservedLink { index: 2, addresses: vec![address], ..ObservedLink::default() };
        let blue = Elsewhere {
            space: Space::Named("blue".to_owned()),
            built: std::collections::BTreeMap::new(),
            sessions: vec![SessionElsewhere {
                session: session("192.0.2.9", 3),
                over: ["storage".to_owned()].into(),
            }],
        };
        let told = ToldSession { local: None, peer: ip("192.0.2.1"), age: Some(3 * 3600), hold_time: None };
        Observed {
            links: [("eno1".to_owned(), link)].into(),
            sessions: [session("192.0.2.1", 1), session("192.0.2.5", 2)].into(),
            elsewhere: vec![blue],
            unseen: ["look into the network namespace `red`: EINVAL".to_owned()].into(),
            told: Told {
                sessions: vec![told],
                bfd: [bfd("192.0.2.1", true), bfd("192.0.2.77", false)].into(),
                silent: ["FRR's bgpd: it hung up".to_owned()].into(),
                ..Told::default()
            },
            ..Observed::default()
        }
    }

    #[test]
    fn sessions_are_said_with_link_age_and_bfd() {
        let expected = [
            "session: BGP 192.0.2.2 with 192.0.2.1 over eno1, for 3 h, BFD is up",
            "session: BGP 192.0.2.2 with 192.0.2.5 over eno1, no routing daemon tells since when",
            "session: BFD with 192.0.2.77 over eno1 is down",
            "session: BGP 192.0.2.2 with 192.0.2.9 in the network namespace `blue`, over storage here",
            "not asked: FRR's bgpd: it hung up",
            "not seen: look into the network namespace `red`: EINVAL",
        ];
        assert_eq!(lines(&observed()), expected);
        let value = json(&observed());
        assert_eq!((&value["bgp"][0]["age-seconds"], &value["bgp"][0]["bfd"]), (&json!(10800), &json!("up")));
        assert_eq!(
            (&value["bgp"][1]["age-seconds"], &value["bgp"][1]["link"]),
            (&Value::Null, &json!("eno1"))
        );
        assert_eq!((&value["bfd"][1]["up"], &value["bfd"][1]["peer"]), (&json!(false), &json!("192.0.2.77")));
    }

    #[test]
    fn times_are_said_in_their_largest_unit() {
        for (seconds, words) in
            [(0, "0 s"), (119, "119 s"), (120, "2 min"), (7200, "2 h"), (200_000, "2 days")]
        {
            assert_eq!(in_words(seconds), words);
        }
    }
}
