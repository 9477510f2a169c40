//! A plan on disk, for `apply --plan`.

use std::path::Path;

use hostwright::plan::{Deferral, Plan, Terms};
use serde::{Deserialize, Serialize};

use crate::failure::{During, Failure};
use crate::prepare::Prepared;
use crate::report::FORMAT_VERSION;
use crate::store;

/// A plan with what it was made from.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Stored {
    format_version: u32,
    /// Text of the spec.
    spec: String,
    /// Options that it was made with; absent: an earlier version wrote it, and nobody knows.
    #[serde(default)]
    options: Option<Vec<String>>,
    plan: Plan,
}

/// Why a stored plan is not to be applied.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// What is not as it was.
    pub(crate) what: &'static str,
    /// What to do.
    pub(crate) hint: String,
}

impl Stored {
    /// Takes in a plan and the terms that it was made under.
    pub(super) fn new(prepared: &Prepared, terms: &Terms) -> Self {
        Self {
            format_version: FORMAT_VERSION,
            spec: prepared.machine.spec.clone(),
            options: Some(options(terms)),
            plan: prepared.plan.clone(),
        }
    }

    /// Writes it.
    ///
    /// # Errors
    /// The file system's.
    pub(super) fn write(&self, path: &Path) -> Result<(), Failure> {
        let text = serde_json::to_string_pretty(self).during(|| "write the plan".to_owned())?;
        store::write_whole(path, &(text + "\n"))
    }

    /// Reads one.
    ///
    /// # Errors
    /// It cannot be read, or another version wrote it.
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let what = || format!("read {}", path.display());
        let text = std::fs::read_to_string(path).during(what)?;
        let stored: Self = serde_json::from_str(&text).during(what)?;
        if stored.format_version == FORMAT_VERSION {
            Ok(stored)
        } else {
            let why = format!("format version {} is not {FORMAT_VERSION}", stored.format_version);
            Err(Failure::new(what(), why))
        }
    }

    /// Says why it is not what would be done now; absent: it is. Other options may make another plan of the same machine.
    pub(crate) fn refusal(&self, spec: &str, plan: &Plan, terms: &Terms) -> Option<Refusal> {
        let again = || "plan again".to_owned();
        if self.spec != spec {
            return Some(Refusal { what: "the spec is", hint: again() });
        }
        if self.plan == *plan {
            return None;
        }
        match self.options.as_ref().and_then(|it| other_options(it, &options(terms))) {
            Some(hint) => Some(Refusal { what: "the options are", hint }),
            None => Some(Refusal { what: "the machine is", hint: again() }),
        }
    }
}

/// Writes terms as the options that give them.
fn options(terms: &Terms) -> Vec<String> {
    let deferral = match terms.deferral {
        Deferral::Stop => None,
        Deferral::AtBoot => Some("--at-boot".to_owned()),
        Deferral::TakeOver => Some("--take-over".to_owned()),
    };
    deferral.into_iter().chain(terms.allow.iter().map(|it| format!("--allow {it}"))).collect()
}

/// Says which options lack, and which are too many; absent: they are the same.
fn other_options(stored: &[String], given: &[String]) -> Option<String> {
    let beyond = |some: &[String], others: &[String]| {
        let words: Vec<_> = some.iter().filter(|it| !others.contains(it)).cloned().collect();
        words.join(" ")
    };
    let (lacking, too_many) = (beyond(stored, given), beyond(given, stored));
    let give = (!lacking.is_empty()).then(|| format!("give `{lacking}` again"));
    let leave = (!too_many.is_empty()).then(|| format!("leave out `{too_many}`"));
    let hint: Vec<_> = give.into_iter().chain(leave).collect();
    (!hint.is_empty()).then(|| format!("{}, or plan again", hint.join(" and ")))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use hostwright::value::Harm;

    use super::*;
    use crate::apply::tests::empty_plan;

    #[test]
    fn options_that_differ_are_named() {
        let plan = empty_plan();
        let other = Plan { notes: vec!["another".to_owned()], ..plan.clone() };
        let at_boot = Terms { deferral: Deferral::AtBoot, allow: BTreeSet::from([Harm::Routes]) };
        let none = Terms::default();
        let stored = |terms: Option<&Terms>| Stored {
            format_version: FORMAT_VERSION,
            spec: "spec".to_owned(),
            options: terms.map(options),
            plan: plan.clone(),
        };
        let refused = |made: Option<&Terms>, spec: &str, plan: &Plan, now: &Terms| {
            stored(made).refusal(spec, plan, now).map(|it| format!("{}: {}", it.what, it.hint))
        };
        assert_eq!(refused(Some(&at_boot), "spec", &plan, &none), None, "they make no difference");
        let said = |made, spec, now| refused(made, spec, &other, now).expect("refused");
        assert_eq!(
            said(Some(&at_boot), "spec", &none),
            "the options are: give `--at-boot --allow routes` again, or plan again"
        );
        assert_eq!(
            said(Some(&none), "spec", &at_boot),
            "the options are: leave out `--at-boot --allow routes`, or plan again"
        );
        assert_eq!(said(Some(&at_boot), "spec", &at_boot), "the machine is: plan again");
        assert_eq!(said(None, "spec", &none), "the machine is: plan again", "of an earlier version");
        assert_eq!(said(Some(&at_boot), "other", &none), "the spec is: plan again");
    }
}
