//! Field paths of replacements: `spec.template.spec.containers.[name=app].env.*.value`.
//!
//! A source is looked up by one rule and targets are found by another, as in kustomize: a source compares list
//! values as text and knows no `*`, a target takes them as regular expressions and may make what is missing.

use regex::Regex;

use crate::yaml::{Entry, Node, Scalar, Value, print_document, read_one};

/// Why a path cannot be followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::kustomize) struct PathFault(pub(in crate::kustomize) String);

/// What a missing field is made as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// A scalar without a type.
    Scalar,
    /// An empty list.
    Sequence,
    /// An empty map.
    Mapping,
}

impl Shape {
    /// The shape of a node.
    pub(super) fn of(node: &Node) -> Self {
        match node.value {
            Value::Scalar(_) => Self::Scalar,
            Value::Sequence(_) => Self::Sequence,
            Value::Mapping(_) => Self::Mapping,
        }
    }

    fn blank(self) -> Node {
        match self {
            Self::Scalar => Node::scalar(Scalar::plain("")),
            Self::Sequence => Node::sequence([]),
            Self::Mapping => Node::mapping::<&str>([]),
        }
    }

    /// The shape of a field that is made on the way to `next`; the last one takes the shape of the value.
    fn before(next: Option<&String>, last: Self) -> Self {
        match next {
            None => last,
            Some(next) if is_list_entry(next) || index_of(next).is_some() => Self::Sequence,
            Some(_) => Self::Mapping,
        }
    }
}

/// What a node is to which a path leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// It was there.
    There,
    /// It was made just now.
    Made,
    /// It is a part of a copy: it must be changeable, but its change is lost, as in kustomize.
    Lost,
}

/// Called on each node that a path leads to.
pub(super) type Change<'c> = dyn FnMut(&mut Node, Found) -> Result<(), PathFault> + 'c;

/// Splits a path at dots. `\.` is a dot in a name, and so is every dot in brackets; brackets without `=` go.
pub(in crate::kustomize) fn split(path: &str) -> Vec<String> {
    let mut parts = vec![];
    let mut pieces = split_escaped(path).into_iter();
    while let Some(piece) = pieces.next() {
        if !piece.starts_with('[') || piece.ends_with(']') {
            parts.push(piece);
            continue;
        }
        let mut joined = piece;
        for next in pieces.by_ref() {
            joined.push('.');
            joined.push_str(&next);
            if next.ends_with(']') {
                break;
            }
        }
        let keeps_brackets = joined.contains('=');
        parts.push(if keeps_brackets { joined } else { joined.trim_matches(['[', ']']).to_owned() });
    }
    parts
}

fn split_escaped(path: &str) -> Vec<String> {
    let mut pieces = path.split('.').peekable();
    let mut parts: Vec<String> = vec![];
    let first = pieces.next().unwrap_or_default();
    if !first.is_empty() || pieces.peek().is_none() {
        parts.push(first.to_owned());
    }
    for piece in pieces {
        match parts.last_mut().filter(|last| last.ends_with('\\')) {
            Some(last) => {
                last.pop();
                last.push('.');
                last.push_str(piece);
            }
            None => parts.push(piece.to_owned()),
        }
    }
    parts
}

/// The node of a source at a path; `None` where nothing stands there.
pub(in crate::kustomize) fn look_up<'n>(
    root: &'n Node,
    path: &[String],
) -> Result<Option<&'n Node>, PathFault> {
    let mut node = root;
    for part in path {
        let part = part.trim();
        if part.is_empty() {
            continue;
        }
        let child = match position(node, part)? {
            Some(at) if node.is_mapping() => node.entries().get(at).map(|entry| &entry.value),
            Some(at) => node.items().get(at),
            None => None,
        };
        match child {
            Some(child) => node = child,
            None => return Ok(None),
        }
    }
    Ok(Some(node))
}

/// As [`look_up`], for changing.
pub(super) fn look_up_mut<'n>(
    root: &'n mut Node,
    path: &[String],
) -> Result<Option<&'n mut Node>, PathFault> {
    let mut node = root;
    for part in path {
        let part = part.trim();
        if part.is_empty() {
            continue;
        }
        let child = match position(node, part)? {
            Some(at) if node.is_mapping() => {
                let mapping = node.as_mapping_mut();
                mapping.and_then(|mapping| mapping.entries_mut().get_mut(at)).map(|entry| &mut entry.value)
            }
            Some(at) => node.items_mut().and_then(|items| items.get_mut(at)),
            None => None,
        };
        match child {
            Some(child) => node = child,
            None => return Ok(None),
        }
    }
    Ok(Some(node))
}

/// Where the part of a source's path stands in a map or list.
fn position(node: &Node, part: &str) -> Result<Option<usize>, PathFault> {
    if part == "*" {
        return fault("a source must name one field, and `*` names many");
    }
    let index: Option<i64> = part.parse().ok();
    if index.is_some_and(|index| index < 0) {
        return fault(format!("the list index `{part}` must not be negative"));
    }
    if index.is_none() && part != "-" && !is_list_entry(part) {
        return match &node.value {
            Value::Mapping(mapping) => Ok(mapping.position(part)),
            Value::Scalar(_) if node.is_null() => Ok(None),
            Value::Scalar(_) | Value::Sequence(_) => {
                fault(format!("`{part}` is looked for in {}", shape(node)))
            }
        };
    }
    if !node.is_sequence() && !node.is_null() {
        return fault(format!("the list entry `{part}` is looked for in {}", shape(node)));
    }
    let items = node.items();
    if part == "-" {
        return items.len().checked_sub(1).map(Some).ok_or_else(|| PathFault("the list is empty".to_owned()));
    }
    if index.is_some() {
        return Ok(index_of(part).filter(|at| *at < items.len()));
    }
    let (field, value) = split_list_entry(part)?;
    Ok(items.iter().position(|item| match &item.value {
        Value::Mapping(mapping) if !field.is_empty() => {
            mapping.get(field).is_some_and(|node| node.text().unwrap_or_default() == value)
        }
        Value::Scalar(scalar) => field.is_empty() && scalar.text() == value,
        Value::Mapping(_) | Value::Sequence(_) => field.is_empty() && value.is_empty(),
    }))
}

/// Calls `change` on every node of a target that a path leads to, and returns how many there are. With `create`,
/// what is missing on the way is made, and the last field in this shape.
pub(super) fn visit(
    node: &mut Node,
    path: &[String],
    create: Option<Shape>,
    change: &mut Change<'_>,
) -> Result<usize, PathFault> {
    visit_found(node, path, create, (change, Found::There))
}

/// Goes on in a copy of a part of the target.
fn visit_lost(
    mut copy: Node,
    path: &[String],
    create: Option<Shape>,
    change: &mut Change<'_>,
) -> Result<usize, PathFault> {
    visit(&mut copy, path, create, &mut |node, _| change(node, Found::Lost))
}

fn visit_found(
    node: &mut Node,
    path: &[String],
    create: Option<Shape>,
    (change, found): (&mut Change<'_>, Found),
) -> Result<usize, PathFault> {
    let Some((part, rest)) = path.split_first() else {
        change(node, found)?;
        return Ok(1);
    };
    let is_list_part = index_of(part).is_some() || is_list_entry(part) || part == "*";
    if is_list_part && node.is_null() {
        return visit_lost(Node::sequence([]), path, create, change);
    }
    if let Some(index) = index_of(part) {
        visit_index(node, (index, rest), create, change)
    } else if is_list_entry(part) {
        visit_list_entry(node, (part, rest), create, change)
    } else if part == "*" {
        let items = items_of(node, part)?;
        let mut count = 0;
        for item in items {
            count += visit(item, rest, create, change)?;
        }
        Ok(count)
    } else {
        visit_field(node, (part, rest), create, change)
    }
}

fn visit_index(
    node: &mut Node,
    (index, rest): (usize, &[String]),
    create: Option<Shape>,
    change: &mut Change<'_>,
) -> Result<usize, PathFault> {
    let items = items_of(node, "an index")?;
    let made = match create {
        Some(last) if items.len() == index => {
            items.push(Shape::before(rest.first(), last).blank());
            Found::Made
        }
        Some(_) | None => Found::There,
    };
    let count = items.len();
    match items.get_mut(index) {
        Some(item) => visit_found(item, rest, create, (change, made)),
        None => fault(format!("the list has {count} items, and index {index} is past its end")),
    }
}

fn visit_list_entry(
    node: &mut Node,
    (part, rest): (&str, &[String]),
    create: Option<Shape>,
    change: &mut Change<'_>,
) -> Result<usize, PathFault> {
    let (field, pattern) = split_list_entry(part)?;
    let expression = Regex::new(pattern)
        .map_err(|_| PathFault(format!("`{pattern}` in `{part}` is no valid regular expression")))?;
    let items = items_of(node, part)?;
    let mut count = 0;
    for item in items.iter_mut() {
        count += visit_matching(item, (field, rest), create, (&expression, change))?;
    }
    if count > 0 || create.is_none() {
        return Ok(count);
    }
    let value = Node::scalar(Scalar::plain(pattern));
    let mut item = if field.is_empty() { value } else { Node::mapping([(field, value)]) };
    count = if field.is_empty() {
        change(&mut item, Found::Made)?;
        1
    } else {
        visit_matching(&mut item, (field, rest), create, (&expression, change))?
    };
    items.push(item);
    Ok(count)
}

/// Goes on below an item whose field, or which itself, matches the expression.
fn visit_matching(
    item: &mut Node,
    (field, rest): (&str, &[String]),
    create: Option<Shape>,
    (expression, change): (&Regex, &mut Change<'_>),
) -> Result<usize, PathFault> {
    if field.is_empty() {
        if !expression.is_match(&written(item)) {
            return Ok(0);
        }
        // What follows a list of scalars in the path is not looked at.
        change(item, Found::There)?;
        return Ok(1);
    }
    match item.get(field) {
        Some(value) if expression.is_match(&written(value)) => visit(item, rest, create, change),
        Some(_) | None => Ok(0),
    }
}

fn visit_field(
    node: &mut Node,
    (name, rest): (&str, &[String]),
    create: Option<Shape>,
    change: &mut Change<'_>,
) -> Result<usize, PathFault> {
    if name.is_empty() {
        return fault("the path has an empty part");
    }
    if !node.is_mapping() && !node.is_null() {
        return fault(format!("`{name}` is looked for in {}", shape(node)));
    }
    let is_made = node.get(name).is_none();
    if is_made {
        let Some(last) = create else { return Ok(0) };
        let blank = Shape::before(rest.first(), last).blank();
        match node.as_mapping_mut() {
            Some(mapping) => {
                mapping.push(Entry { key: Scalar::string(name), key_origin: blank.origin, value: blank });
            }
            // What is made below a null is lost.
            None => return visit_lost(blank, rest, create, change),
        }
    }
    let Some(field) = node.get_mut(name) else { return Ok(0) };
    match field.text() {
        // Changes below a text that no fixed path led to are lost.
        Some(text) if !rest.is_empty() => visit_lost(parse_text(text)?, rest, create, change),
        Some(_) | None => {
            visit_found(field, rest, create, (change, if is_made { Found::Made } else { Found::There }))
        }
    }
}

/// Reads the text of a scalar as YAML.
pub(super) fn parse_text(text: &str) -> Result<Node, PathFault> {
    if text.is_empty() {
        return fault("the path leads into an empty text");
    }
    read_one("", text).map_err(|_| PathFault("the path leads into a text that is not YAML".to_owned()))
}

fn items_of<'n>(node: &'n mut Node, part: &str) -> Result<&'n mut Vec<Node>, PathFault> {
    let found = shape(node);
    node.items_mut().ok_or_else(|| PathFault(format!("`{part}` needs a list and finds {found}")))
}

fn written(node: &Node) -> String {
    match node.text() {
        Some(text) => text.trim().to_owned(),
        None => print_document(node).unwrap_or_default().trim().to_owned(),
    }
}

fn index_of(part: &str) -> Option<usize> {
    part.parse().ok()
}

fn is_list_entry(part: &str) -> bool {
    part.starts_with('[') && part.ends_with(']')
}

fn split_list_entry(part: &str) -> Result<(&str, &str), PathFault> {
    let inner = part.strip_suffix(']').unwrap_or(part);
    let inner = inner.strip_prefix('[').unwrap_or(inner);
    inner
        .split_once('=')
        .ok_or_else(|| PathFault(format!("the list entry `{part}` must have the form `[field=value]`")))
}

fn shape(node: &Node) -> &'static str {
    match Shape::of(node) {
        Shape::Scalar => "a scalar",
        Shape::Sequence => "a list",
        Shape::Mapping => "a map",
    }
}

fn fault<T>(message: impl Into<String>) -> Result<T, PathFault> {
    Err(PathFault(message.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_split(path: &str, expected: &[&str]) {
        assert_eq!(split(path), expected, "{path}");
    }

    #[test]
    fn paths_are_split_at_dots_outside_of_brackets() {
        check_split("spec.replicas", &["spec", "replicas"]);
        check_split(".spec", &["spec"]);
        check_split("metadata.annotations.[a.b/c]", &["metadata", "annotations", "a.b/c"]);
        check_split("data.config\\.yaml.a", &["data", "config.yaml", "a"]);
        check_split("spec.containers.[name=a.b].image", &["spec", "containers", "[name=a.b]", "image"]);
        check_split("spec.args.[=-a]", &["spec", "args", "[=-a]"]);
        check_split("", &[""]);
    }

    #[track_caller]
    fn check_visit(root: &str, path: &str, create: Option<Shape>, expected: &str) {
        let mut node = read_one("root.yaml", root).unwrap();
        let mut change = |node: &mut Node, _: Found| {
            *node = Node::string("x");
            Ok(())
        };
        let outcome = match visit(&mut node, &split(path), create, &mut change) {
            Ok(0) => "nothing".to_owned(),
            Ok(_) => node.to_json().unwrap().to_string(),
            Err(PathFault(message)) => message,
        };
        assert_eq!(outcome, expected);
    }

    #[test]
    fn targets_are_found_and_made() {
        check_visit("{a: {b: 1}}", "a.b", None, r#"{"a":{"b":"x"}}"#);
        check_visit("{a: {b: 1}}", "a.c", None, "nothing");
        check_visit("{a: {b: 1}}", "a.c", Some(Shape::Scalar), r#"{"a":{"b":1,"c":"x"}}"#);
        check_visit(
            "{a: [{n: p}, {n: q}]}",
            "a.*.v",
            Some(Shape::Scalar),
            r#"{"a":[{"n":"p","v":"x"},{"n":"q","v":"x"}]}"#,
        );
        check_visit(
            "{a: [{n: pp, v: 1}, {n: q, v: 2}]}",
            "a.[n=p].v",
            None,
            r#"{"a":[{"n":"pp","v":"x"},{"n":"q","v":2}]}"#,
        );
        check_visit("{}", "a.[n=p].v", Some(Shape::Scalar), r#"{"a":[{"n":"p","v":"x"}]}"#);
        check_visit("{a: [1]}", "a.1", Some(Shape::Scalar), r#"{"a":[1,"x"]}"#);
        check_visit(
            "{a: [1]}",
            "a.2",
            Some(Shape::Scalar),
            "the list has 1 items, and index 2 is past its end",
        );
        check_visit("{a: 1}", "a.b", None, "`b` is looked for in a scalar");
        check_visit("{a: [x, y]}", "a.[=^y$]", None, r#"{"a":["x","x"]}"#);
    }

    #[track_caller]
    fn check_look_up(path: &str, expected: Result<Option<&str>, &str>) {
        let root = read_one("root.yaml", "{a: [{n: p, v: 1}, {n: pp, v: 2}], b: {c: 3}}").unwrap();
        let found = look_up(&root, &split(path)).map(|node| node.and_then(Node::text).map(str::to_owned));
        let expected =
            expected.map(|text| text.map(str::to_owned)).map_err(|message| PathFault(message.to_owned()));
        assert_eq!(found, expected);
    }

    #[test]
    fn sources_are_looked_up() {
        check_look_up("b.c", Ok(Some("3")));
        check_look_up("a.[n=pp].v", Ok(Some("2")));
        check_look_up("a.0.v", Ok(Some("1")));
        check_look_up("a.-.v", Ok(Some("2")));
        check_look_up("a.5.v", Ok(None));
        check_look_up("b.d", Ok(None));
        check_look_up("a.v", Err("`v` is looked for in a list"));
    }
}
