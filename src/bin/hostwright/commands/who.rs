//! `who`: to which container or domain a process belongs, and what each of them uses.

use std::path::Path;
use std::time::{Duration, Instant};

use hostwright::diagnostic::Diagnostics;
use hostwright::spec::Sources;
use serde_json::{Value, json};

use crate::cli::Format;
use crate::context::{Context, Exit};
use crate::failure::Failure;
use crate::machine::cgroup::{self, Machine, Rates};
use crate::report::FORMAT_VERSION;
use crate::spec::sources_of;

/// Time between the two looks that give rates.
const SAMPLE: Duration = Duration::from_secs(1);

/// Says whose a process is; without one, what all containers and domains use.
///
/// # Errors
/// There is no such process.
pub(super) fn run(context: &Context, pid: Option<u32>) -> Result<Exit, Failure> {
    let places = Places::read(context);
    match pid {
        Some(pid) => one(context, &places, pid)?,
        None => all(context, &places),
    }
    Ok(Exit::Done)
}

fn one(context: &Context, places: &Places, pid: u32) -> Result<(), Failure> {
    let root = context.layout.root();
    let machine = cgroup::of_process(root, pid)?;
    let command = std::fs::read_to_string(root.join(format!("proc/{pid}/comm"))).unwrap_or_default();
    let (command, place) = (command.trim_end(), machine.as_ref().and_then(|it| places.of(it)));
    if context.global.format == Format::Json {
        let (kind, name) = machine.as_ref().map(|it| (it.form.word(), places.name(it))).unzip();
        let who = json!({ "pid": pid, "command": command, "kind": kind, "name": name, "place": place });
        println!("{:#}", json!({ "format-version": FORMAT_VERSION, "who": who }));
        return Ok(());
    }
    let whose = match &machine {
        None => "the host's".to_owned(),
        Some(it) => format!("{} {}, {}", it.form.word(), places.name(it), written(place)),
    };
    println!("{pid} ({command}): {whose}");
    Ok(())
}

fn written(place: Option<&str>) -> String {
    place.map_or_else(|| "in no spec".to_owned(), str::to_owned)
}

fn all(context: &Context, places: &Places) {
    let used = sample(context.layout.root());
    if context.global.format == Format::Json {
        let list: Vec<_> = used.iter().map(|(machine, rates)| as_json(machine, rates, places)).collect();
        println!("{:#}", json!({ "format-version": FORMAT_VERSION, "who": list }));
        return;
    }
    if used.is_empty() {
        return println!("no container and no domain runs");
    }
    let name = |it: &Machine| format!("{} {}", it.form.word(), places.name(it));
    let width = used.iter().map(|(it, _)| name(it).chars().count()).max().unwrap_or_default();
    for (machine, rates) in &used {
        println!("{:width$}   {}   {}", name(machine), columns(rates), written(places.of(machine)));
    }
}

/// Looks twice; whoever uses most processor time comes first.
fn sample(root: &Path) -> Vec<(Machine, Rates)> {
    let before: Vec<_> = cgroup::all(root).into_iter().map(|it| (it.usage(root), it)).collect();
    let begin = Instant::now();
    if !before.is_empty() {
        std::thread::sleep(SAMPLE);
    }
    let rates = |(usage, it): (cgroup::Usage, Machine)| {
        let rates = it.usage(root).since(&usage, begin.elapsed());
        (it, rates)
    };
    let mut used: Vec<_> = before.into_iter().map(rates).collect();
    used.sort_by_key(|(_, rates)| std::cmp::Reverse((rates.processor, rates.memory)));
    used
}

fn columns(rates: &Rates) -> String {
    let none = || "-".to_owned();
    let processor = rates.processor.map_or_else(none, |it| format!("{it} %"));
    let memory = rates.memory.map_or_else(none, bytes);
    let (read, written) =
        rates.disk.map_or_else(|| (none(), none()), |(read, written)| (bytes(read), bytes(written)));
    format!("CPU {processor:>6}   memory {memory:>9}   read {read:>9}/s   written {written:>9}/s")
}

fn bytes(number: u64) -> String {
    let units = [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
    match units.into_iter().find(|(factor, _)| number >= *factor) {
        Some((factor, unit)) => format!("{}.{} {unit}", number / factor, number % factor * 10 / factor),
        None => format!("{number} B"),
    }
}

fn as_json(machine: &Machine, rates: &Rates, places: &Places) -> Value {
    let (read, written) = rates.disk.unzip();
    json!({
        "kind": machine.form.word(),
        "name": places.name(machine),
        "place": places.of(machine),
        "cpu-percent": rates.processor,
        "memory-bytes": rates.memory,
        "read-bytes-per-second": read,
        "written-bytes-per-second": written,
    })
}

/// Tables of the spec with their places, `file:line`: of the one that is edited, then of the one that is applied.
struct Places(Vec<(String, String, String)>);

impl Places {
    fn read(context: &Context) -> Self {
        let paths = [context.layout.candidate(), context.layout.applied()];
        let sources = paths.iter().filter_map(|it| sources_of(it).ok());
        Self(sources.flat_map(|it| tables(&it)).collect())
    }

    fn find(&self, machine: &Machine) -> Option<&(String, String, String)> {
        self.0.iter().find(|(kind, name, _)| kind == machine.form.word() && machine.is(name))
    }

    /// Returns the name that the spec has for a machine, else its own.
    fn name<'a>(&'a self, machine: &'a Machine) -> &'a str {
        self.find(machine).map_or(&machine.name, |(_, name, _)| name)
    }

    fn of(&self, machine: &Machine) -> Option<&str> {
        self.find(machine).map(|(_, _, place)| place.as_str())
    }
}

fn tables(sources: &Sources) -> Vec<(String, String, String)> {
    let spec = hostwright::spec::document::parse(sources, &mut Diagnostics::default());
    let origins = spec.items.iter().map(|it| it.origin());
    let table = |it: hostwright::source::Located<hostwright::artifact::Origin>| {
        let source = sources.files.get(it.span.source.0)?;
        let (line, _) = source.line_column(it.span.start);
        Some((it.value.kind, it.value.name, format!("{}:{line}", source.name)))
    };
    origins.filter_map(table).collect()
}
