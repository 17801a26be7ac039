//! Selectors: Kubernetes' label selectors, and the anchored patterns of a kustomization.
//!
//! Knows nothing of objects: the caller hands in labels, names and kinds.

mod parse;

use regex::Regex;
use smol_str::SmolStr;

use crate::yaml::{Node, Scalar, Tag};

/// Why a selector is not valid.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SelectorError {
    /// The text breaks the grammar of label selectors.
    #[error("the selector `{selector}` is not valid: {message}")]
    Syntax {
        /// The selector as written.
        selector: String,
        /// What is wrong with it.
        message: String,
    },
    /// A key is no label key.
    #[error("`{0}` is no valid label key")]
    Key(String),
    /// A value is no label value.
    #[error("`{value}` is no valid label value for the key `{key}`")]
    Value {
        /// The key.
        key: String,
        /// The value.
        value: String,
    },
    /// An operator is not known, or has the wrong number of values.
    #[error("the operator `{operator}` for the key `{key}` {message}")]
    Operator {
        /// The key.
        key: String,
        /// The operator as written.
        operator: String,
        /// What is wrong with it.
        message: &'static str,
    },
    /// A pattern is no regular expression.
    #[error("`{pattern}` is no valid regular expression: {message}")]
    Pattern {
        /// The pattern as written.
        pattern: String,
        /// What is wrong with it.
        message: String,
    },
}

/// A label selector: every requirement must hold.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct LabelSelector {
    /// The requirements; none select everything.
    pub requirements: Vec<Requirement>,
}

/// What one label must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirement {
    /// The label's key.
    pub key: SmolStr,
    /// What must hold of its value.
    pub operator: Operator,
}

/// What must hold of a label's value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operator {
    /// It is one of these.
    In(Vec<SmolStr>),
    /// It is none of these, or the label is missing.
    NotIn(Vec<SmolStr>),
    /// The label is there.
    Exists,
    /// The label is missing.
    DoesNotExist,
    /// It is an integer above this one.
    GreaterThan(i64),
    /// It is an integer below this one.
    LessThan(i64),
}

impl LabelSelector {
    /// Reads a selector in the syntax of `kubectl --selector`, as `labels.Parse` of Kubernetes does.
    pub fn parse(selector: &str) -> Result<Self, SelectorError> {
        parse::parse(selector).map(|requirements| Self { requirements })
    }

    /// Reads the `matchLabels` and `matchExpressions` of a manifest.
    pub fn from_node(node: &Node) -> Result<Self, SelectorError> {
        let mut requirements = vec![];
        for entry in node.get("matchLabels").map_or(&[][..], Node::entries) {
            let value = entry.value.text().unwrap_or_default().into();
            requirements
                .push(Requirement { key: entry.key.shared_text(), operator: Operator::In(vec![value]) });
        }
        for expression in node.get("matchExpressions").map_or(&[][..], Node::items) {
            requirements.push(expression_requirement(expression)?);
        }
        Ok(Self { requirements })
    }

    /// Whether the labels, looked up by key, meet every requirement.
    pub fn matches<'a>(&self, label: impl Fn(&str) -> Option<&'a str>) -> bool {
        self.requirements.iter().all(|requirement| requirement.operator.holds(label(&requirement.key)))
    }

    /// Whether a mapping of labels or annotations meets every requirement; null values count as empty.
    pub fn matches_mapping(&self, labels: Option<&Node>) -> bool {
        let scalar = |key: &str| labels.and_then(|labels| labels.get(key)).and_then(Node::as_scalar);
        self.matches(|key| scalar(key).map(|value| if value.tag() == Tag::Null { "" } else { value.text() }))
    }
}

impl Operator {
    fn holds(&self, value: Option<&str>) -> bool {
        let integer = || value.and_then(|value| value.parse::<i64>().ok());
        match self {
            Self::In(values) => value.is_some_and(|value| values.iter().any(|other| other == value)),
            Self::NotIn(values) => value.is_none_or(|value| values.iter().all(|other| other != value)),
            Self::Exists => value.is_some(),
            Self::DoesNotExist => value.is_none(),
            Self::GreaterThan(bound) => integer().is_some_and(|value| value > *bound),
            Self::LessThan(bound) => integer().is_some_and(|value| value < *bound),
        }
    }
}

/// Reads one of `matchExpressions`.
fn expression_requirement(expression: &Node) -> Result<Requirement, SelectorError> {
    let key = expression.str_at(&["key"]).unwrap_or_default();
    let operator = expression.str_at(&["operator"]).unwrap_or_default();
    let values: Vec<SmolStr> = expression
        .get("values")
        .map_or(&[][..], Node::items)
        .iter()
        .filter_map(|value| value.as_scalar().map(Scalar::shared_text))
        .collect();
    let fail = |message| {
        Err(SelectorError::Operator { key: key.to_owned(), operator: operator.to_owned(), message })
    };
    let operator = match (operator, values.is_empty()) {
        ("In", false) => Operator::In(values),
        ("NotIn", false) => Operator::NotIn(values),
        ("Exists", true) => Operator::Exists,
        ("DoesNotExist", true) => Operator::DoesNotExist,
        ("In" | "NotIn", true) => return fail("needs values"),
        ("Exists" | "DoesNotExist", false) => return fail("takes no values"),
        _ => return fail("is none of `In`, `NotIn`, `Exists` and `DoesNotExist`"),
    };
    Ok(Requirement { key: key.into(), operator })
}

/// A field of a kustomization's selector: a regular expression that must match as a whole.
///
/// The empty one matches everything.
#[derive(Clone, Debug)]
pub struct AnchoredPattern(Pattern);

#[derive(Clone, Debug)]
enum Pattern {
    Everything,
    Literal(SmolStr),
    Expression(Regex),
}

impl AnchoredPattern {
    /// Reads a pattern.
    pub fn new(pattern: &str) -> Result<Self, SelectorError> {
        if pattern.is_empty() {
            return Ok(Self(Pattern::Everything));
        }
        if pattern.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'/')) {
            return Ok(Self(Pattern::Literal(pattern.into())));
        }
        match Regex::new(&format!("^(?:{pattern})$")) {
            Ok(expression) => Ok(Self(Pattern::Expression(expression))),
            Err(error) => {
                let message = error.to_string().lines().last().unwrap_or_default().to_owned();
                Err(SelectorError::Pattern { pattern: pattern.to_owned(), message })
            }
        }
    }

    /// Whether the pattern matches the whole of `text`.
    pub fn matches(&self, text: &str) -> bool {
        match &self.0 {
            Pattern::Everything => true,
            Pattern::Literal(literal) => literal == text,
            Pattern::Expression(expression) => expression.is_match(text),
        }
    }

    /// Whether this is the empty pattern.
    pub fn is_empty(&self) -> bool {
        matches!(self.0, Pattern::Everything)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml;

    #[track_caller]
    fn check(selector: &str, labels: &[(&str, &str)], expected: bool) {
        let selector = LabelSelector::parse(selector).unwrap();
        let label = |key: &str| labels.iter().find(|(name, _)| *name == key).map(|(_, value)| *value);
        assert_eq!(selector.matches(label), expected);
    }

    #[test]
    fn every_requirement_must_hold() {
        check("", &[], true);
        check("a=b,c==d", &[("a", "b"), ("c", "d")], true);
        check("a=b,c==d", &[("a", "b")], false);
        check("a!=b", &[], true);
        check("a in (b, c)", &[("a", "c")], true);
        check("a notin (b, c)", &[("a", "c")], false);
        check("a,!b", &[("a", "")], true);
        check("a,!b", &[("a", ""), ("b", "")], false);
        check("a>1,a<3", &[("a", "2")], true);
        check("a>1", &[("a", "x")], false);
        check("a=", &[("a", "")], true);
        check("in in (in)", &[("in", "in")], true);
        check("a in (,b)", &[("a", "")], true);
    }

    #[test]
    fn what_kubernetes_refuses_is_refused() {
        for selector in
            ["a=b,", "=", "a in b", "a in ()", "a>x", "!a=b", "a b", "-a", "a=-b", "a in (b", ",a"]
        {
            assert!(LabelSelector::parse(selector).is_err(), "{selector}");
        }
    }

    #[test]
    fn selectors_of_manifests_are_read() {
        let node = yaml::read_one(
            "selector.yaml",
            "{matchLabels: {a: b}, matchExpressions: [{key: c, operator: NotIn, values: [d]}]}",
        )
        .unwrap();
        let selector = LabelSelector::from_node(&node).unwrap();
        let labels = |text| yaml::read_one("labels.yaml", text).unwrap();
        assert!(selector.matches_mapping(Some(&labels("{a: b, c: e}"))));
        assert!(!selector.matches_mapping(Some(&labels("{a: b, c: d}"))));
        assert!(!selector.matches_mapping(None));
    }

    #[test]
    fn patterns_match_as_a_whole() {
        let matches = |pattern: &str, text: &str| AnchoredPattern::new(pattern).unwrap().matches(text);
        assert!(matches("", "anything"));
        assert!(matches("app", "app"));
        assert!(!matches("app", "my-app"));
        assert!(matches("a|b", "b"));
        assert!(!matches("a|b", "ab"));
        assert!(matches(".*-app", "my-app"));
        assert!(AnchoredPattern::new("a(").is_err());
    }
}
