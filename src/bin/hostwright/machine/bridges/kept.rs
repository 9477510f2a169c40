//! How bridges stood before they were taken away, a file for each.

use hostwright::artifact::DefaultBridge;
use hostwright::observed::BridgeState;

use crate::failure::{During, Failure};
use crate::layout::Layout;
use crate::store;

/// Returns what was stored; absent: nothing was.
pub(super) fn read(layout: &Layout, bridge: DefaultBridge) -> Result<Option<BridgeState>, Failure> {
    let path = layout.original(bridge.link());
    let text = store::read_if_there(&path)?;
    let state = text.map(|it| serde_json::from_str(&it)).transpose();
    state.during(|| format!("read {}", path.display()))
}

/// Stores a state.
pub(super) fn write(layout: &Layout, bridge: DefaultBridge, state: &BridgeState) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(state).during(|| "write JSON".to_owned())?;
    store::write_whole(&layout.original(bridge.link()), &(text + "\n"))
}

/// Drops what was stored.
pub(super) fn remove(layout: &Layout, bridge: DefaultBridge) -> Result<(), Failure> {
    store::remove(&layout.original(bridge.link()))
}
