//! Protocols by which BIRD writes into tables of the kernel: which routes it means to be there.

use hostwright::observed::ForeignRoute;

use super::conversation::Bird;
use crate::apply::churn::{Claim, Routes};

/// BIRD's first code of a refusal.
const REFUSAL: u16 = 8000;
/// Its code where a table has no such route.
const NO_ROUTE: u16 = 8001;
/// What it says of a protocol that is down or of the other family.
const NO_TABLE: &str = "No valid tables";

/// Protocols that lose their routes with the sight of a neighbor.
const FORGETFUL: [&str; 3] = ["Babel", "OSPF", "RIP"];

/// BIRD, and the names of those protocols. Each writes into another table, and it does not tell into which.
#[derive(Debug)]
pub(super) struct Kernels {
    bird: Bird,
    names: Vec<String>,
    /// Whether others have their routes from neighbors without a session.
    forgets: bool,
}

impl Kernels {
    /// Asks for them.
    ///
    /// # Errors
    /// Why there is no answer, in words.
    pub(super) fn find(mut bird: Bird) -> Result<Self, String> {
        let answer = bird.ask("show protocols")?;
        let parts = |line: &str| {
            let mut words = line.split_whitespace();
            Some((words.next()?.to_owned(), words.next()?.to_owned()))
        };
        let all: Vec<_> = answer.text.lines().filter_map(parts).collect();
        let forgets = all.iter().any(|it| FORGETFUL.contains(&it.1.as_str()));
        let names = all.into_iter().filter(|it| it.1 == "Kernel").map(|it| it.0).collect();
        Ok(Self { bird, names, forgets })
    }

    /// Says whether BIRD means a table of the kernel to have a route that it lacks: what its own tables have may be meant for
    /// no table of the kernel, or for another one. Absent: that cannot be told, or there is no answer.
    pub(super) fn say(&mut self, route: &ForeignRoute, now: &Routes) -> Option<Claim> {
        if self.names.is_empty() {
            return None;
        }
        let mut others = Vec::new();
        for name in self.names.clone() {
            if !self.writes(&name, route)? {
                others.push(name);
            }
        }
        // As many tables have it as are to have it.
        if self.names.len() - others.len() <= now.twins(route) {
            return Some(if self.forgets { Claim::Forgotten } else { Claim::Withdrawn });
        }
        let known = now.known_by(route);
        for name in others {
            if known.is_empty() || !self.writes_none(&name, &known)? {
                return None;
            }
        }
        (!known.is_empty()).then_some(Claim::Held)
    }

    /// Says whether a protocol writes none of some routes, and so is another table's than the one that has them.
    fn writes_none(&mut self, name: &str, routes: &[ForeignRoute]) -> Option<bool> {
        for route in routes {
            if self.writes(name, route)? {
                return Some(false);
            }
        }
        Some(true)
    }

    fn writes(&mut self, name: &str, route: &ForeignRoute) -> Option<bool> {
        let answer = self.bird.ask(&format!("show route {} exported {name}", route.to)).ok()?;
        // Where the table has a route that the protocol does not write, the answer is empty.
        let names_table = answer.text.lines().any(|it| it.starts_with("Table "));
        match answer.code {
            code if code < REFUSAL => Some(names_table),
            NO_ROUTE => Some(false),
            _ => answer.text.contains(NO_TABLE).then_some(false),
        }
    }
}
