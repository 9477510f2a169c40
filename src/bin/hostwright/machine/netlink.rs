//! stub
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use hostwright::artifact::{Address, Link, Route};
use hostwright::observed::{BgpSession, ObservedLink, ObservedRoute};
use hostwright::value::{InterfaceName, Mtu};
use crate::failure::Failure;
#[derive(Debug, Default)]
pub(crate) struct Netlink;
impl Netlink {
    pub(crate) fn links(&self, _: &BTreeMap<String, Vec<String>>) -> Result<BTreeMap<String, ObservedLink>, Failure> { Ok(BTreeMap::new()) }
    pub(crate) fn routes(&self) -> Result<BTreeSet<ObservedRoute>, Failure> { Ok(BTreeSet::new()) }
    pub(crate) fn rules(&self) -> Result<BTreeSet<String>, Failure> { Ok(BTreeSet::new()) }
    pub(crate) fn nexthops(&self) -> Result<BTreeSet<String>, Failure> { Ok(BTreeSet::new()) }
    pub(crate) fn sessions(&self) -> Result<BTreeSet<BgpSession>, Failure> { Ok(BTreeSet::new()) }
    pub(crate) fn create(&self, _: &Link) -> Result<(), Failure> { Ok(()) }
    pub(crate) fn delete(&self, _: &InterfaceName) -> Result<(), Failure> { Ok(()) }
    pub(crate) fn set_mtu(&self, _: &InterfaceName, _: Mtu) -> Result<(), Failure> { Ok(()) }
    pub(crate) fn set_up(&self, _: &InterfaceName) -> Result<(), Failure> { Ok(()) }
    pub(crate) fn add_address(&self, _: &InterfaceName, _: &Address) -> Result<(), Failure> { Ok(()) }
    pub(crate) fn remove_address(&self, _: &InterfaceName, _: &Address) -> Result<(), Failure> { Ok(()) }
    pub(crate) fn await_usable(&self, _: &InterfaceName, _: &Address, _: Duration) -> Result<(), Failure> { Ok(()) }
    pub(crate) fn add_route(&self, _: &InterfaceName, _: &Route) -> Result<(), Failure> { Ok(()) }
    pub(crate) fn remove_route(&self, _: &InterfaceName, _: &Route) -> Result<(), Failure> { Ok(()) }
}
