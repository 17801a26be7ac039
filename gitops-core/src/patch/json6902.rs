//! JSON patch (RFC 6902) with the liberties that kustomize's library takes.
//!
//! A negative index counts from the end, `replace` of a missing key adds it, `test` of a missing key against
//! null passes, a path without a leading slash loses its first part, and an operation without a value means
//! null.

mod pointer;

use super::{PatchError, Recorder};
use crate::object::FieldPath;
use crate::yaml::{Node, Origin};
use pointer::Pointer;

/// One operation of a JSON patch.
#[derive(Clone, Debug)]
pub struct Operation {
    number: usize,
    kind: Kind,
    path: String,
    origin: Origin,
}

#[derive(Clone, Debug)]
enum Kind {
    Add(Node),
    Remove,
    Replace(Node),
    Move(String),
    Copy(String),
    Test(Node),
    /// What is wrong with it, which matters only when it is applied.
    Invalid(String),
}

impl Kind {
    fn name(&self) -> &'static str {
        match self {
            Self::Add(_) => "add",
            Self::Remove => "remove",
            Self::Replace(_) => "replace",
            Self::Move(_) => "move",
            Self::Copy(_) => "copy",
            Self::Test(_) => "test",
            Self::Invalid(_) => "invalid",
        }
    }
}

/// What the copies of one patch may weigh together, by [`Node::weight`].
const MOST_COPIED: usize = 400_000;

/// How many items of lists and maps may move while one patch is applied.
const MOST_SHIFTED: usize = 20_000_000;

/// What a patch has done so far, of which there is only so much.
#[derive(Debug, Default)]
struct Work {
    copied: usize,
    shifted: usize,
}

impl Work {
    /// Counts items that move by one place, or that are looked at because they move.
    fn shift(&mut self, items: usize) -> Result<(), String> {
        self.shifted = self.shifted.saturating_add(items);
        if self.shifted > MOST_SHIFTED {
            return Err("the patch moves too much".to_owned());
        }
        Ok(())
    }
}

/// Reads a JSON patch: a list of maps with `op`, `path` and, by operation, `value` or `from`. What is wrong with
/// a map is said when it is applied: a patch without a target may hold anything.
pub fn parse(patch: &Node) -> Result<Vec<Operation>, PatchError> {
    if !patch.is_sequence() {
        return Err(PatchError::NotAList { origin: patch.origin });
    }
    patch.items().iter().enumerate().map(|(at, item)| operation(at + 1, item)).collect()
}

fn operation(number: usize, item: &Node) -> Result<Operation, PatchError> {
    if !item.is_mapping() && !item.is_null() {
        let message = "it is no mapping".to_owned();
        return Err(PatchError::Operation { number, message, origin: item.origin });
    }
    let (kind, path) = kind_and_path(item).unwrap_or_else(|message| (Kind::Invalid(message), String::new()));
    Ok(Operation { number, kind, path, origin: item.origin })
}

fn kind_and_path(item: &Node) -> Result<(Kind, String), String> {
    let text = |key: &str| {
        let text = item.get(key).and_then(Node::as_str).map(str::to_owned);
        text.ok_or_else(|| format!("`{key}` is missing or no string"))
    };
    let value = || item.get("value").cloned().unwrap_or_else(|| Node::null().with_origin(item.origin));
    let kind = match text("op")?.as_str() {
        "add" => Kind::Add(value()),
        "remove" => Kind::Remove,
        "replace" => Kind::Replace(value()),
        "move" => Kind::Move(text("from")?),
        "copy" => Kind::Copy(text("from")?),
        "test" => Kind::Test(value()),
        other => return Err(format!("the operation `{other}` is unknown")),
    };
    Ok((kind, text("path")?))
}

/// Applies the operations to `target` in order. On an error the target is left as it was.
pub fn apply(
    target: &mut Node,
    patch: &[Operation],
    mut recorder: Option<&mut Recorder<'_>>,
) -> Result<(), PatchError> {
    let mut result = target.clone();
    let mut work = Work::default();
    for operation in patch {
        if let Kind::Invalid(message) = &operation.kind {
            let Operation { number, origin, .. } = *operation;
            return Err(PatchError::Operation { number, message: message.clone(), origin });
        }
        run(&mut result, operation, &mut work, recorder.as_deref_mut()).map_err(|message| {
            PatchError::Inapplicable {
                number: operation.number,
                operation: operation.kind.name(),
                path: operation.path.clone(),
                message,
                origin: operation.origin,
            }
        })?;
    }
    *target = result;
    Ok(())
}

fn run(
    target: &mut Node,
    operation: &Operation,
    work: &mut Work,
    mut recorder: Option<&mut Recorder<'_>>,
) -> Result<(), String> {
    let pointer = Pointer::parse(&operation.path)?;
    work.shift(pointer.items_behind(target, matches!(operation.kind, Kind::Remove)))?;
    match &operation.kind {
        Kind::Invalid(message) => Err(message.clone()),
        Kind::Add(value) => {
            let previous = pointer.get(target).ok().flatten().filter(|_| pointer.is_in_map(target));
            let previous = previous.map(|node| node.origin);
            pointer.add(target, adopted(value, previous, recorder))
        }
        Kind::Remove => {
            let path = path_of(&pointer, target, recorder.as_deref());
            let node = pointer.remove(target)?;
            if let Some(recorder) = recorder {
                recorder.remove(|| path, node, operation.origin);
            }
            Ok(())
        }
        Kind::Replace(value) => {
            let old = pointer.get(target)?.cloned();
            let path = path_of(&pointer, target, recorder.as_deref());
            let new = adopted(value, old.as_ref().map(|node| node.origin), recorder.as_deref_mut());
            pointer.replace(target, new)?;
            if let (Some(recorder), Some(old)) = (recorder, old.filter(|node| node.as_scalar().is_none())) {
                recorder.remove(|| path, old, value.origin);
            }
            Ok(())
        }
        Kind::Move(from) => {
            let source = Pointer::parse(from)?;
            work.shift(source.items_behind(target, true))?;
            let path = path_of(&source, target, recorder.as_deref());
            let mut node = source.remove(target)?;
            work.shift(node.weight(usize::MAX).ok_or("what is moved is nested too deeply")?)?;
            if let Some(recorder) = recorder {
                recorder.remove(|| path, node.clone(), operation.origin);
                copied_within(&mut node, None, recorder);
            }
            pointer.add(target, node)
        }
        Kind::Copy(from) => {
            let mut node = Pointer::parse(from)?.get(target)?.cloned().unwrap_or_else(Node::null);
            let weight = node.weight(MOST_COPIED - work.copied).ok_or("the patch copies too much")?;
            work.copied += weight;
            if let Some(recorder) = recorder {
                copied_within(&mut node, None, recorder);
            }
            pointer.add(target, node)
        }
        Kind::Test(expected) => match pointer.get(target)?.filter(|node| !node.is_null()) {
            None if expected.is_null() => Ok(()),
            Some(found) if found == expected => Ok(()),
            Some(_) => Err("the value is another".to_owned()),
            None => Err("there is no value".to_owned()),
        },
    }
}

/// The field that a pointer names, where it will be recorded.
fn path_of(pointer: &Pointer, target: &Node, recorder: Option<&Recorder<'_>>) -> FieldPath {
    recorder.map(|_| pointer.field_path(target)).unwrap_or_default()
}

/// A copy of a value of the patch that takes the place of `previous`.
fn adopted(value: &Node, previous: Option<Origin>, recorder: Option<&mut Recorder<'_>>) -> Node {
    let mut node = value.clone();
    if let Some(recorder) = recorder {
        recorder.adopt(&mut node, previous);
    }
    node
}

/// Stamps a node that stood elsewhere in the object.
fn copied_within(node: &mut Node, previous: Option<Origin>, recorder: &mut Recorder<'_>) {
    let patch_file = std::mem::replace(&mut recorder.patch_file, recorder.target_file);
    recorder.adopt_copy(node, previous);
    recorder.patch_file = patch_file;
}

#[cfg(test)]
mod tests;
