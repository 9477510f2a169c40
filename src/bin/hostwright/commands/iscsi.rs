//! `iscsi status` and `iscsi rescan`: sessions and disks as the kernel shows them. No disk is opened: it may hang.

use std::path::Path;

use hostwright::artifact::Target;
use hostwright::value::ItemName;

use crate::cli::IscsiCommand;
use crate::context::{Context, Exit};
use crate::failure::Failure;
use crate::machine::iscsi::login::rescan;
use crate::machine::iscsi::sessions::{Session, sessions};

/// Runs a command on targets of the applied spec.
///
/// # Errors
/// The applied spec has no such target, the kernel refuses, or there is no machine.
pub(super) fn run(context: &Context, command: &IscsiCommand) -> Result<Exit, Failure> {
    if !context.layout.is_machine() {
        let cause = "with `--root` there is no machine that could be logged in to any";
        return Err(Failure::new("look at targets", cause));
    }
    match command {
        IscsiCommand::Status { name } => {
            for target in targets(context, name.as_ref())? {
                print(&target, &sessions(Path::new("/sys"), Some(&target.iqn)));
            }
        }
        IscsiCommand::Rescan { name } => {
            for target in targets(context, Some(name))? {
                let found = sessions(Path::new("/sys"), Some(&target.iqn));
                if found.is_empty() {
                    return Err(Failure::new(
                        format!("look for disks of {name}"),
                        "the host is not logged in to it",
                    ));
                }
                found.iter().try_for_each(rescan)?;
                print(&target, &sessions(Path::new("/sys"), Some(&target.iqn)));
            }
        }
    }
    Ok(Exit::Done)
}

fn targets(context: &Context, name: Option<&ItemName>) -> Result<Vec<Target>, Failure> {
    let text = context.applied_text()?;
    let artifacts = context.artifacts_of("applied.toml", text.as_deref())?;
    let wanted = |it: &&Target| name.is_none_or(|name| it.name == *name);
    let found: Vec<_> = artifacts.targets().filter(wanted).cloned().collect();
    match name {
        Some(name) if found.is_empty() => {
            let cause = "the applied spec has no such target, `hostwright iscsi status` lists them";
            Err(Failure::new(format!("find [iscsi.{}]", name.as_str()), cause))
        }
        _ => Ok(found),
    }
}

fn print(target: &Target, sessions: &[Session]) {
    println!("{} {}", target.name, target.iqn);
    if sessions.is_empty() {
        println!("  no session");
    }
    for session in sessions {
        println!("  {} {}", session.name, session.state.to_lowercase().replace('_', " "));
        for (number, disk) in &session.disks {
            let wwid = disk.wwid.as_deref().unwrap_or("without a name");
            println!("    {}/{number} {wwid} /dev/{}", target.name, disk.name);
        }
    }
}
