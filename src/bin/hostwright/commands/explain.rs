//! `explain`: the page of a key, a kind or a code, or what networkd does to whom on this host.

use std::collections::BTreeSet;

use hostwright::effect::{Disturbance, Operation, Situation, forecast};
use hostwright::explain;
use hostwright::plan::Deferral;
use serde_json::json;

use crate::cli::Format;
use crate::context::{Context, Exit};
use crate::failure::Failure;
use crate::prepare::{Prepared, prepare};
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
    let text = context.applied_text()?.unwrap_or_default();
    let artifacts = context.artifacts_of("applied.toml", Some(&text))?;
    let prepared = prepare(context, text, artifacts, Deferral::Stop)?;
    let Some(situation) = Situation::of(&prepared.observed) else {
        return Err(Failure::new("explain networkd", "it does not run"));
    };
    let forecasts = Operation::ALL.map(|it| (it, on_all_links(&prepared, &situation, it)));
    if context.global.format == Format::Json {
        print_json(situation.version, &forecasts);
    } else {
        let protected = prepared.observed.networkd.as_ref().is_some_and(|it| it.protected);
        print_text(situation.version, protected, &forecasts);
    }
    Ok(Exit::Done)
}

/// Foretells an operation on each link that networkd has loaded, and joins what is said.
pub(super) fn on_all_links(
    prepared: &Prepared,
    situation: &Situation,
    operation: Operation,
) -> Vec<Disturbance> {
    let observed = &prepared.observed;
    let loaded = observed.networkd.iter().flat_map(|it| it.loaded.keys());
    let mut found = forecast(operation, situation);
    for name in loaded {
        let link = prepared.machine.new.links().find(|it| it.name.as_str() == name);
        let given: Vec<_> = match link {
            Some(link) => link.addresses.iter().map(|it| it.address).collect(),
            None => {
                observed.links.get(name).iter().flat_map(|it| &it.addresses).map(|it| it.address).collect()
            }
        };
        let here = forecast(operation, &situation.clone().about(observed, name, &given));
        found.extend(here.into_iter().filter(|it| !found.contains(it)).collect::<Vec<_>>());
    }
    found
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
