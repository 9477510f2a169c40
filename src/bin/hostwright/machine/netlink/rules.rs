//! Rules of policy routing: read, added, removed.

use std::collections::BTreeSet;

use hostwright::artifact::Rule;
use hostwright::observed::ObservedRule;
use ipnet::IpNet;
use netlink_packet_core::{NLM_F_CREATE, NLM_F_EXCL};
use netlink_packet_route::route::RouteProtocol;
use netlink_packet_route::rule::{RuleAction, RuleAttribute, RuleMessage};
use netlink_packet_route::{AddressFamily, RouteNetlinkMessage};
use nix::errno::Errno;
use nix::libc;

use super::attributes::{Attributes, Names, Word, bytes, number_text, text};
use super::connection::{Connection, Refused, Unless};
use crate::failure::{During, Failure};

const DESTINATION: u16 = 1;
const SOURCE: u16 = 2;
const PRIORITY: u16 = 6;
const SUPPRESSED_GROUP: u16 = 13;
const SUPPRESSED_LENGTH: u16 = 14;
/// No prefix is too short: the kernel's default.
const NOTHING_SUPPRESSED: [u8; 4] = [0xff; 4];
const TABLE: u16 = 15;
const PROTOCOL: u16 = 21;
/// `FIB_RULE_INVERT`; the other flags tell whether links are there.
const INVERT: u32 = 2;
const ACTIONS: &[&str] =
    &["unspec", "lookup", "goto", "nop", "3", "4", "blackhole", "unreachable", "prohibit"];
const WORDS: &[Word] = &[
    Word::left_out(DESTINATION),
    Word::left_out(SOURCE),
    Word::left_out(PRIORITY),
    Word::left_out(TABLE),
    Word::left_out(18),
    Word::value(3, "iif", text),
    Word::value(4, "goto", number_text),
    Word::value(10, "fwmark", number_text),
    Word::value(11, "realms", number_text),
    Word::value(12, "tunnel", bytes),
    Word::value(SUPPRESSED_GROUP, "suppress-group", number_text),
    Word::value(SUPPRESSED_LENGTH, "suppress-length", number_text),
    Word::value(16, "fwmask", number_text),
    Word::value(17, "oif", text),
    Word::value(19, "l3mdev", number_text),
    Word::value(20, "users", range),
    Word::left_out(PROTOCOL),
    Word::value(22, "ip-protocol", number_text),
    Word::value(23, "source-ports", range),
    Word::value(24, "destination-ports", range),
];

/// Reads the rules of both families; a kernel without rules has none.
///
/// # Errors
/// The kernel's.
pub(super) fn observe(connection: &Connection) -> Result<BTreeSet<ObservedRule>, Refused> {
    let mut rules = BTreeSet::new();
    for family in [AddressFamily::Inet, AddressFamily::Inet6] {
        let mut message = RuleMessage::default();
        message.header.family = family;
        let message = RouteNetlinkMessage::GetRule(message);
        let found = connection
            .dump(&message, decode)
            .unless(Errno::EOPNOTSUPP, Vec::new())
            .unless(Errno::EAFNOSUPPORT, Vec::new())?;
        rules.extend(found);
    }
    Ok(rules)
}

/// Adds a rule with protocol `static`; one that is there stays as it is.
///
/// # Errors
/// The kernel refuses.
pub(super) fn add(connection: &Connection, rule: &Rule) -> Result<(), Failure> {
    let message = RouteNetlinkMessage::NewRule(message(rule));
    let added = connection.request(&message, NLM_F_CREATE | NLM_F_EXCL);
    added.unless(Errno::EEXIST, ()).during(|| format!("add the rule {rule}"))
}

/// Removes a rule with protocol `static`; an absent one is a success.
///
/// # Errors
/// The kernel's.
pub(super) fn remove(connection: &Connection, rule: &Rule) -> Result<(), Failure> {
    let what = || format!("remove the rule {rule}");
    // The kernel takes what a message leaves out for anything.
    if !observe(connection).during(what)?.iter().any(|it| it.is(rule)) {
        return Ok(());
    }
    let message = RouteNetlinkMessage::DelRule(message(rule));
    connection.request(&message, 0).unless(Errno::ENOENT, ()).during(what)
}

fn message(rule: &Rule) -> RuleMessage {
    let mut message = RuleMessage::default();
    message.header.family = if rule.is_ipv4() { AddressFamily::Inet } else { AddressFamily::Inet6 };
    message.header.action = RuleAction::ToTable;
    message.attributes.push(RuleAttribute::Priority(rule.priority));
    message.attributes.push(RuleAttribute::Table(rule.table));
    message.attributes.push(RuleAttribute::Protocol(RouteProtocol::Static));
    if let Some(from) = rule.from {
        message.header.src_len = from.prefix_len();
        message.attributes.push(RuleAttribute::Source(from.addr()));
    }
    if let Some(to) = rule.to {
        message.header.dst_len = to.prefix_len();
        message.attributes.push(RuleAttribute::Destination(to.addr()));
    }
    message
}

pub(super) fn decode(message: &[u8]) -> Option<ObservedRule> {
    let (header, rest) = message.split_first_chunk::<12>()?;
    let [family, to, from, tos, table, _, _, action, flags @ ..] = *header;
    let word = match i32::from(family) {
        libc::AF_INET => "inet",
        libc::AF_INET6 => "inet6",
        _ => return None,
    };
    let attributes = Attributes::read(rest).without(SUPPRESSED_LENGTH, &NOTHING_SUPPRESSED);
    let not = if u32::from_ne_bytes(flags) & INVERT != 0 { " not" } else { "" };
    let tos = if tos == 0 { String::new() } else { format!(" tos {tos}") };
    let action = ACTIONS.get(usize::from(action)).unwrap_or(&"other");
    let described = attributes.describe(WORDS, &Names::new());
    Some(ObservedRule {
        priority: attributes.number(PRIORITY).unwrap_or(0),
        from: prefix(&attributes, SOURCE, from),
        to: prefix(&attributes, DESTINATION, to),
        table: attributes.number(TABLE).unwrap_or(table.into()),
        protocol: attributes.get(PROTOCOL).and_then(<[u8]>::first).copied().unwrap_or(0),
        rest: format!("{word}{not}{tos} {action}{described}"),
    })
}

fn prefix(attributes: &Attributes<'_>, kind: u16, length: u8) -> Option<IpNet> {
    IpNet::new(attributes.address(kind)?, length).ok()
}

/// Writes the two halves of a range.
fn range(value: &[u8]) -> String {
    let (first, last) = value.split_at(value.len() / 2);
    format!("{}-{}", number_text(first), number_text(last))
}
