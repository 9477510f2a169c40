//! Nexthop objects.

use std::collections::BTreeSet;

use hostwright::observed::Nexthop;
use netlink_packet_core::NetlinkSerializable;
use nix::errno::Errno;

use super::attributes::{Attributes, Names, Word, address_text, bytes, number_text, unsigned};
use super::connection::{Connection, Refused, Unless};
use super::links;
use super::routes::{onlink, scope_name};

const RTM_GETNEXTHOP: u16 = 106;
const HEADER: usize = 8;
const ID: u16 = 1;
const GROUP: u16 = 2;
const DEVICE: u16 = 5;
const GATEWAY: u16 = 6;
const WORDS: &[Word] = &[
    Word::left_out(ID),
    Word::value(GROUP, "group", group),
    Word::value(3, "type", number_text),
    Word::value(4, "blackhole", bytes),
    Word::link(DEVICE, "dev"),
    Word::value(GATEWAY, "via", address_text),
    Word::value(7, "encap-type", number_text),
    Word::value(8, "encap", bytes),
    Word::link(10, "master"),
    Word::value(11, "fdb", bytes),
    Word::value(12, "resilient", resilient),
    // Flags of the answer itself, then counters of packets.
    Word::left_out(14),
    Word::left_out(15),
    Word::left_out(16),
    Word::left_out(17),
];

/// `struct nhmsg` with nothing asked for: all objects.
struct All;

impl NetlinkSerializable for All {
    fn message_type(&self) -> u16 {
        RTM_GETNEXTHOP
    }

    fn buffer_len(&self) -> usize {
        HEADER
    }

    fn serialize(&self, buffer: &mut [u8]) {
        buffer.fill(0);
    }
}

/// Reads the nexthop objects; a kernel without them has none.
///
/// # Errors
/// The kernel's.
pub(super) fn observe(connection: &Connection) -> Result<BTreeSet<Nexthop>, Refused> {
    let objects = connection.dump(&All, |it| Some(it.to_vec())).unless(Errno::EOPNOTSUPP, Vec::new())?;
    if objects.is_empty() {
        return Ok(BTreeSet::new());
    }
    let names = links::names(connection)?;
    Ok(objects.iter().filter_map(|it| decode(it, &names)).collect())
}

pub(super) fn decode(message: &[u8], names: &Names) -> Option<Nexthop> {
    let (header, rest) = message.split_first_chunk::<HEADER>()?;
    let [family, scope, protocol, _, flags @ ..] = *header;
    let attributes = Attributes::read(rest);
    Some(Nexthop {
        id: attributes.number(ID)?,
        protocol,
        device: attributes.number(DEVICE).and_then(|index| names.get(&index)).cloned(),
        via: attributes.address(GATEWAY),
        members: members(attributes.get(GROUP).unwrap_or_default()).map(|it| it.0).collect(),
        rest: format!(
            "family {family} scope {} protocol {protocol}{}{}",
            scope_name(scope),
            onlink(u32::from_ne_bytes(flags)),
            attributes.describe(WORDS, names)
        ),
    })
}

/// Reads the members of a group with their weights: `struct nexthop_grp`, whose weights are less by one.
fn members(value: &[u8]) -> impl Iterator<Item = (u32, u32)> {
    let (members, _) = value.as_chunks::<8>();
    let member = |it: &[u8; 8]| Some((unsigned(it)?, u32::from(u16::from_le_bytes([it[4], it[5]])) + 1));
    members.iter().filter_map(member)
}

fn group(value: &[u8]) -> String {
    let members: Vec<String> = members(value).map(|(id, weight)| format!("{id},{weight}")).collect();
    members.join("/")
}

fn resilient(value: &[u8]) -> String {
    const WORDS: &[Word] = &[
        Word::value(1, "buckets", number_text),
        Word::value(2, "idle-timer", number_text),
        Word::value(3, "unbalanced-timer", number_text),
        // How long it has been unbalanced.
        Word::left_out(4),
        Word::left_out(0),
    ];
    let described = Attributes::read(value).describe(WORDS, &Names::new());
    format!("[{}]", described.trim_start())
}
