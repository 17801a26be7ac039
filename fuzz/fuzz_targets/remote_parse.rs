//! Entries that name what lies elsewhere: what is read of one leads nowhere else, is read the same again, and never
//! shows a credential, on its own or in the error of a render.
#![no_main]

use gitops_core::kustomize::{RemoteRepository, RemoteSource, RenderOptions, render};
use gitops_core::tree::{FileTree, TreePath};
use libfuzzer_sys::fuzz_target;

/// A text that is shorter may stand in another one by chance.
const SHORTEST_SECRET: usize = 6;

fuzz_target!(|input: &[u8]| {
    let Ok(entry) = std::str::from_utf8(input) else { return };
    if let Some((repository, path)) = RemoteRepository::parse(entry) {
        let inside = TreePath::parse(&path).expect("the path stays in the repository");
        let source = RemoteSource::Repository(repository.clone());
        let mount = source.mount();
        let whole = mount.join(inside.as_str()).expect("it can be mounted");
        assert!(whole.is_within(&mount), "{whole} is outside of {mount}");
        hides_credentials(&repository.address, &format!("{repository} {repository:?} {source} {source:?}"));
        is_read_again(&repository, &path);
    }
    let mut tree = FileTree::new();
    let quoted = serde_json::to_string(entry).expect("a text is JSON");
    for field in ["resources", "components", "configurations", "crds"] {
        tree.add("kustomization.yaml", format!("{field}: [{quoted}]\n")).expect("a plain name");
        if let Err(error) = render(&tree, &TreePath::root(), &RenderOptions::default()) {
            hides_credentials(entry, &format!("{error} {}", error.hint().unwrap_or_default()));
        }
    }
});

/// The user and the password of an address are not in `shown`, unless they stand in it in another place too.
fn hides_credentials(address: &str, shown: &str) {
    let Some((before, after)) = address.split_once("://") else { return };
    let is_end = |c: char| c.is_whitespace() || "/?#\"'`<>".contains(c);
    let authority = after.split(is_end).next().unwrap_or_default();
    let Some((user, host)) = authority.rsplit_once('@') else { return };
    let rest = &after[authority.len()..];
    let is_elsewhere = [before, host, rest].iter().any(|part| part.contains(user));
    if user.len() >= SHORTEST_SECRET && !is_elsewhere {
        assert!(!shown.contains(user), "`{user}` is shown: {shown}");
    }
}

/// The address and the path, put together, name the same.
fn is_read_again(repository: &RemoteRepository, path: &str) {
    if repository.address.ends_with('/') || repository.address.contains('?') || path.contains('?') {
        return;
    }
    let again = RemoteRepository::parse(&format!("{}//{path}", repository.address));
    let again = again.map(|(repository, path)| (repository.address, path));
    assert_eq!(again, Some((repository.address.clone(), path.to_owned())), "it is read as something else");
}
