//! The states of links that networkd keeps in files, where it need not be asked: with a thousand links its description takes it
//! a tenth of a second. systemd calls them private, so they only tell when it is worth asking.

use std::fs;
use std::path::Path;

use super::description::Link;

/// Directory of the files below a root, each named by the index of its link.
const DIRECTORY: &str = "run/systemd/netif/links";
/// Key of the `.network` that a link is configured by.
const FILE: &str = "NETWORK_FILE";

/// Returns links as their files have them, without names; absent: there are no such files, or they have another form.
pub(super) fn read(root: &Path) -> Option<Vec<Link>> {
    let files = fs::read_dir(root.join(DIRECTORY)).ok()?;
    let links = files.filter_map(|file| {
        let file = file.ok()?;
        // It is written beside, and then moved to its place.
        let index = file.file_name().to_str()?.parse().ok()?;
        // Its link went away between the two reads.
        fs::read_to_string(file.path()).ok().map(|text| (index, text))
    });
    let links: Option<Vec<_>> = links.map(|(index, text)| link(index, &text)).collect();
    links.filter(|it| !it.is_empty())
}

/// Returns the file that a link is configured by, as its state has it; absent: none, or there is no such state.
pub(crate) fn file_of(root: &Path, index: u32) -> Option<String> {
    let text = fs::read_to_string(root.join(DIRECTORY).join(index.to_string())).ok()?;
    value(&text, FILE)
}

fn value(text: &str, key: &str) -> Option<String> {
    text.lines().find_map(|it| it.strip_prefix(key)?.strip_prefix('=')).map(str::to_owned)
}

fn link(index: u32, text: &str) -> Option<Link> {
    Some(Link {
        index,
        name: String::new(),
        state: value(text, "ADMIN_STATE")?,
        carrier: value(text, "CARRIER_STATE")?,
        file: value(text, FILE),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn directory(files: &[(&str, &str)]) -> tempfile::TempDir {
        let root = tempfile::tempdir().expect("a folder");
        fs::create_dir_all(root.path().join(DIRECTORY)).expect("a directory");
        for (name, text) in files {
            fs::write(root.path().join(DIRECTORY).join(name), text).expect("a file");
        }
        root
    }

    #[test]
    fn states_are_those_of_the_files() {
        let private = "# This is private data. Do not parse.\n";
        let managed = format!(
            "{private}ADMIN_STATE=configuring\nOPER_STATE=degraded\nCARRIER_STATE=carrier\nNETWORK_FILE=/run/systemd/network/a.network\n"
        );
        let lo = format!("{private}ADMIN_STATE=unmanaged\nOPER_STATE=carrier\nCARRIER_STATE=carrier\n");
        let root = directory(&[("1", &lo), ("7", &managed), (".#7a1b2", "ADMIN_")]);
        let mut links = read(root.path()).expect("links");
        links.sort_by_key(|it| it.index);
        let found: Vec<_> =
            links.iter().map(|it| (it.index, it.state.as_str(), it.file.as_deref())).collect();
        assert_eq!(
            found,
            [(1, "unmanaged", None), (7, "configuring", Some("/run/systemd/network/a.network"))]
        );
    }

    #[test]
    fn where_files_are_missing_or_other_networkd_must_be_asked() {
        assert_eq!(read(Path::new("/nowhere")), None);
        for (name, files) in [("none", &[] as &[_]), ("other", &[("7", "STATE=configured\n")])] {
            let root = directory(files);
            assert_eq!(read(root.path()), None, "{name}");
        }
    }
}
