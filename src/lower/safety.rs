//! What keeps a host from harm, from `[safety]`.

use std::net::IpAddr;

use super::Lower;
use crate::artifact::{Probe, SHORTEST_WATCH, Safety, Trial};
use crate::diagnostic::{Code, Diagnostic};
use crate::source::{Located, Span};
use crate::spec::Named;
use crate::spec::safety::{ProbeSpec, SafetyTable};
use crate::value::{AbsolutePath, TextValue};

/// Makes it; absent when a diagnostic says why not.
pub(super) fn lower(written: Option<&Located<SafetyTable>>, cx: &mut Lower<'_>) -> Option<Safety> {
    let Some(table) = written.map(|it| &it.value) else { return Some(Safety::default()) };
    let times = table.confirm.iter().chain(&table.watch);
    times.for_each(|it| check_time(it.value.seconds(), it.span, cx));
    let probes: Vec<_> = table.probe.iter().map(|it| Some((it.name.value.clone(), probe(it, cx)?))).collect();
    Some(Safety {
        allow: table.allow.iter().map(|it| it.value).collect(),
        confirm: table.confirm.as_ref().map(|it| it.value.seconds()),
        watch: table.watch.as_ref().map(|it| it.value.seconds()),
        probes: probes.into_iter().collect::<Option<_>>()?,
    })
}

/// Shortest and longest time in milliseconds that a probe may take: each look waits for it.
const TIMEOUTS: std::ops::RangeInclusive<u32> = 100..=30_000;

fn check_time(seconds: u32, span: Span, cx: &mut Lower<'_>) {
    if seconds < SHORTEST_WATCH {
        let message = format!("{seconds} s is too short to look at anything: at least {SHORTEST_WATCH} s");
        cx.push(Diagnostic::error(Code::InvalidValue, span, message));
    }
}

fn probe(named: &Named<ProbeSpec>, cx: &mut Lower<'_>) -> Option<Probe> {
    let spec = &named.body;
    let keys = [
        ("ping", spec.ping.as_ref().map(|it| it.span)),
        ("tcp", spec.tcp.as_ref().map(|it| it.span)),
        ("bgp-peer", spec.bgp_peer.as_ref().map(|it| it.span)),
        ("iscsi-session", spec.iscsi_session.as_ref().map(|it| it.span)),
        ("http", spec.http.as_ref().map(|it| it.span)),
        ("command", spec.command.first().map(|it| it.span)),
    ];
    if !cx.exactly_one(named.name.span, &keys) {
        return None;
    }
    let timeout = spec.timeout.value.milliseconds();
    if !TIMEOUTS.contains(&timeout) {
        let message =
            format!("a probe has 100 ms to 30 s, for each look waits for it: found {}", spec.timeout.value);
        cx.push(Diagnostic::error(Code::InvalidValue, spec.timeout.span, message));
        return None;
    }
    Some(Probe { trial: trial(spec, cx)?, timeout })
}

fn trial(spec: &ProbeSpec, cx: &mut Lower<'_>) -> Option<Trial> {
    spec.ping.iter().chain(&spec.bgp_peer).try_for_each(|it| check_station(it, cx))?;
    let ping = spec.ping.as_ref().map(|it| Trial::Ping(it.value));
    let tcp = || spec.tcp.as_ref().map(|it| Trial::Tcp(it.value.socket()));
    let peer = || spec.bgp_peer.as_ref().map(|it| Trial::BgpPeer(it.value));
    let session = || spec.iscsi_session.as_ref().map(|it| Trial::IscsiSession(it.value.0.to_string()));
    let http = || {
        spec.http.as_ref().map(|it| Trial::Http(it.value.socket().to_string(), it.value.path().to_owned()))
    };
    ping.or_else(tcp).or_else(peer).or_else(session).or_else(http).or_else(|| command(spec, cx))
}

/// Refuses what is no address of one station.
fn check_station(written: &Located<IpAddr>, cx: &mut Lower<'_>) -> Option<()> {
    let ip = written.value;
    if !ip.is_unspecified() && !ip.is_multicast() && ip != IpAddr::V4(std::net::Ipv4Addr::BROADCAST) {
        return Some(());
    }
    let message = format!(
        "`{ip}` is no address that one station answers from: it is unspecified, a group's or everybody's"
    );
    cx.push(Diagnostic::error(Code::InvalidValue, written.span, message));
    None
}

fn command(spec: &ProbeSpec, cx: &mut Lower<'_>) -> Option<Trial> {
    let program = spec.command.first()?;
    if let Err(refusal) = AbsolutePath::parse(program.value.as_str()) {
        cx.push(
            Diagnostic::error(Code::InvalidValue, program.span, refusal)
                .hint("a probe has no search path: `/usr/bin/…`"),
        );
        return None;
    }
    Some(Trial::Command(spec.command.iter().map(|it| it.value.to_string()).collect()))
}
