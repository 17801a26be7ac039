//! Reading YAML, in both dialects and by every entry: it ends, and what it says does not depend on the path that
//! it took through the reader.
#![no_main]

use gitops_core::yaml::edit::Layout;
use gitops_core::yaml::{Dialect, Document, read_one_with, read_resources, read_with};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    if let Err(error) = read_resources("a.yaml", input) {
        assert!(error.to_string().len() < 2048, "a long error: {error}");
    }
    let Ok(text) = std::str::from_utf8(input) else { return };
    let _ = Layout::read("a.yaml", text);
    for dialect in [Dialect::Resource, Dialect::Json] {
        let all = read_with("a.yaml", text, dialect);
        let one = read_one_with("a.yaml", text, dialect);
        if let (Ok(all), Ok(one)) = (&all, &one) {
            assert!(all.first().is_none_or(|first| first.root == *one), "the first document reads differently");
        }
        let Ok(all) = all else { continue };
        // The end of a document that is written out is known to the complete parser only.
        if text.ends_with('\n') {
            let ended = read_with("a.yaml", &format!("{text}...\n"), dialect);
            assert!(ended.is_err() || same(&all, &ended.unwrap_or_default()), "the two readers disagree");
        }
    }
});

/// Whether the documents are the same; empty ones at the end do not count.
fn same(left: &[Document], right: &[Document]) -> bool {
    let roots = |documents: &[Document]| {
        let mut roots: Vec<_> = documents.iter().map(|document| document.root.clone()).collect();
        while roots.last().is_some_and(gitops_core::yaml::Node::is_null) {
            roots.pop();
        }
        roots
    };
    roots(left) == roots(right)
}
