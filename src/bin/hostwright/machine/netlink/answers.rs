//! Every reader of the kernel's answers on bytes that no kernel wrote: whatever they are, it reads them or leaves them.

use super::attributes::Names;
use super::connection::Answer;
use super::{addresses, functions, halves, links, neighbors, nexthops, routes, rules, sessions, vlans};

/// Sequence number of the answers.
const SEQUENCE: u32 = 1;

/// Reads a payload as each kind of answer.
pub(crate) fn read(bytes: &[u8]) {
    let names: Names = [(1, "lo".to_owned()), (2, "eno1".to_owned())].into();
    if let Some(record) = links::decode(bytes) {
        let _ = record.complete(&names, links::More::default(), &[]);
    }
    let _ = addresses::decode(bytes);
    let _ = neighbors::decode(bytes);
    let _ = nexthops::decode(bytes, &names);
    let _ = routes::decode(bytes, &names);
    let _ = routes::any(bytes, &names);
    let _ = rules::decode(bytes);
    let _ = sessions::decode(bytes);
    let _ = vlans::decode(bytes);
    let _ = functions::decode(bytes);
    let _ = halves::decode(bytes);
}

/// Reads a datagram message by message.
pub(crate) fn read_datagram(bytes: &[u8]) {
    let mut answer = Answer::<Vec<()>>::default();
    let _ = answer.read(bytes, SEQUENCE, &|payload| {
        read(payload);
        Some(())
    });
}

#[cfg(test)]
mod tests {
    use std::fs;

    use proptest::prelude::*;

    #[test]
    fn what_once_made_a_reader_panic_is_read() {
        let seeds = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fuzz/seeds/netlink");
        for seed in fs::read_dir(seeds).expect("seeds") {
            let bytes = fs::read(seed.expect("a seed").path()).expect("a file");
            super::read(&bytes);
            super::read_datagram(&bytes);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn no_bytes_make_a_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            super::read(&bytes);
            super::read_datagram(&bytes);
        }

        #[test]
        fn no_broken_attributes_make_a_reader_panic(attributes in proptest::collection::vec((0..40_u8, 0..64_u8, any::<[u8; 16]>()), 0..8)) {
            let mut bytes = vec![0; 16];
            for (length, kind, value) in attributes {
                bytes.extend([length, 0, kind, 0]);
                bytes.extend(value);
            }
            for family in [2, 7, 10] {
                bytes[0] = family;
                super::read(&bytes);
            }
        }
    }
}
