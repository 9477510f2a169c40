//! Virtual functions of a network card, as its driver tells and is told.

use hostwright::artifact::{Bytes, FunctionCarrier, FunctionSetting, VirtualFunction};
use hostwright::value::{InterfaceName, Mac, VlanId};
use netlink_packet_core::DefaultNla;
use netlink_packet_route::RouteNetlinkMessage;
use netlink_packet_route::link::LinkAttribute;
use nix::libc;

use super::attributes::{Attributes, unsigned};
use super::connection::Connection;
use super::{links, ports};
use crate::failure::{During, Failure};

/// `RTEXT_FILTER_VF` and `RTEXT_FILTER_SKIP_STATS`: with what each has counted, some hundred do not fit into a message.
const WITH_FUNCTIONS: u32 = 1 | 8;
/// `IFLA_VF_INFO`.
const INFO: u16 = 1;
/// `IFLA_VF_MAC`.
const MAC: u16 = 1;
/// `IFLA_VF_VLAN`.
const VLAN: u16 = 2;
/// `IFLA_VF_SPOOFCHK`.
const SPOOF_CHECK: u16 = 4;
/// `IFLA_VF_LINK_STATE`.
const LINK_STATE: u16 = 5;
/// `IFLA_VF_TRUST`.
const TRUST: u16 = 9;
/// Room for a hardware address in `ifla_vf_mac`.
const MAC_ROOM: usize = 32;

/// Reads the virtual functions of a card, in the order of their numbers; none where the kernel refuses: nothing is told then.
pub(super) fn of(connection: &Connection, name: &str) -> Vec<VirtualFunction> {
    let mut message = links::named_text(name);
    let mask = DefaultNla::new(libc::IFLA_EXT_MASK, WITH_FUNCTIONS.to_ne_bytes().to_vec());
    message.attributes.push(LinkAttribute::Other(mask));
    connection.query(&RouteNetlinkMessage::GetLink(message), decode).ok().flatten().unwrap_or_default()
}

/// Tells a card settings of a virtual function, and reads them back.
///
/// # Errors
/// The card is absent, or its driver refuses or does not heed it.
pub(super) fn set(
    connection: &Connection,
    name: &InterfaceName,
    function: &VirtualFunction,
) -> Result<(), Failure> {
    let what = || format!("set virtual function {} of {name}", function.number);
    let card = ports::existing(connection, name).during(what)?;
    let settings = function.settings.iter().map(|it| attribute(function.number, *it)).collect::<Vec<_>>();
    let list = Bytes::from(vec![(INFO, Bytes::from(settings))]);
    let list = LinkAttribute::Other(DefaultNla::new(libc::IFLA_VFINFO_LIST, list.0));
    ports::set(connection, &card, vec![list]).during(what)?;
    let told = of(connection, name.as_str()).into_iter().find(|it| it.number == function.number);
    let heeds = |it: &FunctionSetting| told.as_ref().and_then(|told| told.like(*it)) == Some(*it);
    match function.settings.iter().find(|it| !heeds(it)) {
        None => Ok(()),
        Some(setting) => Err(Failure::new(what(), format!("the card does not show {setting}"))),
    }
}

/// Reads the functions from a message about their card.
pub(super) fn decode(bytes: &[u8]) -> Option<Vec<VirtualFunction>> {
    let (_, rest) = bytes.split_first_chunk::<16>()?;
    let list = Attributes::read(rest).nested(libc::IFLA_VFINFO_LIST);
    let functions =
        list.iter().filter(|it| it.0 == INFO).filter_map(|(_, it)| function(&Attributes::read(it)));
    let mut functions: Vec<_> = functions.collect();
    functions.sort_by_key(|it| it.number);
    Some(functions)
}

fn function(info: &Attributes<'_>) -> Option<VirtualFunction> {
    let number = unsigned(info.get(MAC)?)?;
    let settings = info.iter().filter_map(|(kind, value)| setting(kind, value.get(4..)?));
    Some(VirtualFunction { number, settings: settings.collect() })
}

/// Reads a setting behind the number of its function; what a driver does not know is none.
fn setting(kind: u16, value: &[u8]) -> Option<FunctionSetting> {
    Some(match kind {
        MAC => FunctionSetting::Mac(Mac::new(*value.first_chunk()?)?),
        // One with a priority is nothing that a spec can say, and would be lost.
        VLAN if unsigned(value.get(4..)?)? != 0 => return None,
        VLAN => FunctionSetting::Vlan(VlanId::new(unsigned(value)?.into()).ok()),
        SPOOF_CHECK => FunctionSetting::SpoofCheck(switch(value)?),
        TRUST => FunctionSetting::Trust(switch(value)?),
        LINK_STATE => FunctionSetting::LinkState(match unsigned(value)? {
            0 => FunctionCarrier::Auto,
            1 => FunctionCarrier::Enable,
            2 => FunctionCarrier::Disable,
            _ => return None,
        }),
        _ => return None,
    })
}

fn switch(value: &[u8]) -> Option<bool> {
    match unsigned(value)? {
        0 => Some(false),
        1 => Some(true),
        _ => None,
    }
}

fn attribute(number: u32, setting: FunctionSetting) -> (u16, Bytes) {
    let on = |it: bool| u32::from(it).to_ne_bytes().to_vec();
    let (kind, value) = match setting {
        FunctionSetting::Mac(mac) => {
            let mut room = mac.bytes().to_vec();
            room.resize(MAC_ROOM, 0);
            (MAC, room)
        }
        FunctionSetting::Vlan(id) => {
            let id = id.map_or(0, |it| u32::from(it.number()));
            // Behind it stands the priority of its frames.
            (VLAN, [id.to_ne_bytes(), [0; 4]].concat())
        }
        FunctionSetting::SpoofCheck(it) => (SPOOF_CHECK, on(it)),
        FunctionSetting::Trust(it) => (TRUST, on(it)),
        FunctionSetting::LinkState(it) => (LINK_STATE, (it as u32).to_ne_bytes().to_vec()),
    };
    (kind, Bytes([number.to_ne_bytes().to_vec(), value].concat()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_is_what_is_read() {
        let mac = Mac::new([2, 0, 0, 0, 3, 1]).expect("a MAC address");
        let settings = vec![
            FunctionSetting::Mac(mac),
            FunctionSetting::Vlan(VlanId::new(31).ok()),
            FunctionSetting::SpoofCheck(false),
            FunctionSetting::LinkState(FunctionCarrier::Disable),
            FunctionSetting::Trust(true),
        ];
        let told = |number: u32| {
            let attributes: Vec<_> = settings.iter().map(|it| attribute(number, *it)).collect();
            (INFO, Bytes::from(attributes))
        };
        let list = Bytes::from(vec![(libc::IFLA_VFINFO_LIST, Bytes::from(vec![told(1), told(0)]))]);
        let read = decode(&[vec![0; 16], list.0].concat()).expect("a message");
        let function = |number| VirtualFunction { number, settings: settings.clone() };
        assert_eq!(read, [function(0), function(1)]);
    }

    #[test]
    fn what_a_driver_does_not_know_is_no_setting() {
        let unknown = [u32::MAX.to_ne_bytes()].concat();
        assert_eq!(setting(SPOOF_CHECK, &unknown), None);
        assert_eq!(setting(MAC, &[0; MAC_ROOM]), Mac::new([0; 6]).map(FunctionSetting::Mac));
        assert_eq!(setting(VLAN, &[0; 8]), Some(FunctionSetting::Vlan(None)));
        assert_eq!(setting(VLAN, &[30u32.to_ne_bytes(), 5u32.to_ne_bytes()].concat()), None);
    }
}
