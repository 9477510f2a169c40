//! Which address of a network the host speaks from there.

use crate::artifact::{Entry, Link};
use crate::observed::ObservedLink;
use crate::plan::draft::Draft;
use crate::value::InterfaceAddress;

/// Says where the first address of a network is another than after the next boot: the kernel takes up a new one behind those
/// that are there, and networkd gives them in their order.
pub(super) fn say_what_the_boot_brings(
    draft: &mut Draft<'_>,
    entry: &Entry,
    link: &Link,
    present: &ObservedLink,
) {
    let wanted: Vec<_> = link.addresses.iter().map(|it| it.address).filter(|it| it.ip().is_ipv4()).collect();
    let there = present.addresses.iter().map(|it| it.address).filter(|it| wanted.contains(it));
    let until_then: Vec<_> = there.chain(wanted.iter().copied()).collect();
    for address in wanted.iter().filter(|it| first(&wanted, **it) == Some(**it)) {
        if let Some(now) = first(&until_then, *address).filter(|it| it != address) {
            let network = address.network();
            draft.pending(
                &entry.origin,
                format!(
                    "`{}` is its first address in {network} from the next boot on, until then `{}` is",
                    address.ip(),
                    now.ip()
                ),
            );
        }
    }
}

fn first(addresses: &[InterfaceAddress], of: InterfaceAddress) -> Option<InterfaceAddress> {
    addresses.iter().copied().find(|it| it.network() == of.network())
}
