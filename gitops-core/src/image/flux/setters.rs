//! Values beside a comment `# {"$imagepolicy": "NAMESPACE:NAME"}`.

use std::collections::BTreeMap;

use crate::image::edit::EditError;
use crate::yaml::edit::{
    Changes, Context, Form, Layout, Pair, Piece, Shape, Style, line_end, render_in_style,
};
use crate::yaml::{Node, read};

/// What files that hold no marker lack.
const TOKEN: &str = "\"$imagepolicy\"";

/// The image that a policy selected.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PolicyImage {
    /// The repository.
    pub name: String,
    /// The tag.
    pub tag: String,
    /// The digest; empty where the policy reflects none.
    pub digest: String,
}

impl PolicyImage {
    /// The value of a marker's part; `None` where there is no such part or it has no value.
    fn part(&self, part: Option<&str>) -> Option<String> {
        match part {
            None if self.digest.is_empty() => Some(format!("{}:{}", self.name, self.tag)),
            None => Some(format!("{}:{}@{}", self.name, self.tag, self.digest)),
            Some("name") => Some(self.name.clone()),
            Some("tag") => Some(self.tag.clone()),
            Some("digest") if !self.digest.is_empty() => Some(self.digest.clone()),
            Some(_) => None,
        }
    }
}

/// One step from a node to one below it.
#[derive(Clone, Copy, Debug)]
enum Step {
    Item(usize),
    Pair(usize),
}

struct Setting {
    document: usize,
    steps: Vec<Step>,
    value: String,
}

struct Walk<'w, 't> {
    path: &'w str,
    layout: &'w Layout<'t>,
    policies: &'w BTreeMap<String, PolicyImage>,
    changes: Changes,
    settings: Vec<Setting>,
    steps: Vec<Step>,
    document: usize,
}

/// Writes the images of `policies`, named `NAMESPACE:NAME`, into every value of the file with a marker on its
/// line; every other byte stays.
///
/// A marker's suffix `:tag`, `:name` or `:digest` asks for that part, else the value is the whole image. Unknown
/// policies or parts, unreadable markers and values that are not scalars are left alone, as Flux does.
pub fn set_markers(
    path: &str,
    file: &[u8],
    policies: &BTreeMap<String, PolicyImage>,
) -> Result<Vec<u8>, EditError> {
    if !file.windows(TOKEN.len()).any(|window| window == TOKEN.as_bytes()) {
        return Ok(file.to_vec());
    }
    let text = std::str::from_utf8(file).map_err(|_| EditError::Encoding { path: path.to_owned() })?;
    let layout = Layout::read(path, text)?;
    let mut walk = Walk {
        path,
        layout: &layout,
        policies,
        changes: Changes::new(),
        settings: vec![],
        steps: vec![],
        document: 0,
    };
    for (index, root) in layout.documents.iter().enumerate() {
        walk.document = index;
        walk.visit(root, Context::Block)?;
    }
    let settings = walk.settings;
    let not_as_intended = || EditError::NotAsIntended { path: path.to_owned() };
    let edited = walk.changes.apply(text).ok_or_else(not_as_intended)?;
    if edited != text && !reads_as_intended(path, text, &edited, &settings) {
        return Err(not_as_intended());
    }
    Ok(edited.into_bytes())
}

impl Walk<'_, '_> {
    fn visit(&mut self, piece: &Piece, context: Context) -> Result<(), EditError> {
        match &piece.form {
            Form::Scalar { style, .. } => self.set(piece, *style, context),
            Form::Alias(_) => Ok(()),
            Form::Sequence(shape, items) => {
                let inner = context_below(*shape, context);
                self.visit_each(items.iter().map(|item| &item.node).enumerate(), Step::Item, inner)
            }
            Form::Mapping(shape, pairs) => {
                let inner = context_below(*shape, context);
                let values = pairs.iter().map(|pair: &Pair| &pair.value).enumerate();
                self.visit_each(values, Step::Pair, inner)
            }
        }
    }

    fn visit_each<'p>(
        &mut self,
        pieces: impl Iterator<Item = (usize, &'p Piece)>,
        step: fn(usize) -> Step,
        context: Context,
    ) -> Result<(), EditError> {
        for (at, piece) in pieces {
            self.steps.push(step(at));
            self.visit(piece, context)?;
            self.steps.pop();
        }
        Ok(())
    }

    fn set(&mut self, piece: &Piece, style: Style, context: Context) -> Result<(), EditError> {
        let wanted =
            marker(self.layout.text, piece.end).and_then(|marker| wanted_value(&marker, self.policies));
        let Some(value) = wanted.filter(|_| style != Style::Block) else { return Ok(()) };
        if piece.is_string() && piece.text() == Some(value.as_str()) {
            return Ok(());
        }
        if self.layout.is_referenced(piece) {
            let at = self.layout.location(self.path, piece.start);
            return Err(EditError::AnchorReferenced {
                at,
                field: piece.text().unwrap_or_default().to_owned(),
            });
        }
        let rendered = render_in_style(&value, style, context);
        let space = if piece.content == piece.end { " " } else { "" };
        self.changes.replace(piece.content..piece.end, format!("{space}{rendered}"));
        self.settings.push(Setting { document: self.document, steps: self.steps.clone(), value });
        Ok(())
    }
}

fn context_below(shape: Shape, context: Context) -> Context {
    match shape {
        Shape::Block => context,
        Shape::Flow | Shape::Bare => Context::Flow,
    }
}

/// The policy and part that the comment behind the byte `at`, on the same line, names.
fn marker(text: &str, at: usize) -> Option<String> {
    let rest = text.get(at..line_end(text, at))?;
    let rest = rest.trim_start().strip_prefix(',').unwrap_or(rest);
    let comment = rest.trim_start().strip_prefix('#').filter(|_| rest.starts_with([' ', '\t']))?;
    let json: serde_json::Value = serde_json::from_str(comment.trim()).ok()?;
    json.get("$imagepolicy")?.as_str().map(str::to_owned)
}

fn wanted_value(marker: &str, policies: &BTreeMap<String, PolicyImage>) -> Option<String> {
    let mut parts = marker.splitn(3, ':');
    let policy = format!("{}:{}", parts.next()?, parts.next()?);
    policies.get(&policy)?.part(parts.next())
}

fn reads_as_intended(path: &str, before: &str, edited: &str, settings: &[Setting]) -> bool {
    let nodes = |text: &str| -> Option<Vec<Node>> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let documents = read(path, text).ok()?;
        Some(documents.into_iter().map(|document| document.root).collect())
    };
    let (Some(mut intended), Some(found)) = (nodes(before), nodes(edited)) else { return false };
    for setting in settings {
        let root = intended.get_mut(setting.document);
        let node = setting.steps.iter().try_fold(root, |node, step| {
            let node = node?;
            Some(match step {
                Step::Item(at) => node.items_mut()?.get_mut(*at),
                Step::Pair(at) => {
                    node.as_mapping_mut()?.entries_mut().get_mut(*at).map(|entry| &mut entry.value)
                }
            })
        });
        match node.flatten() {
            Some(node) => *node = Node::string(setting.value.as_str()),
            None => return false,
        }
    }
    intended == found
}
