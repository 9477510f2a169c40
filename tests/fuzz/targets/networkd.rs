//! networkd's description of its links.
#![no_main]

mod stack;

#[path = "../../../src/bin/hostwright/machine/networkd/description.rs"]
mod description;

use libfuzzer_sys::fuzz_target;

fuzz_target!(
    init: stack::prepare(),
    |text: &str| {
        for link in description::parse(text).unwrap_or_default() {
            let _ = (link.is_on_its_way(), link.has_carrier(), link.index, link.file);
        }
    }
);
