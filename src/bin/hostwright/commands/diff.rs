//! `diff`: what differs between two specs, as texts and as what would happen.

mod side;
mod text;

use hostwright::observed::Observed;
use hostwright::plan::{Deferral, Plan, Reach, plan};
use serde_json::json;

use crate::cli::{Format, Version};
use crate::context::{Context, Exit};
use crate::failure::Failure;
use crate::report::FORMAT_VERSION;
use side::{Side, applied, side};
use text::{Section, sections};

/// Prints the spec and each artifact that differs, as unified diffs, and what the second spec would do to a host that runs
/// the first.
///
/// # Errors
/// A spec cannot be read, or is not known to compile.
pub(super) fn run(
    context: &Context,
    from: &Version,
    to: Option<&Version>,
    changes: Exit,
) -> Result<Exit, Failure> {
    let from = side(context, from)?;
    let to = to.map_or_else(|| applied(context).map(Some), |it| side(context, it))?;
    let (Some(from), Some(to)) = (from, to) else { return Ok(Exit::Errors) };
    let sections = sections(&from, &to);
    let observed = Observed::as_applied(&from.artifacts, &to.artifacts, from.systemd);
    let plan = plan(&from.artifacts, &to.artifacts, &observed, Reach::Machine, Deferral::Stop);
    match context.global.format {
        Format::Json => {
            let value = json!({ "format-version": FORMAT_VERSION, "files": sections, "plan": plan });
            println!("{value:#}");
        }
        _ => show(context, [&from, &to], &sections, &plan),
    }
    Ok(if from.tree == to.tree && plan.is_empty() { Exit::Done } else { changes })
}

fn show(context: &Context, [from, to]: [&Side; 2], sections: &[Section], plan: &Plan) {
    let coloured = context.global.color.is_on_output();
    sections.iter().for_each(|it| println!("{}", it.text(coloured)));
    if from.tree == to.tree {
        println!("{} and {} make the same", from.name, to.name);
        return;
    }
    let systemd = from.systemd;
    println!(
        "{} → {} on a host that runs {} and nothing else: systemd {systemd}, no BGP session,",
        from.name, to.name, from.name
    );
    println!(
        "no routes, rules and nexthops of others. What a host really has is known to `hostwright plan` there.\n"
    );
    if plan.is_empty() {
        println!("  nothing to do");
    }
    print!("{plan}");
}
