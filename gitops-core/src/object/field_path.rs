//! Paths of fields in an object, as people write them.

use std::fmt;

use smol_str::SmolStr;

use crate::yaml::Node;

/// One step of a [`FieldPath`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// A key of a mapping.
    Key(SmolStr),
    /// A position in a list.
    Index(usize),
    /// The item of a list that is paired by its merge keys, as `key=value` pairs.
    Item(SmolStr),
}

/// Where a field is in its object.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct FieldPath(Vec<Step>);

impl FieldPath {
    /// The path of keys of mappings.
    pub fn of(keys: &[&str]) -> Self {
        Self(keys.iter().map(|key| Step::Key((*key).into())).collect())
    }

    /// The steps from the root of the object.
    pub fn steps(&self) -> &[Step] {
        &self.0
    }

    /// The path of the keys and indexes of a JSON pointer (RFC 6901); a number stays a key until it meets a list.
    fn of_pointer(text: &str) -> Self {
        let part = |part: &str| Step::Key(part.replace("~1", "/").replace("~0", "~").into());
        Self(text.split('/').skip(1).map(part).collect())
    }

    /// Reads `spec.containers[name=app].image`, `[0]`, `[app]`, `metadata.labels["a.b/c"]`, a dot in a key written
    /// `\.`, or a JSON pointer (`/spec/containers/0/image`). The empty text is the root.
    pub fn parse(text: &str) -> Result<Self, FieldPathError> {
        if text.starts_with('/') {
            return Ok(Self::of_pointer(text));
        }
        let mut steps = vec![];
        let mut rest = text.strip_prefix('.').unwrap_or(text);
        while !rest.is_empty() {
            let (step, after) = match rest.strip_prefix('[') {
                Some(inner) => in_brackets(inner).ok_or_else(|| FieldPathError::Bracket(text.to_owned()))?,
                None => key(rest).ok_or_else(|| FieldPathError::EmptyKey(text.to_owned()))?,
            };
            steps.push(step);
            rest = match after.strip_prefix('.') {
                Some("") => return Err(FieldPathError::EmptyKey(text.to_owned())),
                Some(after) => after,
                None if after.is_empty() || after.starts_with('[') => after,
                None => return Err(FieldPathError::Bracket(text.to_owned())),
            };
        }
        Ok(Self(steps))
    }

    /// Whether `other` is this path or below it.
    pub fn is_prefix_of(&self, other: &Self) -> bool {
        other.0.starts_with(&self.0)
    }

    /// The path one step further.
    pub fn then(&self, step: Step) -> Self {
        let mut steps = self.0.clone();
        steps.push(step);
        Self(steps)
    }
}

impl From<Vec<Step>> for FieldPath {
    fn from(steps: Vec<Step>) -> Self {
        Self(steps)
    }
}

impl Step {
    /// The node to which this step leads from `node`.
    pub fn of<'n>(&self, node: &'n Node) -> Option<&'n Node> {
        match self {
            Self::Key(key) if node.is_sequence() => node.items().get(key.parse::<usize>().ok()?),
            Self::Key(key) => node.get(key),
            Self::Index(index) => node.items().get(*index),
            Self::Item(name) => node.items().iter().find(|item| is_called(item, name)),
        }
    }
}

/// The keys by which a bare word names an item of a list: those by which Kubernetes pairs items.
const ITEM_KEYS: &[&str] =
    &["name", "key", "containerPort", "port", "mountPath", "devicePath", "ip", "type", "topologyKey", "uid"];

/// Whether an item of a list is the one that `name` means: `key=value` pairs, a value of one of the usual keys, or
/// the item itself.
pub(crate) fn is_called(item: &Node, name: &str) -> bool {
    if item.as_scalar().is_some() {
        return item.text() == Some(name);
    }
    if name.contains('=') {
        return name.split(',').all(|pair| {
            pair.split_once('=').is_some_and(|(key, value)| {
                item.get(key).map_or(value.is_empty(), |node| node.text() == Some(value))
            })
        });
    }
    ITEM_KEYS.iter().any(|key| item.get(key).and_then(Node::text) == Some(name))
}

/// Why a text is no path of a field.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FieldPathError {
    /// A bracket is not closed, or something else than a dot or a bracket follows it.
    #[error("`{0}` has a bracket that is not closed, or no dot behind one")]
    Bracket(String),
    /// Two dots follow each other, or one ends the path.
    #[error("`{0}` has an empty key")]
    EmptyKey(String),
}

/// The key up to the next dot or bracket, and what follows.
fn key(text: &str) -> Option<(Step, &str)> {
    let mut name = String::new();
    let mut characters = text.char_indices();
    let mut end = text.len();
    while let Some((at, character)) = characters.next() {
        match character {
            '\\' => name.push(characters.next().map_or('\\', |(_, next)| next)),
            '.' | '[' => {
                end = at;
                break;
            }
            other => name.push(other),
        }
    }
    (!name.is_empty()).then_some((Step::Key(name.into()), text.get(end..)?))
}

/// What stands between brackets, the first of which was taken, and what follows.
fn in_brackets(text: &str) -> Option<(Step, &str)> {
    for quote in ['"', '\''] {
        if let Some(quoted) = text.strip_prefix(quote) {
            let (key, after) = quoted.split_once(quote)?;
            return Some((Step::Key(key.into()), after.strip_prefix(']')?));
        }
    }
    let (inner, after) = text.split_once(']')?;
    let step = match inner.parse() {
        Ok(index) => Step::Index(index),
        Err(_) if inner.is_empty() => return None,
        Err(_) => Step::Item(inner.into()),
    };
    Some((step, after))
}

/// `spec.template.spec.containers[name=app].image`; keys that hold a dot are written `["a.b/c"]`.
impl fmt::Display for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, step) in self.0.iter().enumerate() {
            match step {
                Step::Key(key) if key.contains(['.', '/', '[', '"']) => write!(f, "[\"{key}\"]")?,
                Step::Key(key) if at == 0 => f.write_str(key)?,
                Step::Key(key) => write!(f, ".{key}")?,
                Step::Index(index) => write!(f, "[{index}]")?,
                Step::Item(keys) => write!(f, "[{keys}]")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[Step]) {
        let path = FieldPath::parse(text).unwrap();
        assert_eq!(path.steps(), expected, "{text}");
        assert_eq!(FieldPath::parse(&path.to_string()).unwrap(), path, "{path}");
    }

    fn key(text: &str) -> Step {
        Step::Key(text.into())
    }

    #[test]
    fn paths_are_read_as_people_write_them() {
        check("", &[]);
        check(".spec.replicas", &[key("spec"), key("replicas")]);
        let item = Step::Item("name=app".into());
        check("spec.containers[name=app].image", &[key("spec"), key("containers"), item, key("image")]);
        check("a[0][b]", &[key("a"), Step::Index(0), Step::Item("b".into())]);
        check("a[\"b.c/d\"].e", &[key("a"), key("b.c/d"), key("e")]);
        check("a['b'].c\\.d", &[key("a"), key("b"), key("c.d")]);
        check("/a/0/b~1c", &[key("a"), key("0"), key("b/c")]);
    }

    #[test]
    fn what_is_no_path_is_refused() {
        for text in ["a..b", "a.", "a[0", "a[]", "a[\"b", "a[0]b"] {
            assert!(FieldPath::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_step_leads_to_its_node() {
        let list = Node::sequence([
            Node::mapping([("name", Node::string("a")), ("port", Node::integer(80))]),
            Node::mapping([("name", Node::string("b"))]),
        ]);
        let name = |step: Step| step.of(&list).and_then(|item| item.str_at(&["name"])).map(str::to_owned);
        assert_eq!(name(Step::Item("name=b".into())).as_deref(), Some("b"));
        assert_eq!(name(Step::Item("80".into())).as_deref(), Some("a"));
        assert_eq!(name(Step::Item("name=a,port=80".into())).as_deref(), Some("a"));
        assert_eq!(name(key("1")).as_deref(), Some("b"));
        assert_eq!(name(Step::Index(2)), None);
    }
}
