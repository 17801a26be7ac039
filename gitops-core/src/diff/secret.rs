//! Secret values, replaced before anyone sees them.

use std::collections::BTreeMap;

use smol_str::SmolStr;

use super::normalize::{LAST_APPLIED, fold_string_data};
use crate::yaml::{Mapping, Node, Value};

const MASK: &str = "++++++++";

/// Replaces the values of a Secret on both sides of a comparison, in `data`, in the last-applied annotation and
/// in the annotations named in `hidden`.
///
/// Per key, equal values get equal masks in the order of first sight (desired, live, last-applied), so that a
/// difference still shows; a last-applied annotation that is not JSON is masked as a whole. Matches Argo CD's
/// `HideSecretData`.
pub fn mask_secret(
    desired: Option<&Node>,
    live: Option<&Node>,
    hidden: &[SmolStr],
) -> (Option<Node>, Option<Node>) {
    let fold = |node: &Node| {
        let mut node = node.clone();
        fold_string_data(&mut node);
        node
    };
    let mut sides = [desired.map(fold), live.map(fold)];
    let mut last: Vec<Option<LastApplied>> =
        sides.iter().map(|side| side.as_ref().and_then(last_applied)).collect();
    let mut masks = Masks::default();
    for side in sides.iter_mut().flatten() {
        masks.hide_values(side, &["data"], |_| true);
    }
    for applied in last.iter_mut().flatten() {
        if let LastApplied::Manifest(root) = applied {
            masks.hide_values(root, &["data"], |_| true);
        }
    }
    let mut masks = Masks::default();
    let is_hidden = |key: &str| hidden.iter().any(|name| name == key);
    for side in sides.iter_mut().flatten() {
        masks.hide_values(side, &["metadata", "annotations"], is_hidden);
    }
    for applied in last.iter_mut().flatten() {
        if let LastApplied::Manifest(root) = applied {
            masks.hide_values(root, &["metadata", "annotations"], is_hidden);
        }
    }
    for (side, applied) in sides.iter_mut().zip(last) {
        if let (Some(side), Some(applied)) = (side, applied) {
            side.set_at(&["metadata", "annotations", LAST_APPLIED], Node::string(applied.text()));
        }
    }
    let [desired, live] = sides;
    (desired, live)
}

/// What the last-applied annotation holds.
enum LastApplied {
    Manifest(Node),
    Malformed,
}

impl LastApplied {
    fn text(&self) -> String {
        match self {
            Self::Manifest(root) => match root.to_json() {
                Ok(json) => json.to_string(),
                Err(_) => MASK.to_owned(),
            },
            Self::Malformed => MASK.to_owned(),
        }
    }
}

fn last_applied(root: &Node) -> Option<LastApplied> {
    let text = root.at(&["metadata", "annotations", LAST_APPLIED])?.text()?;
    Some(match serde_json::from_str(text) {
        Ok(json) => {
            let mut root = Node::from_json(&json);
            if !root.is_mapping() {
                return Some(LastApplied::Malformed);
            }
            fold_string_data(&mut root);
            LastApplied::Manifest(root)
        }
        Err(_) => LastApplied::Malformed,
    })
}

/// The masks given so far, per key.
#[derive(Default)]
struct Masks(BTreeMap<SmolStr, Vec<Node>>);

impl Masks {
    fn hide_values(&mut self, root: &mut Node, path: &[&str], hide: impl Fn(&str) -> bool) {
        if root.at(path).is_none() {
            return;
        }
        let Some(map) = root.at_mut(path) else { return };
        match &map.value {
            Value::Mapping(_) => {}
            // Not what a Secret holds, and for that reason not shown either.
            Value::Scalar(_) | Value::Sequence(_) => {
                if hide("") {
                    *map = Node::string(MASK).with_origin(map.origin);
                }
                return;
            }
        }
        for entry in map.as_mapping_mut().into_iter().flat_map(Mapping::entries_mut) {
            if hide(entry.key.text()) {
                let mask = self.mask(entry.key.shared_text(), &entry.value);
                entry.value = Node::string(mask).with_origin(entry.value.origin);
            }
        }
    }

    fn mask(&mut self, key: SmolStr, value: &Node) -> String {
        let seen = self.0.entry(key).or_default();
        let index = seen.iter().position(|other| other == value).unwrap_or_else(|| {
            seen.push(value.clone());
            seen.len() - 1
        });
        format!("{MASK}{}", "++++".repeat(index))
    }
}
