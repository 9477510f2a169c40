//! The kernel's links, addresses, routes, rules, nexthops and TCP sockets, by netlink.

#![expect(clippy::unused_self, reason = "a port is a value, although this one keeps nothing")]

mod addresses;
mod connection;
mod links;
mod make;
mod nexthops;
mod routes;
mod rules;
mod sessions;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use netlink_packet_route::RouteNetlinkMessage;
use netlink_packet_route::link::{LinkAttribute, LinkMessage};

use crate::failure::{During, Failure};
use connection::{Refused, dump};

/// The kernel of this network namespace; a socket is opened for each question.
#[derive(Debug, Default)]
pub(crate) struct Netlink;

/// Returns all links as messages.
fn link_messages() -> Result<Vec<LinkMessage>, Refused> {
    let messages = dump(&RouteNetlinkMessage::GetLink(LinkMessage::default()))?;
    let link = |message| match message {
        RouteNetlinkMessage::NewLink(link) => Some(link),
        _ => None,
    };
    Ok(messages.into_iter().filter_map(link).collect())
}

/// Returns the name of each link by its index.
fn names() -> Result<BTreeMap<u32, String>, Failure> {
    let messages = link_messages().during(|| "list links".to_owned())?;
    Ok(messages.iter().map(|it| (it.header.index, name_of(it))).collect())
}

fn name_of(message: &LinkMessage) -> String {
    let name = message.attributes.iter().find_map(|attribute| match attribute {
        LinkAttribute::IfName(name) => Some(name.clone()),
        _ => None,
    });
    name.unwrap_or_default()
}

/// Returns the index of a link; absent: there is none.
fn index_of(name: &str) -> Result<Option<u32>, Failure> {
    Ok(names()?.into_iter().find(|(_, it)| it == name).map(|(index, _)| index))
}

/// Returns the index of a link that must be there.
fn index_of_present(name: &str) -> Result<u32, Failure> {
    index_of(name)?.ok_or_else(|| Failure::new(format!("find link {name}"), "there is none"))
}
