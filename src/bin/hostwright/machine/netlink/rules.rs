//! Rules of policy routing, as text.

use std::collections::BTreeSet;

use netlink_packet_route::rule::RuleMessage;
use netlink_packet_route::{AddressFamily, RouteNetlinkMessage};
use nix::errno::Errno;
use nix::libc;

use super::attributes::{Attributes, Names, Word, address_text, bytes, number_text, text};
use super::connection::{Connection, Refused, Unless};

const DESTINATION: u16 = 1;
const SOURCE: u16 = 2;
const PRIORITY: u16 = 6;
const SUPPRESSED_GROUP: u16 = 13;
const SUPPRESSED_LENGTH: u16 = 14;
const TABLE: u16 = 15;
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
    Word::value(SUPPRESSED_LENGTH, "suppress-length", suppressed),
    Word::value(16, "fwmask", number_text),
    Word::value(17, "oif", text),
    Word::value(19, "l3mdev", number_text),
    Word::value(20, "users", range),
    Word::value(21, "protocol", number_text),
    Word::value(22, "ip-protocol", number_text),
    Word::value(23, "source-ports", range),
    Word::value(24, "destination-ports", range),
];

/// Reads the rules of both families; a kernel without rules has none.
///
/// # Errors
/// The kernel's.
pub(super) fn observe(connection: &Connection) -> Result<BTreeSet<String>, Refused> {
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

fn decode(message: &[u8]) -> Option<String> {
    let (header, rest) = message.split_first_chunk::<12>()?;
    let [family, to, from, tos, table, _, _, action, flags @ ..] = *header;
    let family = match i32::from(family) {
        libc::AF_INET => "inet",
        libc::AF_INET6 => "inet6",
        _ => return None,
    };
    let attributes = Attributes::read(rest);
    let priority = attributes.number(PRIORITY).unwrap_or(0);
    let inverted = u32::from_ne_bytes(flags) & INVERT != 0;
    let not = if inverted { " not" } else { "" };
    let from = prefix(attributes.get(SOURCE), from);
    let to = prefix(attributes.get(DESTINATION), to);
    let table = attributes.number(TABLE).unwrap_or(table.into());
    let action = ACTIONS.get(usize::from(action)).unwrap_or(&"other");
    let described = attributes.describe(WORDS, &Names::new());
    Some(format!("{family} {priority}:{not} from {from} to {to} tos {tos} {action} table {table}{described}"))
}

fn prefix(address: Option<&[u8]>, length: u8) -> String {
    match address {
        Some(address) => format!("{}/{length}", address_text(address)),
        None if length == 0 => "all".to_owned(),
        None => format!("0/{length}"),
    }
}

/// Writes the longest prefix that is not taken.
fn suppressed(value: &[u8]) -> String {
    if value == [0xff; 4] {
        return "none".to_owned();
    }
    number_text(value)
}

/// Writes the two halves of a range.
fn range(value: &[u8]) -> String {
    let (first, last) = value.split_at(value.len() / 2);
    format!("{}-{}", number_text(first), number_text(last))
}
