//! What a word was probably meant to be.

/// The candidate that a word was probably meant to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Guess<'a> {
    /// The candidate.
    pub word: &'a str,
    /// Whether nothing else can have been meant.
    pub certain: bool,
}

/// Shortest word in which one wrong letter leaves no doubt.
const CLEAR: usize = 4;
/// Shortest word in which two wrong letters leave no doubt.
const LONG: usize = 8;

/// Returns the candidate nearest to a word, if one is near.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    guess(word, candidates).map(|it| it.word)
}

/// Returns the candidate nearest to a word, if one is near, and whether it is certain: the same but for case and
/// `_`, or the only one within a letter or two whose digits are the same.
pub fn guess<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<Guess<'a>> {
    let length = word.chars().count();
    let limit = (length / 3).max(1);
    let mut best: Option<(usize, &str)> = None;
    let mut alone = true;
    for candidate in candidates {
        let Some(distance) = distance(word, candidate, limit) else { continue };
        match best {
            Some((_, before)) if before == candidate => {}
            Some(before) if before < (distance, candidate) => alone &= before.0 < distance,
            Some((before, _)) => {
                alone = distance < before;
                best = Some((distance, candidate));
            }
            None => best = Some((distance, candidate)),
        }
    }
    let (distance, found) = best?;
    let sure = distance == 0 || length >= CLEAR && distance == 1 || length >= LONG && distance == 2;
    Some(Guess { word: found, certain: alone && sure && digits(word).eq(digits(found)) })
}

/// Returns how many letters differ, up to a limit; none but case and `_` is 0.
fn distance(word: &str, candidate: &str, limit: usize) -> Option<usize> {
    if folded(word).eq(folded(candidate)) {
        return Some(0);
    }
    if word.len().abs_diff(candidate.len()) > limit * char::MAX.len_utf8() || bag(word, candidate) > 2 * limit
    {
        return None;
    }
    Some(strsim::osa_distance(word, candidate)).filter(|it| *it <= limit)
}

/// Returns how many bytes only one of two words has: at most two for each ASCII letter that differs.
fn bag(one: &str, other: &str) -> usize {
    let mut counts = [0_i32; 128];
    one.bytes().filter(u8::is_ascii).for_each(|it| counts[usize::from(it)] += 1);
    other.bytes().filter(u8::is_ascii).for_each(|it| counts[usize::from(it)] -= 1);
    counts.iter().map(|it| it.unsigned_abs() as usize).sum()
}

fn folded(word: &str) -> impl Iterator<Item = char> {
    word.chars().map(|it| if it == '_' { '-' } else { it.to_ascii_lowercase() })
}

fn digits(word: &str) -> impl Iterator<Item = char> {
    word.chars().filter(char::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(word: &str, candidates: &[&str], expected: Option<(&str, bool)>) {
        let found = guess(word, candidates.iter().copied());
        assert_eq!(found.map(|it| (it.word, it.certain)), expected, "{word}");
    }

    #[test]
    fn a_guess_is_certain_where_nothing_else_can_be_meant() {
        check("sitte", &["name", "site"], Some(("site", true)));
        check("On_Demand", &["on-demand", "options"], Some(("on-demand", true)));
        check("brigde", &["bridge", "private"], Some(("bridge", true)));
        check("addreses", &["addresses", "routes"], Some(("addresses", true)));
        check("fra1", &["fra2"], Some(("fra2", false)));
        check("guest", &["guests", "guesta"], Some(("guesta", false)));
        check("idd", &["id"], Some(("id", false)));
        check("storage", &["scratch"], None);
        check("ä", &["ö"], Some(("ö", false)));
    }

    #[test]
    fn an_exact_fold_wins_over_a_near_word() {
        check("VFS", &["vf", "vfs"], Some(("vfs", true)));
        check("vlans", &["vlan", "vlan"], Some(("vlan", true)));
    }
}
