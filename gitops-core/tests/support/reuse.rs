//! Whether a render that reuses what others have worked out answers as one that does not.

use std::fmt::Write as _;

use gitops_core::kustomize::{self, Cache, RenderError, RenderOptions, Rendered};
use gitops_core::tree::{FileTree, TreePath};
use gitops_core::yaml::{self, Node, Origin};

/// Everything that a render says, in one text: objects with the origin of each node, the tables of provenance,
/// warnings and reads; or the error.
pub(crate) fn transcript(result: Result<&Rendered, &RenderError>) -> String {
    let rendered = match result {
        Ok(rendered) => rendered,
        Err(error) => return format!("{error:?}"),
    };
    let mut text = String::new();
    for object in &rendered.objects {
        let printed = yaml::print(&[&object.root]).unwrap_or_else(|error| error.to_string());
        let _ = write!(text, "{:?} {:?}\n{printed}", object.key, object.at);
        origins(&object.root, &mut text);
        text.push('\n');
    }
    let _ = write!(text, "{:?}\n{:?}\n{:?}", rendered.provenance, rendered.warnings, rendered.reads);
    text
}

fn origins(node: &Node, text: &mut String) {
    let one = |origin: Origin| origin.as_entry().map_or_else(|| format!("{origin:?}"), |at| format!("#{at}"));
    let _ = write!(text, "{} ", one(node.origin));
    for entry in node.entries() {
        let _ = write!(text, "{}: ", one(entry.key_origin));
        origins(&entry.value, text);
    }
    node.items().iter().for_each(|item| origins(item, text));
}

/// Renders `root` without a cache, with `cache`, with what that has learned, with that but no whole render, and with
/// nothing but the bases `bases` prepared. All must say the same. `cache` keeps what it learns.
pub(crate) fn check(
    tree: &FileTree,
    root: &TreePath,
    bases: &[TreePath],
    options: &RenderOptions,
    cache: &mut Cache,
) -> Result<(), String> {
    let plain = kustomize::render(tree, root, options);
    let plain = transcript(plain.as_ref());
    let with = |cache: &Cache| {
        let attempt = kustomize::render_with(tree, root, options, cache);
        (transcript(attempt.result.as_deref().map_err(|failed| &failed.error)), attempt)
    };
    let same = |how: &str, text: &str| {
        let difference = plain.lines().zip(text.lines()).find(|(a, b)| a != b);
        let short = |line: &str| line.chars().take(2000).collect::<String>();
        match difference {
            Some((a, b)) => Err(format!("{root} {how}:\n  plain: {}\n  other: {}", short(a), short(b))),
            None if plain == text => Ok(()),
            None => Err(format!("{root} {how}: one is the beginning of the other")),
        }
    };
    let (text, first) = with(cache);
    same("with the cache so far", &text)?;
    cache.merge(first.learned);
    let (text, _) = with(cache);
    same("again", &text)?;
    let (text, _) = with(&cache.clone().without_renders());
    same("again without the render", &text)?;
    if bases.is_empty() {
        return Ok(());
    }
    let mut prepared = Cache::new();
    for base in bases {
        let learned = kustomize::prepare(tree, base, options, &prepared);
        prepared.merge(learned);
    }
    let (text, _) = with(&prepared);
    same("with bases prepared", &text)
}
