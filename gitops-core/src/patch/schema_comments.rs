//! Schemas that a manifest states in comments: `items: # {"x-kubernetes-patch-strategy": "merge"}`.

use std::collections::BTreeMap;

use crate::kind::Schemas;
use crate::yaml::{Node, Origin, read_one};

/// The schemas of one text, by the offset of the key behind which each stands.
#[derive(Clone, Debug, Default)]
pub struct SchemaComments(BTreeMap<usize, Node>);

impl SchemaComments {
    /// Reads the comments of a text that are JSON and speak of a patch strategy; nearly always there are none.
    pub fn read(text: &str) -> Self {
        let mut found = BTreeMap::new();
        if !text.contains("x-kubernetes-patch-strategy") {
            return Self(found);
        }
        let mut start = 0;
        for line in text.split_inclusive('\n') {
            if let Some((before, comment)) = line.split_once(" # {")
                && let Ok(schema) = read_one("", &format!("{{{comment}"))
                && schema.is_mapping()
            {
                let key = before.trim_start_matches([' ', '-']);
                found.insert(start + before.len() - key.len(), schema);
            }
            start += line.len();
        }
        Self(found)
    }

    fn at(&self, key: Origin) -> Option<&Node> {
        key.as_offset().and_then(|offset| self.0.get(&offset))
    }
}

/// By what lists merge: the schemas of the build, and what the two texts say themselves.
#[derive(Clone, Copy, Debug)]
pub struct MergeSchemas<'a> {
    /// The schemas of the build.
    pub schemas: &'a Schemas,
    /// The comments of the object's file.
    pub target: Option<&'a SchemaComments>,
    /// The comments of the patch's file.
    pub patch: Option<&'a SchemaComments>,
}

impl<'a> From<&'a Schemas> for MergeSchemas<'a> {
    fn from(schemas: &'a Schemas) -> Self {
        Self { schemas, target: None, patch: None }
    }
}

impl<'a> MergeSchemas<'a> {
    /// The schema in the comment behind a key of the object or of the patch.
    pub(super) fn commented(&self, target: Option<Origin>, patch: Option<Origin>) -> Option<&'a Node> {
        let of = |comments: Option<&'a SchemaComments>, key: Option<Origin>| comments?.at(key?);
        of(self.target, target).or_else(|| of(self.patch, patch))
    }

    /// Whether the object's text has a schema in a comment.
    pub(super) fn has_target_comments(&self) -> bool {
        self.target.is_some_and(|comments| !comments.0.is_empty())
    }
}
