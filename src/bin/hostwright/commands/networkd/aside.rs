//! Files of links that are gone and that networkd could not be told of: one that starts would make the links again.

use std::fs;
use std::path::PathBuf;

use hostwright::artifact::{OWN_FILES, Place};
use hostwright::observed::Observed;

use crate::failure::{During, Failure};
use crate::layout::Layout;

/// Files that lie where networkd does not read them.
#[derive(Debug)]
pub(super) struct Aside {
    layout: Layout,
    places: Vec<Place>,
}

impl Aside {
    /// Lays aside what links left that are in no spec and not in the kernel.
    ///
    /// # Errors
    /// The file system's: all lie where they lay.
    pub(super) fn of_gone_links(layout: &Layout, observed: &Observed) -> Result<Self, Failure> {
        let is_gone = |it: &&Place| link(it).is_some_and(|name| !observed.links.contains_key(name));
        let mut aside = Self { layout: layout.clone(), places: Vec::new() };
        for place in observed.leftovers.iter().filter(is_gone) {
            if let Err(error) = fs::rename(layout.path(place), aside.beside(place)) {
                aside.give_back();
                return Err(error).during(|| format!("lay {} aside", layout.path(place).display()));
            }
            aside.places.push(place.clone());
        }
        Ok(aside)
    }

    /// Puts them back as they were: networkd compares times, too.
    pub(super) fn give_back(&self) {
        let mut left = Vec::new();
        for place in &self.places {
            let path = self.layout.path(place);
            if let Err(error) = fs::rename(self.beside(place), &path) {
                left.push(format!(
                    "left: {}, which cannot be put back: {error}",
                    self.beside(place).display()
                ));
            }
        }
        left.iter().for_each(|it| eprintln!("{it}"));
    }

    /// Removes them, for nobody has read them any more, and returns what is to be said of it when networkd runs again: who
    /// prints may end there.
    pub(super) fn remove(&self) -> Vec<String> {
        let mut said = Vec::new();
        for place in &self.places {
            let directory = self.layout.directory(place.root);
            if let Err(error) = hostwright::emit::remove(&directory, &beside(&place.path)) {
                said.push(format!("left: {error}"));
            }
            if let Some(name) = link(place).filter(|_| place.path.ends_with(".netdev")) {
                said.push(format!("networkd forgets link {name}, which left the spec"));
            }
        }
        said
    }

    fn beside(&self, place: &Place) -> PathBuf {
        self.layout.directory(place.root).join(beside(&place.path))
    }
}

/// Names no file that networkd reads: it goes by the end of a name.
fn beside(path: &str) -> String {
    format!("{path}~")
}

/// Names the link that a file is for; a drop-in of another link is for the one that is built on it.
fn link(place: &Place) -> Option<&str> {
    let own = place.path.strip_prefix(OWN_FILES)?;
    match own.split_once(".network.d/") {
        Some((_, other)) => other.strip_suffix(".conf"),
        None => own.strip_suffix(".network").or_else(|| own.strip_suffix(".netdev")),
    }
}

#[cfg(test)]
mod tests {
    use hostwright::artifact::Root;
    use hostwright::observed::ObservedLink;

    use super::*;

    const FILES: [&str; 5] = [
        "10-hostwright-eno1.network.d/v42.conf",
        "10-hostwright-eno2.network",
        "10-hostwright-v42.link",
        "10-hostwright-v42.netdev",
        "10-hostwright-v42.network",
    ];

    #[test]
    fn files_of_links_that_are_gone_are_not_read_at_the_start() {
        let root = tempfile::tempdir().expect("a folder");
        let layout = Layout::new(root.path());
        let places = FILES.map(|it| Place::new(Root::Network, it));
        for place in &places {
            let path = layout.path(place);
            fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            fs::write(path, &place.path).expect("written");
        }
        let there =
            || places.iter().filter(|it| layout.path(it).exists()).map(|it| &*it.path).collect::<Vec<_>>();
        let link = |name: &str| (name.to_owned(), ObservedLink::default());
        let mut observed = Observed { leftovers: places.iter().cloned().collect(), ..Observed::default() };
        observed.links = ["eno1", "eno2"].map(link).into();
        let aside = || Aside::of_gone_links(&layout, &observed).expect("laid aside");
        let staying = ["10-hostwright-eno2.network", "10-hostwright-v42.link"];
        let first = aside();
        assert_eq!(there(), staying, "a network card stays, and what it has");
        first.give_back();
        assert_eq!(there(), FILES);
        aside().remove();
        assert_eq!(there(), staying);
        let files = fs::read_dir(layout.directory(Root::Network)).expect("readable").count();
        assert_eq!(files, staying.len(), "nothing is left beside them");
        fs::remove_file(layout.path(&places[1])).expect("removed");
        observed.links.clear();
        assert!(Aside::of_gone_links(&layout, &observed).is_err(), "one is not there");
        assert_eq!(there(), ["10-hostwright-v42.link"]);
    }
}
