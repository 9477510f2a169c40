//! Specs with one mistake each: it is reported where it is, or what it changes is shown. `cargo test --test mutants -- --nocapture`
//! prints the shares.

mod common;
#[path = "mutants/judge.rs"]
mod judge;
#[path = "mutants/make.rs"]
mod make;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use common::{compile, files, load, snapshot};
use judge::{Verdict, judge};
use make::{Mistake, mutants};

/// Fewest mutants that say anything.
const FEWEST: usize = 500;

#[derive(Default)]
struct Tally {
    verdicts: BTreeMap<(Mistake, Verdict), usize>,
    /// Mutants whose mistake is not named or shown, with what is said: a line each.
    listed: Vec<(Mistake, Verdict, String)>,
}

fn tally(path: &Path) -> Tally {
    let text = load(path).concatenated();
    let whole = compile(&text).0.expect("a host");
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let mut tally = Tally::default();
    for mutant in mutants(&text) {
        let (verdict, said) = judge(&mutant, &whole);
        *tally.verdicts.entry((mutant.mistake, verdict)).or_default() += 1;
        if matches!(verdict, Verdict::Unchanged | Verdict::Related | Verdict::Elsewhere) {
            tally.listed.push((mutant.mistake, verdict, format!("{name}: {}{said}", mutant.what)));
        }
    }
    tally
}

fn whole_tally() -> Tally {
    let hosts: Vec<PathBuf> = files("hosts", "toml");
    let (one, other) = hosts.split_at(hosts.len() / 2);
    let of = |hosts: &[PathBuf]| hosts.iter().map(|it| tally(it)).collect::<Vec<_>>();
    let all = std::thread::scope(|scope| {
        let first = scope.spawn(|| of(one));
        let second = of(other);
        first.join().expect("no panic").into_iter().chain(second)
    });
    let mut whole = Tally::default();
    for tally in all {
        tally.verdicts.into_iter().for_each(|(key, count)| *whole.verdicts.entry(key).or_default() += count);
        whole.listed.extend(tally.listed);
    }
    whole
}

/// What is unchanged was written where the default says the same; what is said elsewhere was read, and each is listed.
#[test]
fn a_mistake_is_reported_where_it_is_or_shown() {
    let Tally { verdicts, mut listed } = whole_tally();
    let total: usize = verdicts.values().sum();
    println!("{total} mutants");
    verdicts.iter().for_each(|((mistake, verdict), count)| println!("  {mistake:?} {verdict:?}: {count}"));
    assert!(total >= FEWEST, "{total} mutants");
    let lost =
        |mistake| listed.iter().filter(move |it| it.0 == mistake).map(|it| it.2.as_str()).collect::<Vec<_>>();
    for mistake in [Mistake::Rename, Mistake::Retype, Mistake::Duplicate, Mistake::Misname] {
        assert_eq!(lost(mistake), Vec::<&str>::new(), "{mistake:?}");
    }
    listed.sort();
    let lines: Vec<_> =
        listed.iter().map(|(mistake, verdict, it)| format!("{verdict:?} {mistake:?} {it}")).collect();
    snapshot!("mutants", lines.join("\n"));
}
