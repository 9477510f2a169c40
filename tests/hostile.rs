//! Hostile strings in every string of a spec: a finding, or harmless in every file.

mod common;

use std::collections::{BTreeMap, BTreeSet};

use hostwright::artifact::{Artifact, Artifacts, Content, Root};
use toml::{Table, Value};

/// What could begin a new line, setting, specifier, comment or element in some file.
const HOSTILE: &[&str] = &[
    "\n",
    "\r",
    "\r\n",
    "\u{85}",
    "\u{2028}",
    "\0",
    "\u{1b}",
    "\t",
    " ",
    "%",
    "%n",
    "%%",
    "]]>",
    "\"",
    "'",
    "\\",
    "<",
    "<a>",
    "&",
    "&amp;",
    "$",
    "${HOME}",
    ";",
    "#",
    "\n[Service]\nExecStart=/bin/sh",
    "\u{fffe}",
    "\u{ffff}",
    "{{ 1 }}",
    "{% raw %}",
    "ä",
    "\u{202e}",
];

/// Keys of the tree on the way to a string, items of arrays by their number.
type Path = Vec<String>;

fn carrier() -> Table {
    let hosts = common::files("hosts", "toml");
    let path = hosts.iter().find(|it| it.ends_with("hypervisor.toml"));
    let sources = common::load(path.expect("the hypervisor is there"));
    let text = sources.concatenated();
    text.parse().expect("the hypervisor is TOML")
}

fn strings(value: &Value, path: &Path, found: &mut Vec<Path>) {
    let mut below = |key: String, value: &Value| {
        let path = path.iter().cloned().chain([key]).collect();
        strings(value, &path, found);
    };
    match value {
        Value::String(_) => found.push(path.clone()),
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                below(at.to_string(), item);
            }
        }
        Value::Table(table) => {
            for (key, value) in table {
                below(key.clone(), value);
            }
        }
        _ => {}
    }
}

fn at<'v>(value: &'v mut Value, path: &[String]) -> &'v mut Value {
    path.iter().fold(value, |value, key| match value {
        Value::Array(items) => {
            let at: usize = key.parse().expect("an item has a number");
            &mut items[at]
        }
        value => &mut value[key.as_str()],
    })
}

fn compile(tree: &Value) -> Option<Artifacts> {
    let text = toml::to_string(tree).expect("a tree is TOML");
    common::compile(&text).0
}

/// Leaves names of tables and numbers of items out: `domain.web1.disk.root.slot` is `domain.disk.slot`.
fn key_of(path: &Path) -> Path {
    let named =
        |at: usize| at == 1 && path[0] != "host" || ["disk", "interface"].contains(&path[at - 1].as_str());
    let is_name = |at: usize| at > 0 && named(at) || path[at].parse::<usize>().is_ok();
    (0..path.len()).filter(|at| !is_name(*at)).map(|at| path[at].clone()).collect()
}

/// The string at both ends and in the middle of a value that the key takes, and alone.
fn variants(harmless: &str, hostile: &str) -> [String; 4] {
    let middle = harmless.len() / 2;
    [
        hostile.to_owned(),
        format!("{hostile}{harmless}"),
        format!("{harmless}{hostile}"),
        format!("{}{hostile}{}", &harmless[..middle], &harmless[middle..]),
    ]
}

/// What a line-based file must look like whatever its values are: how often each directive stands there.
type Shape = BTreeMap<String, usize>;

fn shape(artifacts: &Artifacts) -> Shape {
    let mut shape = Shape::new();
    for file in artifacts.files() {
        let Content::Text(text) = &file.content else {
            continue;
        };
        let root = file.place.root;
        // systemd parts lines at these three; U+0085 and U+2028 would mislead whoever reads them.
        let lines: Vec<_> = text.split(['\n', '\r', '\0', '\u{85}']).collect();
        for line in lines {
            assert!(!line.ends_with('\\'), "the line goes on: {line:?}");
            let key = line.split_once('=').map_or(line, |(key, _)| key);
            let key = if line.starts_with('#') { "#" } else { key };
            *shape.entry(format!("{root:?} {key}")).or_default() += 1;
        }
        if root == Root::Unit {
            check_specifiers(text);
        }
    }
    shape
}

/// No template of a unit writes a specifier: each `%` is a user's and doubled, or a unit behind a number.
fn check_specifiers(text: &str) {
    let quota = |line: &&str| line.starts_with("CPUQuota=") && line.ends_with("00%");
    let lines: Vec<_> = text.lines().filter(|it| !quota(it)).collect();
    let rest = lines.join("\n").replace("%%", "");
    assert!(!rest.contains('%'), "a specifier is expanded: {text}");
}

/// Names of elements and attributes in the order of the text, and all decoded values.
fn xml(artifacts: &Artifacts) -> (Vec<String>, Vec<String>) {
    let (mut names, mut values) = (Vec::new(), Vec::new());
    for entry in artifacts.iter() {
        let text = match &entry.artifact {
            Artifact::Domain(domain) => &domain.xml,
            Artifact::Network(network) => &network.xml,
            _ => continue,
        };
        let forbidden = |it: char| (it < ' ' && it != '\n') || "\u{85}\u{fffe}\u{ffff}".contains(it);
        assert!(!text.contains(forbidden), "not XML 1.0: {text:?}");
        let document = roxmltree::Document::parse(text).expect("our XML is well-formed");
        for node in document.descendants() {
            names.push(format!("{:?}", node.tag_name()));
            names.extend(node.attributes().map(|it| it.name().to_owned()));
            values.extend(node.attributes().map(|it| it.value().to_owned()));
            values.extend(node.text().map(str::to_owned));
        }
    }
    (names, values)
}

/// Compares a host that took a hostile value with the harmless one; `input` says what must be found in XML.
fn compare(harmless: &Artifacts, hostile: &Artifacts, input: Option<&str>, what: &str) {
    assert_eq!(shape(harmless), shape(hostile), "{what}");
    let (mut names, _) = xml(harmless);
    let (mut found, values) = xml(hostile);
    names.sort();
    found.sort();
    assert_eq!(names, found, "{what}");
    if let Some(input) = input {
        assert!(values.iter().any(|it| it.contains(input)), "{what}: lost in XML");
    }
}

#[test]
fn every_string_is_refused_or_escaped() {
    let carrier = Value::Table(carrier());
    let harmless = compile(&carrier).expect("the hypervisor compiles");
    let mut paths = Vec::new();
    strings(&carrier, &Path::new(), &mut paths);
    // One table of a kind speaks for all.
    let mut seen = BTreeSet::new();
    paths.retain(|path| seen.insert(key_of(path)));
    let (_, written) = xml(&harmless);
    let taken = std::sync::atomic::AtomicUsize::new(0);
    let next = std::sync::Mutex::new(paths.iter());
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(path) = next.lock().map_or(None, |mut it| it.next()) {
                    let found = try_hostile(&carrier, path, &harmless, &written);
                    taken.fetch_add(found, std::sync::atomic::Ordering::Relaxed);
                }
            });
        }
    });
    assert!(taken.into_inner() > 0, "no key takes a blank or a quote: the test sees nothing");
}

/// Puts each hostile string at a place; returns how many were taken.
fn try_hostile(carrier: &Value, path: &Path, harmless: &Artifacts, written: &[String]) -> usize {
    let mut taken = 0;
    for hostile in HOSTILE {
        let mut tree = carrier.clone();
        let original = at(&mut tree, path).as_str().expect("a string").to_owned();
        for value in variants(&original, hostile) {
            *at(&mut tree, path) = Value::String(value.clone());
            let Some(artifacts) = compile(&tree) else {
                continue;
            };
            taken += 1;
            // What has a writing of its own, like a size, is not looked for.
            let in_xml = path[0] == "domain" && written.contains(&original);
            let what = format!("{} = {value:?}", path.join("."));
            compare(harmless, &artifacts, in_xml.then_some(value.as_str()), &what);
        }
    }
    taken
}

/// Gives a table another name, and everything that speaks of it too.
fn rename(value: &mut Value, from: &str, to: &str) {
    match value {
        Value::String(text) if text == from => to.clone_into(text),
        Value::Array(items) => items.iter_mut().for_each(|it| rename(it, from, to)),
        Value::Table(table) => {
            for (key, mut value) in std::mem::take(table) {
                rename(&mut value, from, to);
                let key = if key == from { to.to_owned() } else { key };
                table.insert(key, value);
            }
        }
        _ => {}
    }
}

/// Returns names of tables: one of each kind, one of a disk and one of a guest's interface.
fn names(carrier: &Table) -> Vec<String> {
    let mut names = Vec::new();
    for tables in carrier.iter().filter(|(word, _)| *word != "host").filter_map(|(_, it)| it.as_table()) {
        names.extend(tables.keys().next().cloned());
        for word in ["disk", "interface"] {
            let mut inner = tables.values().filter_map(|it| it.get(word)?.as_table());
            names.extend(inner.find_map(|it| it.keys().next().cloned()));
        }
    }
    names
}

#[test]
fn every_name_of_a_table_is_refused_or_escaped() {
    let tree = carrier();
    let names = names(&tree);
    assert!(names.iter().any(|it| it == "backup"), "{names:?}");
    let carrier = Value::Table(tree);
    let harmless = compile(&carrier).expect("the hypervisor compiles");
    for name in &names {
        for hostile in HOSTILE {
            for value in variants(name, hostile) {
                let mut tree = carrier.clone();
                rename(&mut tree, name, &value);
                if let Some(artifacts) = compile(&tree) {
                    compare(&harmless, &artifacts, None, &format!("{name} as {value:?}"));
                }
            }
        }
    }
}
