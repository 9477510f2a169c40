//! libvirt's definitions, `virsh dumpxml`: read, compared with ours, and ours completed with them.
#![no_main]

mod stack;

use hostwright::xml;
use libfuzzer_sys::fuzz_target;

const OURS: &str = include_str!("../seeds/domain/ours.xml");

fuzz_target!(
    init: stack::prepare(),
    |text: &str| {
        let _ = (xml::mark(text), xml::networks(text), xml::taps(text));
        let Ok(missing) = xml::missing(OURS, text) else { return };
        let _ = missing.join(", ");
        if let Ok(complete) = xml::complete(OURS, Some(text)) {
            assert_eq!(xml::missing(&complete, &complete), Ok(Vec::new()), "it differs from itself");
            assert_eq!(xml::complete(OURS, Some(&complete)).as_ref(), Ok(&complete), "completed twice");
        }
        if let Ok(marked) = xml::marked(text, OURS) {
            assert!(xml::mark(&marked).is_ok_and(|it| it.is_some()), "{marked}");
        }
    }
);
