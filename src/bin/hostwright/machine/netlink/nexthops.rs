//! Nexthop objects, whose messages the packet library does not know.

use std::collections::BTreeSet;

use netlink_packet_core::{
    DecodeError, NetlinkDeserializable, NetlinkHeader, NetlinkSerializable, NlaBuffer, NlasIterator,
};
use netlink_sys::protocols::NETLINK_ROUTE;
use nix::errno::Errno;

use super::connection::dump_from;
use super::{Netlink, names};
use crate::failure::{During, Failure};

/// `RTM_GETNEXTHOP`, linux/rtnetlink.h.
const GET: u16 = 106;
/// `struct nhmsg`: family, scope, protocol, reserved, flags.
const HEADER_LENGTH: usize = 8;
/// `NHA_ID`, `NHA_GROUP`, `NHA_OIF`, linux/nexthop.h.
const ID: u16 = 1;
const GROUP: u16 = 2;
const OIF: u16 = 5;
const GATEWAY: u16 = 6;

impl Netlink {
    /// Lists the nexthop objects, each as one line that tells it from others; none where the kernel has no such objects.
    ///
    /// # Errors
    /// The kernel's answer.
    pub(crate) fn nexthops(&self) -> Result<BTreeSet<String>, Failure> {
        let names = names()?;
        let request = Message { bytes: vec![0; HEADER_LENGTH] };
        let messages = match dump_from(NETLINK_ROUTE, &request) {
            Err(refused) if refused.is(&[Errno::EOPNOTSUPP, Errno::EINVAL]) => Vec::new(),
            other => other.during(|| "list nexthops".to_owned())?,
        };
        Ok(messages.iter().map(|it| it.line(&names)).collect())
    }
}

/// A message about a nexthop, as bytes.
#[derive(Debug, Clone)]
struct Message {
    bytes: Vec<u8>,
}

impl Message {
    fn line(&self, names: &std::collections::BTreeMap<u32, String>) -> String {
        let (header, attributes) = self.bytes.split_at(HEADER_LENGTH.min(self.bytes.len()));
        let mut words = vec![format!("protocol {}", header.get(2).copied().unwrap_or_default())];
        for attribute in NlasIterator::new(attributes).flatten() {
            words.extend(word(&attribute, names));
        }
        words.sort_unstable();
        words.join(" ")
    }
}

fn word(attribute: &NlaBuffer<&[u8]>, names: &std::collections::BTreeMap<u32, String>) -> Option<String> {
    let value = attribute.value();
    let number = || <[u8; 4]>::try_from(value).map(u32::from_ne_bytes).ok();
    match attribute.kind() {
        ID => Some(format!("id {}", number()?)),
        OIF => Some(format!("device {}", names.get(&number()?)?)),
        GATEWAY => Some(format!("gateway {value:02x?}")),
        GROUP => Some(format!("group {value:02x?}")),
        _ => None,
    }
}

impl NetlinkSerializable for Message {
    fn message_type(&self) -> u16 {
        GET
    }

    fn buffer_len(&self) -> usize {
        self.bytes.len()
    }

    fn serialize(&self, buffer: &mut [u8]) {
        buffer.copy_from_slice(&self.bytes);
    }
}

impl NetlinkDeserializable for Message {
    type Error = DecodeError;

    fn deserialize(_: &NetlinkHeader, payload: &[u8]) -> Result<Self, DecodeError> {
        Ok(Self { bytes: payload.to_vec() })
    }
}
