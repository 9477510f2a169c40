//! The order between things, without what follows from the rest.

use std::collections::{BTreeMap, BTreeSet};

type Edges = BTreeSet<(String, String)>;

/// Removes each pair between which others lead as well; what comes after what stays as it was.
pub(super) fn reduce(edges: &mut Edges) {
    for edge in edges.clone() {
        edges.remove(&edge);
        if !leads(edges, &edge.0, &edge.1) {
            edges.insert(edge);
        }
    }
}

fn leads(edges: &Edges, from: &str, to: &str) -> bool {
    let mut after: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    edges.iter().for_each(|(first, second)| after.entry(first).or_default().push(second));
    let mut seen = BTreeSet::new();
    let mut next = vec![from];
    while let Some(name) = next.pop() {
        if name == to {
            return true;
        }
        if seen.insert(name) {
            next.extend(after.get(name).into_iter().flatten());
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_follows_is_left_out() {
        let edges = |pairs: &[(&str, &str)]| -> Edges {
            pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()
        };
        let mut found = edges(&[("a", "b"), ("b", "c"), ("a", "c"), ("c", "d"), ("a", "d")]);
        reduce(&mut found);
        assert_eq!(found, edges(&[("a", "b"), ("b", "c"), ("c", "d")]));
        let mut circle = edges(&[("a", "b"), ("b", "a")]);
        reduce(&mut circle);
        assert_eq!(circle.len(), 2);
    }
}
