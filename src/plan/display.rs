//! A plan as text.

use std::fmt;

use super::{Change, Obstacle, Plan, Sign};

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows: Vec<_> = self.changes.iter().map(row).collect();
        let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
        let widths = [width(0), width(1), width(2)];
        for [name, what, way, effect] in &rows {
            let [a, b, c] = widths;
            writeln!(f, "  {name:a$}   {what:b$}   {way:c$}   {effect}")?;
        }
        obstacles(f, "pending", &self.pending)?;
        obstacles(f, "stopped", &self.blocked)?;
        obstacles(f, "problem", &self.problems)?;
        if !self.notes.is_empty() || !self.hints.is_empty() {
            writeln!(f)?;
        }
        self.notes.iter().try_for_each(|it| writeln!(f, "  {it}"))?;
        self.hints.iter().try_for_each(|it| writeln!(f, "  hint: {it}"))
    }
}

fn row(change: &Change) -> [String; 4] {
    let sign = match change.sign {
        Sign::Add => '+',
        Sign::Change => '~',
        Sign::Remove => '-',
    };
    let effects = || change.effects.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let effect = match &change.when {
        Some(when) => when.clone(),
        None if change.effects.is_empty() => "disturbs nothing".to_owned(),
        None => format!("disturbs {}", effects()),
    };
    [
        format!("{sign} {} {}", change.origin.kind, change.origin.name),
        change.what.clone(),
        change.way.clone(),
        effect,
    ]
}

fn obstacles(f: &mut fmt::Formatter<'_>, word: &str, list: &[Obstacle]) -> fmt::Result {
    for it in list {
        writeln!(f, "  {word}: {} {}: {}", it.origin.kind, it.origin.name, it.message)?;
        if let Some(hint) = &it.hint {
            writeln!(f, "    hint: {hint}")?;
        }
    }
    Ok(())
}
