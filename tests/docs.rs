//! docs/review.md: its commands, its hook and its snippets for CI are run as they stand, in a git repository.
#![allow(clippy::disallowed_methods, reason = "this test runs programs")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

const PAGE: &str = include_str!("../docs/review.md");
const SOURCES: &str = env!("CARGO_MANIFEST_DIR");

/// Returns the blocks of a language.
fn blocks(language: &str) -> Vec<&'static str> {
    let begin = format!("```{language}\n");
    PAGE.split(begin.as_str()).skip(1).map(|it| it.split("```").next().unwrap_or_default()).collect()
}

/// Returns the commands of a snippet for CI: what a step runs, or what a script lists.
fn commands(snippet: &str) -> Vec<&str> {
    let steps = snippet.lines().filter_map(|it| it.trim().strip_prefix("- run: "));
    let script = snippet.split("script:\n").nth(1).unwrap_or_default();
    steps.chain(script.lines().filter_map(|it| it.trim().strip_prefix("- "))).collect()
}

struct Repository {
    directory: TempDir,
    top: PathBuf,
}

impl Repository {
    /// Makes a repository with the specs of a sound fleet.
    fn new() -> Self {
        let directory = TempDir::new().expect("a directory");
        let top = directory.path().join("fleet");
        fs::create_dir_all(top.join("hosts")).expect("a directory");
        for entry in fs::read_dir(Path::new(SOURCES).join("tests/fleets/sound")).expect("specs").flatten() {
            fs::copy(entry.path(), top.join("hosts").join(entry.file_name())).expect("copied");
        }
        let repository = Self { directory, top };
        repository.succeeds("git init --quiet --initial-branch main .");
        repository
    }

    fn run_in(&self, directory: &Path, script: &str) -> (bool, String) {
        let binaries = Path::new(env!("CARGO_BIN_EXE_hostwright")).parent().expect("a directory");
        let path = format!("{}:{}", binaries.display(), std::env::var("PATH").unwrap_or_default());
        let output = Command::new("bash")
            .args(["-euc", script])
            .current_dir(directory)
            .env("PATH", path)
            .env("HOSTWRIGHT_SOURCES", SOURCES)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("HOME", self.directory.path())
            .envs(["AUTHOR", "COMMITTER"].map(|it| (format!("GIT_{it}_NAME"), "somebody")))
            .envs(["AUTHOR", "COMMITTER"].map(|it| (format!("GIT_{it}_EMAIL"), "somebody@example.net")))
            .output()
            .expect("bash runs");
        let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        (output.status.success(), text)
    }

    #[track_caller]
    fn succeeds(&self, script: &str) -> String {
        let (success, text) = self.run_in(&self.top, script);
        assert!(success, "{script}\n{text}");
        text
    }

    #[track_caller]
    fn fails(&self, script: &str, word: &str) {
        let (success, text) = self.run_in(&self.top, script);
        assert!(!success && text.contains(word), "{script}\n{text}");
    }

    /// Runs a snippet in a new clone, as CI does.
    fn ci(&self, snippet: &str) -> (bool, String) {
        let clone = self.directory.path().join("clone");
        let _ = fs::remove_dir_all(&clone);
        self.succeeds("git clone --quiet . ../clone");
        let commands = commands(snippet);
        assert_eq!(commands.len(), 3, "{commands:?}");
        self.run_in(&clone, &commands.join("\n"))
    }
}

#[test]
fn the_page_is_true() {
    let repository = Repository::new();
    let printed: Vec<_> = blocks("sh").into_iter().map(|it| repository.succeeds(it)).collect();
    assert!(repository.top.join("rendered/hv1/links/v20.json").exists());
    assert!(!repository.top.join("rendered/networks").exists(), "what is included is no host");
    assert!(printed[2].contains("-Id=20\n+Id=30"), "the hook shows the lines: {}", printed[2]);
    let happens = printed.last().expect("blocks");
    assert!(happens.contains("stopped: vlan v20: becomes id 30 on eno1"), "{happens}");
    let snippets = blocks("yaml");
    assert_eq!(snippets.len(), 2);
    for snippet in &snippets {
        let (success, text) = repository.ci(snippet);
        assert!(success, "{text}");
    }
    repository.succeeds("sed -i 's/^id = 30$/id = 31/' hosts/networks.toml; git commit -qanm 'VLAN 31'");
    for snippet in &snippets {
        let (success, text) = repository.ci(snippet);
        assert!(!success && text.contains("+Id=31"), "{text}");
    }
}

/// The hook looks at what is committed: what lies beside it neither helps nor harms.
#[test]
fn the_hook_looks_at_what_is_committed() {
    let repository = Repository::new();
    blocks("sh").iter().take(2).for_each(|it| drop(repository.succeeds(it)));
    repository
        .succeeds("echo broken >> hosts/hv1.toml; echo '# hv2' >> hosts/hv2.toml; git add hosts/hv2.toml");
    repository.succeeds("git commit --quiet --message 'a comment'; git checkout --quiet hosts");
    repository.fails("echo broken >> hosts/hv1.toml; git commit -qam x", "hosts/hv1.toml:");
    repository.succeeds("git checkout --quiet HEAD hosts; cp hosts/hv1.toml hosts/hv4.toml; git add hosts");
    repository.fails("git commit -qm x", "host `hv1` at site `fra1` is described twice");
    repository.succeeds("git rm -qf hosts/hv4.toml; git rm -q hosts/hv3.toml");
    repository.fails("git commit -qm x", "deleted file mode");
    repository.succeeds("hostwright build --fleet hosts --out rendered; git add rendered; git commit -qm x");
    assert!(!repository.top.join("rendered/hv3").exists());
}
