//! Times as BIRD writes them, in its own time zone: `timeformat` is `iso short ms` or `iso long` unless set otherwise.

const DAY: u64 = 86_400;

/// Returns the seconds from one time to another, at least: of a date alone its end counts, and a time alone is of the last
/// 24 hours. Absent: one of them has another form.
pub(super) fn seconds_between(from: &str, now: &str) -> Option<u64> {
    let (today, clock) = now.split_once(' ')?;
    let (today, clock) = (days(today)?, seconds(clock)?);
    let now = today * DAY + clock;
    match from.split_once(' ') {
        Some((date, time)) => now.checked_sub(days(date)? * DAY + seconds(time)?),
        None if from.contains(':') => Some((clock + DAY - seconds(from)?) % DAY),
        None => Some(now.saturating_sub((days(from)? + 1) * DAY)),
    }
}

/// Reads `02:42:33.239`.
fn seconds(text: &str) -> Option<u64> {
    let mut parts = text.split('.').next()?.split(':').map(|it| it.parse::<u64>().ok());
    let (hour, minute, second) = (parts.next()??, parts.next()??, parts.next().unwrap_or(Some(0))?);
    (hour < 24 && minute < 60 && second <= 60).then_some((hour * 60 + minute) * 60 + second)
}

/// Reads `2026-11-26` as days since a day long ago.
fn days(text: &str) -> Option<u64> {
    let mut parts = text.split('-').map(|it| it.parse::<u64>().ok());
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    if !(1..=9999).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    // The year begins with March, so that the odd day is its last.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    Some(year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5 + day)
}

#[cfg(test)]
mod tests {
    use super::seconds_between;

    #[test]
    fn ages_are_told_over_midnight_and_years() {
        let now = "2026-11-26 02:45:24.167";
        for (from, expected) in [
            ("02:42:33.239", Some(171)),
            ("23:45:24", Some(3 * 3600)),
            ("2026-11-26 02:45:20", Some(4)),
            ("2026-11-25 02:45:24.167", Some(86_400)),
            ("2024-02-29 02:45:24", Some(1001 * 86_400)),
            ("2026-11-24", Some(86_400 + 9924)),
            ("2026-11-26", Some(0)),
            ("2026-11-27 00:00:00", None),
            ("yesterday", None),
            ("1795661157", None),
            ("", None),
        ] {
            assert_eq!(seconds_between(from, now), expected, "{from}");
        }
        assert_eq!(seconds_between("02:42:33", "02:45"), None, "a clock without a date");
    }
}
