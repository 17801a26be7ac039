//! What an image update says of itself in Git: commit message, branch name and the trailer that holds rest on.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::template::{Data, Template, TemplateError};

/// One image that a commit changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImageChange {
    /// The image without its tag.
    pub image: String,
    /// The name that the configuration gives the image; empty where it gives none.
    pub alias: String,
    /// The tag before.
    pub old_tag: String,
    /// The tag after.
    pub new_tag: String,
    /// The labels of the new image.
    pub labels: BTreeMap<String, String>,
}

/// What a branch name may speak of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BranchContext<'c> {
    /// The namespace of the Application.
    pub app_namespace: &'c str,
    /// The Application.
    pub app_name: &'c str,
    /// A key of repository and branch.
    pub target_key: &'c str,
}

/// The message of Argo CD Image Updater where none is configured.
pub const DEFAULT_COMMIT_MESSAGE: &str = "build: automatic update of {{ .AppName }}

{{ range .AppChanges -}}
updates image {{ .Image }} tag '{{ .OldTag }}' to '{{ .NewTag }}'
{{ end -}}
";

/// How long a branch name may be, in bytes.
const BRANCH_LIMIT: usize = 255;

/// The commit message of a template with the fields `.AppName` and
/// `.AppChanges[].{Image,OldTag,NewTag,Labels}`.
pub fn commit_message(
    template: &str,
    app_name: &str,
    changes: &[ImageChange],
) -> Result<String, TemplateError> {
    let change = |change: &ImageChange| {
        let labels = change.labels.iter().map(|(key, value)| (key.clone(), Data::text(value.as_str())));
        Data::record([
            ("Image", Data::text(change.image.as_str())),
            ("OldTag", Data::text(change.old_tag.as_str())),
            ("NewTag", Data::text(change.new_tag.as_str())),
            ("Labels", Data::Map(labels.collect())),
        ])
    };
    let changes = Data::List(changes.iter().map(change).collect());
    Template::parse(template)?
        .render(&Data::record([("AppName", Data::text(app_name)), ("AppChanges", changes)]))
}

/// The branch name of a template with the fields `.AppNamespace`, `.AppName`, `.TargetKey`, `.SHA256` and
/// `.Images[].{Name,Alias,OldTag,NewTag}`; cut at 255 bytes.
pub fn branch_name(
    template: &str,
    context: &BranchContext<'_>,
    changes: &[ImageChange],
) -> Result<String, TemplateError> {
    let mut hash = Sha256::new();
    for change in changes {
        hash.update(format!("{}-{}-{},", change.image, change.old_tag, change.new_tag));
    }
    let sha256: String = hash.finalize().iter().flat_map(|byte| hexadecimal(*byte)).collect();
    let image = |change: &ImageChange| {
        Data::record([
            ("Name", Data::text(change.image.as_str())),
            ("Alias", Data::text(change.alias.as_str())),
            ("OldTag", Data::text(change.old_tag.as_str())),
            ("NewTag", Data::text(change.new_tag.as_str())),
        ])
    };
    let mut name = Template::parse(template)?.render(&Data::record([
        ("AppNamespace", Data::text(context.app_namespace)),
        ("AppName", Data::text(context.app_name)),
        ("TargetKey", Data::text(context.target_key)),
        ("SHA256", Data::Text(sha256)),
        ("Images", Data::List(changes.iter().map(image).collect())),
    ]))?;
    let end = (0..=BRANCH_LIMIT.min(name.len())).rev().find(|end| name.is_char_boundary(*end));
    name.truncate(end.unwrap_or(0));
    Ok(name)
}

fn hexadecimal(byte: u8) -> impl Iterator<Item = char> {
    [byte >> 4, byte & 15].into_iter().filter_map(|digit| char::from_digit(u32::from(digit), 16))
}
