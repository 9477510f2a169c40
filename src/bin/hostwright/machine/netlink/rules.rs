//! Rules that choose tables.

use std::collections::BTreeSet;

use netlink_packet_route::rule::{RuleAttribute, RuleMessage};
use netlink_packet_route::{AddressFamily, RouteNetlinkMessage};

use super::Netlink;
use super::connection::dump;
use crate::failure::{During, Failure};

impl Netlink {
    /// Lists the rules of both families, each as one line that tells it from others.
    ///
    /// # Errors
    /// The kernel's answer.
    pub(crate) fn rules(&self) -> Result<BTreeSet<String>, Failure> {
        let mut found = BTreeSet::new();
        for family in [AddressFamily::Inet, AddressFamily::Inet6] {
            let mut request = RuleMessage::default();
            request.header.family = family;
            let messages = dump(&RouteNetlinkMessage::GetRule(request)).during(|| "list rules".to_owned())?;
            found.extend(messages.iter().filter_map(|message| match message {
                RouteNetlinkMessage::NewRule(rule) => Some(line(rule)),
                _ => None,
            }));
        }
        Ok(found)
    }
}

fn line(rule: &RuleMessage) -> String {
    let header = &rule.header;
    let mut words: Vec<String> = rule.attributes.iter().filter_map(word).collect();
    words.sort_unstable();
    format!(
        "{:?} {:?} from/{} to/{} {}",
        header.family,
        header.action,
        header.src_len,
        header.dst_len,
        words.join(" ")
    )
}

/// Writes an attribute; those whose meaning this program does not know are told apart by their bytes.
fn word(attribute: &RuleAttribute) -> Option<String> {
    match attribute {
        RuleAttribute::Priority(it) => Some(format!("priority {it}")),
        RuleAttribute::Source(it) => Some(format!("from {it}")),
        RuleAttribute::Destination(it) => Some(format!("to {it}")),
        RuleAttribute::Table(it) => Some(format!("table {it}")),
        RuleAttribute::FwMark(it) => Some(format!("fwmark {it:#x}")),
        RuleAttribute::Iifname(it) => Some(format!("iif {it}")),
        RuleAttribute::Oifname(it) => Some(format!("oif {it}")),
        RuleAttribute::SuppressPrefixLen(u32::MAX) => None,
        other => Some(format!("{other:?}")),
    }
}
