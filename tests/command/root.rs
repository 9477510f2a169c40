//! The command below a directory of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// A directory that stands for the machine's.
pub(crate) struct Root(TempDir);

impl Root {
    pub(crate) fn new(spec: &str) -> Self {
        let root = Self(TempDir::new().expect("a directory"));
        root.spec(spec);
        root
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    pub(crate) fn spec(&self, text: &str) {
        fs::create_dir_all(self.path("etc/hostwright")).expect("a directory");
        fs::write(self.path("etc/hostwright/host.toml"), text).expect("a spec");
    }

    /// Runs the command in the directory; returns its exit and all that it printed.
    pub(crate) fn run(&self, arguments: &[&str]) -> (i32, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hostwright"));
        command.current_dir(self.0.path()).arg("--root").arg(self.0.path());
        let output = command.args(arguments).output().expect("the command runs");
        let text = [output.stdout, output.stderr].concat();
        (output.status.code().unwrap_or(-1), String::from_utf8_lossy(&text).into_owned())
    }

    #[track_caller]
    pub(crate) fn exits(&self, arguments: &[&str], code: i32, word: &str) -> String {
        let (found, text) = self.run(arguments);
        assert!(found == code && text.contains(word), "{arguments:?}: exit {found}\n{text}");
        text
    }

    pub(crate) fn files(&self) -> Vec<String> {
        let mut found = Vec::new();
        walk(self.0.path(), &mut found);
        found.sort();
        found
    }
}

/// Finds the files below a directory.
pub(crate) fn walk(directory: &Path, found: &mut Vec<String>) {
    for path in fs::read_dir(directory).expect("a directory").flatten().map(|it| it.path()) {
        if path.is_dir() {
            walk(&path, found);
        } else {
            found.push(path.display().to_string());
        }
    }
}
