//! What stands behind an apply.

use super::{Finding, View};
use crate::diagnostic::{Code, Diagnostic};
use crate::value::Harm;

/// Warns where BGP sessions may be disturbed and nothing but they themselves is looked at afterwards.
pub(in super::super) fn unguarded(view: &View<'_>) -> Vec<Finding> {
    let Some(safety) = view.safety.filter(|it| it.confirm.is_none() && it.probe.is_empty()) else {
        return Vec::new();
    };
    let sessions = safety.allow.iter().filter(|it| it.value == Harm::Sessions);
    let finding = sessions.map(|it| {
        let message =
            "an apply may disturb BGP sessions, and neither `confirm` nor a probe would take it back";
        let diagnostic = Diagnostic::warning(Code::NoConfirm, it.span, message);
        let hint =
            "`confirm = \"5min\"` in `[safety]` takes an apply back unless somebody says that all is well";
        Finding { diagnostic: diagnostic.hint(hint), tables: Vec::new() }
    });
    finding.collect()
}
