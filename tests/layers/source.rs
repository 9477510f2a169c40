//! Rust sources as far as a layer can be told from them: comments, tests and paths.

use std::path::Path;

/// A source with its path from the top of the project.
pub(crate) struct File {
    pub(crate) path: String,
    pub(crate) text: String,
}

/// A path that begins at the top of the library.
#[derive(Debug)]
pub(crate) struct Reference {
    pub(crate) path: Vec<String>,
}

impl File {
    pub(crate) fn new(path: &str, text: &str) -> Self {
        Self { path: path.to_owned(), text: text.to_owned() }
    }

    /// Returns the first word of the module; absent in programs.
    pub(crate) fn library_module(&self) -> Option<String> {
        if self.path.starts_with("src/bin/") || self.path == "src/build.rs" {
            return None;
        }
        let module = self.module();
        Some(module.first().map_or_else(|| "lib".to_owned(), Clone::clone))
    }

    /// Returns the module: `src/plan/step.rs` is `plan::step`.
    fn module(&self) -> Vec<String> {
        let path = self.path.trim_start_matches("src/").trim_end_matches(".rs");
        let mut words: Vec<_> = path.split('/').map(str::to_owned).collect();
        if words.last().is_some_and(|it| it == "mod" || it == "lib") {
            words.pop();
        }
        words
    }

    /// Returns what stands before the tests; nothing of a file that holds tests alone.
    pub(crate) fn without_tests(&self) -> &str {
        let of_tests = ["/tests.rs", "/testing.rs"].iter().any(|it| self.path.ends_with(it));
        if of_tests || self.path.contains("/tests/") {
            return "";
        }
        let end = self.text.find("#[cfg(test)]\nmod tests {");
        &self.text[..end.unwrap_or(self.text.len())]
    }

    /// Returns the code alone: no comments, no tests.
    pub(crate) fn code(&self) -> String {
        let line = |line: &str| {
            let comment = line.trim_start().starts_with("//");
            let end = if comment { Some(0) } else { line.find(" // ") };
            line[..end.unwrap_or(line.len())].to_owned() + "\n"
        };
        self.without_tests().lines().map(line).collect()
    }

    /// Returns every path into the library, by `crate::` or `super::`, groups taken apart.
    pub(crate) fn references(&self) -> Vec<Reference> {
        let code = self.code();
        let mut references = Vec::new();
        for (at, _) in code.match_indices("crate::") {
            if !code[..at].ends_with(|it: char| it == '$' || is_word(it)) {
                expand(&[], &code[at + "crate::".len()..], &mut references);
            }
        }
        for (at, _) in code.match_indices("super::") {
            if code[..at].ends_with("super::") || code[..at].ends_with(is_word) {
                continue;
            }
            let mut module = self.module();
            let mut rest = &code[at..];
            while let Some(behind) = rest.strip_prefix("super::") {
                module.pop();
                rest = behind;
            }
            expand(&module, rest, &mut references);
        }
        references
    }
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

/// Adds the paths that a text begins with: `a::{b, c::D}` behind `x` are `x::a::b` and `x::a::c::D`.
fn expand(before: &[String], text: &str, references: &mut Vec<Reference>) {
    let mut path = before.to_vec();
    let mut rest = text;
    loop {
        if let Some(group) = rest.strip_prefix('{') {
            for part in parts(group) {
                expand(&path, part.trim_start(), references);
            }
            return;
        }
        let end = rest.find(|it| !is_word(it)).unwrap_or(rest.len());
        if end == 0 {
            break;
        }
        path.push(rest[..end].to_owned());
        match rest[end..].strip_prefix("::") {
            Some(behind) => rest = behind,
            None => break,
        }
    }
    // Macros lie at the top of the library; both belong to the spec.
    if path.first().is_some_and(|it| it == "keys" || it == "words") {
        path.insert(0, "spec".to_owned());
    }
    if path.len() > before.len() && !path.is_empty() {
        references.push(Reference { path });
    }
}

/// Splits what stands behind a `{` at its commas, up to the `}` that belongs to it.
fn parts(group: &str) -> Vec<&str> {
    let (mut depth, mut start, mut parts) = (0_usize, 0, Vec::new());
    for (at, found) in group.char_indices() {
        match found {
            '{' => depth += 1,
            '}' if depth == 0 => {
                parts.push(&group[start..at]);
                break;
            }
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&group[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts
}

/// Says whether a path is named, not as the end of a longer word.
pub(crate) fn names(code: &str, path: &str) -> bool {
    code.match_indices(path).any(|(at, _)| {
        let before = code[..at].strip_suffix("::").unwrap_or(&code[..at]);
        let begins = !code[..at].ends_with(is_word);
        begins && (before.len() == at || path.starts_with(char::is_uppercase))
    })
}

/// Says whether a path of two words is named as `std::{fs, …}`.
pub(crate) fn names_in_group(code: &str, path: &str) -> bool {
    let mut references = Vec::new();
    for (at, _) in code.match_indices("std::{") {
        expand(&[], &code[at..], &mut references);
    }
    references.iter().any(|it| {
        let found = it.path.join("::");
        found == path || found.starts_with(&format!("{path}::"))
    })
}

/// Reads all sources.
pub(crate) fn tree() -> Vec<File> {
    let top = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    collect(top, &top.join("src"), &mut files);
    files.sort_by(|a, b| a.path.cmp(&b.path));
    assert!(files.len() > 50, "the sources are elsewhere");
    files
}

fn collect(top: &Path, directory: &Path, files: &mut Vec<File>) {
    for entry in std::fs::read_dir(directory).expect("sources can be read") {
        let path = entry.expect("sources can be read").path();
        if path.is_dir() {
            collect(top, &path, files);
        } else if path.extension().is_some_and(|it| it == "rs") {
            let text = std::fs::read_to_string(&path).expect("a source is text");
            let path = path.strip_prefix(top).expect("it lies below");
            files.push(File::new(&path.to_string_lossy(), &text));
        }
    }
}

/// Files that no other declares: neither built nor seen by `cargo fmt`.
pub(crate) fn undeclared(files: &[File]) -> Vec<String> {
    let mut found = Vec::new();
    for file in files {
        let Some((directory, name)) = file.path.rsplit_once('/') else {
            continue;
        };
        let name = name.trim_end_matches(".rs");
        // Roots of crates are named in Cargo.toml, which fails when they are not there.
        if directory == "src/bin" || ["lib", "main", "build"].contains(&name) {
            continue;
        }
        let (directory, name) = match name {
            "mod" => directory.rsplit_once('/').expect("a module lies in src"),
            name => (directory, name),
        };
        let parents = [
            format!("{directory}.rs"),
            format!("{directory}/mod.rs"),
            format!("{directory}/lib.rs"),
            format!("{directory}/main.rs"),
        ];
        let declares = |it: &&File| parents.contains(&it.path);
        // What two programs share lies beside both; either may declare it.
        let declares = |it: &&File| {
            declares(it)
                || directory == "src/bin" && it.path.rsplit_once('/').is_some_and(|(at, _)| at == directory)
        };
        let parent = files.iter().find(|it| declares(it) && it.text.contains(&format!("mod {name};")));
        let parent = parent.or_else(|| files.iter().find(declares));
        let declaration = format!("mod {name};");
        let by_path = format!("/{name}.rs\"]");
        let is_declared = parent.is_some_and(|it| it.text.contains(&declaration))
            || files.iter().any(|it| it.text.contains(&by_path));
        if !is_declared {
            let parent = parent.map_or("no file", |it| it.path.as_str());
            found.push(format!("{}: {parent} declares no `mod {name}`", file.path));
        }
    }
    found
}
