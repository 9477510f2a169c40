//! `explain`: the page of a key, a kind or a code, or what networkd does to whom on this host.

use std::collections::BTreeSet;

use hostwright::effect::{Certainty, Operation, harms};
use hostwright::explain;
use hostwright::observed::{LeftAlone, Networkd, Observed};
use serde_json::json;

use crate::cli::Format;
use crate::context::{Context, Exit};
use crate::failure::Failure;
use crate::prepare::{Foretold, prepare_applied};
use crate::report::FORMAT_VERSION;
use crate::sessions;

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
        let more = match explain::nearest(word) {
            Some(guess) => format!("did you mean `{guess}`?"),
            None => "`hostwright explain --list` lists the keys".to_owned(),
        };
        let cause = format!("no key, kind or code has this name; {more}");
        return Err(Failure::new(format!("explain {word}"), cause));
    };
    print!("{page}");
    Ok(Exit::Done)
}

/// Prints the rows of the table that hold on this host, and what would improve them.
fn networkd(context: &Context) -> Result<Exit, Failure> {
    let prepared = prepare_applied(context)?;
    let Some(networkd) = &prepared.observed.networkd else {
        return Err(Failure::new("explain networkd", "systemd-networkd does not run on this host"));
    };
    let known = Operation::ALL.into_iter().filter(|it| it.is_known_to(networkd.version));
    let forecasts: Vec<_> = known.map(|it| (it, prepared.forecast(it))).collect();
    if context.global.format == Format::Json {
        print_json(&prepared.observed, networkd, &forecasts);
    } else {
        print_text(&prepared.observed, networkd, &forecasts);
    }
    Ok(Exit::Done)
}

fn print_json(observed: &Observed, networkd: &Networkd, forecasts: &[(Operation, Vec<Foretold>)]) {
    let row = |operation: Operation, foretold: &Foretold| {
        let it = foretold.disturbance;
        json!({
            "operation": operation.word(),
            "effects": [it.harm.word()],
            "certainty": it.certainty.words(),
            "links": foretold.links,
            "why": it.why,
            "remedy": it.remedy,
            "source": it.source,
        })
    };
    let rows: Vec<_> =
        forecasts.iter().flat_map(|(operation, list)| list.iter().map(|it| row(*operation, it))).collect();
    let value = json!({
        "format-version": FORMAT_VERSION,
        "systemd": networkd.version,
        "failed": networkd.failed,
        "unread": networkd.unread,
        "sessions": sessions::json(observed),
        "rows": rows,
    });
    println!("{value:#}");
}

fn print_text(observed: &Observed, networkd: &Networkd, forecasts: &[(Operation, Vec<Foretold>)]) {
    let next = &networkd.next;
    println!("networkd {}, leaves {} of others alone", networkd.version, alone(networkd.left_alone));
    if (next.version, next.left_alone) != (networkd.version, networkd.left_alone) {
        println!("one that starts now: {}, leaves {} of others alone", next.version, alone(next.left_alone));
    }
    networkd.failed.iter().for_each(|it| println!("it has failed `{it}` and configures it no further"));
    let unread = networkd.unread.iter();
    unread.for_each(|(link, path)| println!("it may not have read {path}, which changed, for `{link}`"));
    sessions::lines(observed).iter().for_each(|it| println!("{it}"));
    println!();
    let mut remedies = BTreeSet::new();
    for (operation, list) in forecasts {
        let all = harms(list.iter().map(|it| &it.disturbance));
        let words: Vec<_> = all.iter().map(ToString::to_string).collect();
        let said = if words.is_empty() { "nothing".to_owned() } else { words.join(", ") };
        println!("  {:28} disturbs {said}", operation.word());
        for Foretold { disturbance, links } in list {
            let place = if links.is_empty() { String::new() } else { format!("{}: ", links.join(", ")) };
            let chance = if disturbance.certainty == Certainty::ByChance { ", by chance" } else { "" };
            println!("  {:28}   {place}{}{chance} ({})", "", disturbance.why, disturbance.source);
            remedies.extend(disturbance.remedy);
        }
    }
    remedies.iter().for_each(|it| println!("\n  better: {it}"));
}

fn alone(LeftAlone { routes, rules, nexthops }: LeftAlone) -> String {
    let words = [(routes, "routes"), (rules, "rules"), (nexthops, "nexthop objects")];
    let alone: Vec<_> = words.iter().filter(|it| it.0).map(|it| it.1).collect();
    if alone.is_empty() { "nothing".to_owned() } else { alone.join(", ") }
}
