//! Order of things that are built on, or wait for, each other: found in one walk, for hosts have thousands of them.

use std::collections::{BTreeMap, BTreeSet};

/// Things by name, those that need nothing first.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Order<'a> {
    /// Each behind all that it needs.
    pub(super) sound: Vec<&'a str>,
    /// Those that need themselves, or one that does.
    pub(super) rest: BTreeSet<&'a str>,
}

impl<'a> Order<'a> {
    /// Sorts pairs of a thing and one that it needs.
    pub(super) fn of(pairs: &[(&'a str, &'a str)]) -> Self {
        let mut needs: BTreeMap<&str, usize> = BTreeMap::new();
        let mut needed_by: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for &(thing, other) in pairs {
            *needs.entry(thing).or_default() += 1;
            needs.entry(other).or_default();
            needed_by.entry(other).or_default().push(thing);
        }
        let mut sound: Vec<&str> = needs.iter().filter(|it| *it.1 == 0).map(|it| *it.0).collect();
        let mut at = 0;
        while let Some(&done) = sound.get(at) {
            at += 1;
            for thing in needed_by.remove(done).unwrap_or_default() {
                let Some(left) = needs.get_mut(thing) else { continue };
                *left -= 1;
                if *left == 0 {
                    sound.push(thing);
                }
            }
        }
        let rest = needs.into_iter().filter(|it| it.1 > 0).map(|it| it.0).collect();
        Self { sound, rest }
    }
}

/// Returns the things that may need themselves: those that are left when what needs none of them, and then what none of them
/// needs, is taken away.
pub(super) fn entangled<'a>(pairs: &[(&'a str, &'a str)]) -> BTreeSet<&'a str> {
    let rest = Order::of(pairs).rest;
    let left = pairs.iter().filter(|(thing, other)| rest.contains(thing) && rest.contains(other));
    let turned: Vec<_> = left.map(|(thing, other)| (*other, *thing)).collect();
    Order::of(&turned).rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_needed_comes_first() {
        let order = Order::of(&[("c", "b"), ("b", "a"), ("c", "a"), ("b", "a")]);
        assert_eq!((order.sound, order.rest), (vec!["a", "b", "c"], BTreeSet::new()));
    }

    #[test]
    fn what_needs_itself_is_told_from_what_leads_there_or_from_there() {
        let pairs = [("above", "a"), ("a", "b"), ("b", "a"), ("b", "below"), ("alone", "alone")];
        assert_eq!(Order::of(&pairs).rest, ["a", "above", "alone", "b"].into());
        assert_eq!(entangled(&pairs), ["a", "alone", "b"].into());
        assert_eq!(entangled(&[("c", "b"), ("b", "a")]), BTreeSet::new());
    }
}
