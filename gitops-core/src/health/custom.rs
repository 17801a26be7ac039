//! Health of kinds of other projects: facts about what their controllers write, as a table.
//!
//! A row lists steps; the first one that has an answer gives it. Texts may quote the object: `{message}`,
//! `{reason}` and `{type}` of the condition that was found, `{kind}`, or any field as `{status.phase}`; what
//! follows `|` stands in for what is absent.

mod functions;
mod gateway;
mod numaproj;
mod others;
mod promoter;
mod table;

use super::view::{Condition, View};
use super::{Health, HealthStatus};

const H: HealthStatus = HealthStatus::Healthy;
const P: HealthStatus = HealthStatus::Progressing;
const D: HealthStatus = HealthStatus::Degraded;
const S: HealthStatus = HealthStatus::Suspended;
const U: HealthStatus = HealthStatus::Unknown;
const M: HealthStatus = HealthStatus::Missing;

/// What is known of some kinds.
struct Row {
    /// `group/Kind`; `*.group/*` for all kinds of all groups below.
    kinds: &'static [&'static str],
    /// What to look at, in order.
    steps: &'static [Step],
    /// What holds where no step has an answer.
    otherwise: (HealthStatus, &'static str),
}

/// One look at an object.
enum Step {
    /// The first condition for which a fact holds: type, status, reason, what it means, what to say. `*` is
    /// anything, `!` in front means "not".
    Conditions(&'static [Fact]),
    /// What a field says: its path, and what its values mean.
    Field(&'static str, &'static [(&'static str, HealthStatus, &'static str)]),
    /// An older `status.observedGeneration` means that the controller is still to look.
    Observed(&'static str),
    /// What takes more than facts.
    Function(fn(View<'_>) -> Option<Health>),
}

type Fact = (&'static str, &'static str, &'static str, HealthStatus, &'static str);

/// The health of an object of a kind that the table has; `None` where it has no row.
pub(super) fn assess(group: &str, kind: &str, object: View<'_>) -> Option<Health> {
    let rows = || table::ROWS.iter();
    let exact = format!("{group}/{kind}");
    let row = rows()
        .find(|row| row.kinds.contains(&exact.as_str()))
        .or_else(|| rows().find(|row| row.kinds.iter().any(|pattern| covers(pattern, group))))?;
    let found = row.steps.iter().find_map(|step| step.look(object));
    let (status, text) = row.otherwise;
    Some(found.unwrap_or_else(|| Health::new(status, fill(text, object, None))))
}

/// Whether a pattern `*.group/*` or `group/*` covers a group.
fn covers(pattern: &str, group: &str) -> bool {
    let Some(groups) = pattern.strip_suffix("/*") else { return false };
    groups.strip_prefix('*').map_or(groups == group, |suffix| group.ends_with(suffix))
}

impl Step {
    fn look(&self, object: View<'_>) -> Option<Health> {
        match self {
            Self::Conditions(facts) => first_fact(object, facts),
            Self::Field(path, values) => {
                let value = scalar(object, path)?;
                let (_, status, text) = values.iter().find(|(wanted, ..)| says(wanted, value))?;
                Some(Health::new(*status, fill(text, object, None)))
            }
            Self::Observed(text) => {
                let observed = object.number(&["status", "observedGeneration"]);
                let is_old = observed.is_some_and(|observed| observed != object.generation());
                is_old.then(|| Health::progressing(*text))
            }
            Self::Function(assess) => assess(object),
        }
    }
}

fn first_fact(object: View<'_>, facts: &[Fact]) -> Option<Health> {
    object.conditions().find_map(|condition| {
        let holds = |fact: &&Fact| {
            says(fact.0, condition.kind) && says(fact.1, condition.status) && says(fact.2, condition.reason)
        };
        let (.., status, text) = facts.iter().find(holds)?;
        Some(Health::new(*status, fill(text, object, Some(&condition))))
    })
}

/// Whether a text is what a fact asks for.
fn says(wanted: &str, text: &str) -> bool {
    match wanted.strip_prefix('!') {
        Some(other) => other != text,
        None => wanted == "*" || wanted == text,
    }
}

fn scalar<'a>(object: View<'a>, path: &str) -> Option<&'a str> {
    let path: Vec<&str> = path.split('.').collect();
    object.node(&path)?.text()
}

/// Fills the braces of a text.
fn fill(text: &str, object: View<'_>, condition: Option<&Condition<'_>>) -> String {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, next) = after.split_once('}').unwrap_or((after, ""));
        let (name, absent) = name.split_once('|').unwrap_or((name, ""));
        let value = match (name, condition) {
            ("message", Some(found)) => Some(found.message),
            ("reason", Some(found)) => Some(found.reason),
            ("type", Some(found)) => Some(found.kind),
            _ => scalar(object, name),
        };
        filled.push_str(before);
        filled.push_str(value.filter(|value| !value.is_empty()).unwrap_or(absent));
        rest = next;
    }
    filled + rest
}
