//! `explain`: the page of a key, a kind or a code, or what networkd does to whom on this host.

use std::collections::BTreeSet;

use hostwright::effect::{Disturbance, Operation};
use hostwright::explain;
use serde_json::json;

use crate::cli::Format;
use crate::context::{Context, Exit};
use crate::failure::Failure;
use crate::prepare::prepare_applied;
use crate::report::FORMAT_VERSION;

/// Prints a page, or all keys.
///
/// # Errors
/// There is no such word.
pub(super) fn run(context: &Context, word: Option<&str>) -> Result<Exit, Failure> {
    let Some(word) = word else {
        explain::list().iter().for_each(|it| println!("{it}"));
        return Ok(Exit::Done);
    };
    if word == "networkd" {
        return networkd(context);
    }
    let page = explain::key(word).or_else(|| explain::kind(word)).or_else(|| explain::code(word));
    let Some(page) = page else {
        let guess = explain::nearest(word).map(|it| format!(", did you mean `{it}`?")).unwrap_or_default();
        return Err(Failure::new(
            format!("explain {word}"),
            format!("no key, kind or code has this name{guess}"),
        ));
    };
    print!("{page}");
    Ok(Exit::Done)
}

/// Prints the rows of the table that hold on this host, and what would improve them.
fn networkd(context: &Context) -> Result<Exit, Failure> {
    let prepared = prepare_applied(context)?;
    let Some(networkd) = &prepared.observed.networkd else {
        return Err(Failure::new("explain networkd", "it does not run"));
    };
    let forecasts = Operation::ALL.map(|it| (it, prepared.forecast(it)));
    if context.global.format == Format::Json {
        print_json(networkd.version, &forecasts);
    } else {
        print_text(networkd.version, networkd.protected, &forecasts);
    }
    Ok(Exit::Done)
}

fn print_json(version: u32, forecasts: &[(Operation, Vec<Disturbance>)]) {
    let row = |operation: Operation, it: &Disturbance| {
        json!({
            "operation": operation.word(),
            "effects": [it.harm.word()],
            "why": it.why,
            "remedy": it.remedy,
            "source": it.source,
        })
    };
    let rows: Vec<_> =
        forecasts.iter().flat_map(|(operation, list)| list.iter().map(|it| row(*operation, it))).collect();
    println!("{:#}", json!({ "format-version": FORMAT_VERSION, "systemd": version, "rows": rows }));
}

fn print_text(version: u32, protected: bool, forecasts: &[(Operation, Vec<Disturbance>)]) {
    let protected = if protected { "kept from what others own" } else { "not kept from what others own" };
    println!("networkd {version}, {protected}\n");
    let mut remedies = BTreeSet::new();
    for (operation, list) in forecasts {
        let harms: Vec<_> = hostwright::effect::harms(list).iter().map(ToString::to_string).collect();
        let said = if harms.is_empty() { "nothing".to_owned() } else { harms.join(", ") };
        println!("  {:28} disturbs {said}", operation.word());
        for it in list {
            println!("  {:28}   {} ({})", "", it.why, it.source);
            remedies.extend(it.remedy);
        }
    }
    remedies.iter().for_each(|it| println!("\n  better: {it}"));
}
