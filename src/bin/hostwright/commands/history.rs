//! `history`: how the host came to what it runs.

use serde_json::json;

use super::status::print;
use crate::apply::journal::Outcome;
use crate::cli::Format;
use crate::clock;
use crate::context::{Context, Exit};
use crate::failure::Failure;
use crate::report::FORMAT_VERSION;
use crate::store::{self, Generation};

/// Lists the generations, the newest last.
///
/// # Errors
/// What could not be read.
pub(super) fn all(context: &Context) -> Result<Exit, Failure> {
    let line = |(number, found): (u64, Result<Generation, Failure>)| match found {
        Ok(generation) => line(&generation),
        Err(failure) => format!("{number:>4}  cannot {failure}"),
    };
    let mut lines: Vec<_> = store::newest_first(&context.layout)?.map(line).collect();
    lines.reverse();
    print(context, "history", &lines);
    Ok(Exit::Done)
}

fn line(generation: &Generation) -> String {
    let header = &generation.header;
    let time = clock::in_words(header.time);
    let message = header.message.as_ref().map_or_else(String::new, |it| format!("  {it}"));
    let outcome = outcome(&generation.outcome);
    format!("{:>4}  {time}  {}  {}{message}  {outcome}", header.generation, header.author, header.reason)
}

fn outcome(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Applied => "applied".to_owned(),
        Outcome::TakenBack(why) => format!("taken back: {why}"),
        Outcome::Broken(left) => format!("broken, left: {}", left.join("; ")),
    }
}

/// Says everything of a generation: plan, outcome, what others had before and behind it, spec.
///
/// # Errors
/// There is none of the number, or it cannot be read.
pub(super) fn one(context: &Context, number: u64) -> Result<Exit, Failure> {
    let generation = find(context, number)?;
    if context.global.format == Format::Json {
        println!("{:#}", json!({ "format-version": FORMAT_VERSION, "generation": generation }));
        return Ok(Exit::Done);
    }
    println!("{}\n", line(&generation).trim_start());
    print!("{}", generation.header.plan);
    measured("before", &generation.before);
    measured(end(&generation.outcome), &generation.after);
    println!("\nspec:\n{}", generation.header.spec);
    Ok(Exit::Done)
}

/// Says when the last picture was taken. Earlier versions kept that of behind the last step where they took back.
const fn end(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Applied => "behind the last step",
        Outcome::TakenBack(_) | Outcome::Broken(_) => "at the last look",
    }
}

fn measured(when: &str, lines: &[String]) {
    if !lines.is_empty() {
        println!("\n{when}:");
        lines.iter().for_each(|it| println!("  {it}"));
    }
}

/// Finds a generation.
///
/// # Errors
/// There is none of the number: which there are.
pub(super) fn find(context: &Context, number: u64) -> Result<Generation, Failure> {
    if let Some(found) = store::generation(&context.layout, number)? {
        return Ok(found);
    }
    let numbers: Vec<_> = store::numbers(&context.layout)?.iter().map(ToString::to_string).collect();
    let there = if numbers.is_empty() { "none".to_owned() } else { numbers.join(", ") };
    Err(Failure::new(format!("find generation {number}"), format!("this host has {there}")))
}
