//! The edit of `images:`: what is written reads as intended, the rest of the file keeps its bytes, and a second
//! edit finds nothing to do.
#![no_main]

use gitops_core::image::{ImageUpdate, edit};
use gitops_core::yaml::edit::Layout;
use gitops_core::yaml::{Dialect, read_one_with};
use gitops_fuzz::two_texts;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let Some((order, file)) = two_texts(input) else { return };
    let updates: Vec<ImageUpdate> = order.lines().take(4).map(update).collect();
    let Ok(edited) = edit(file.as_bytes(), &updates) else { return };
    let edited = String::from_utf8(edited).expect("the result is text");
    assert_eq!(edit(edited.as_bytes(), &updates).as_deref(), Ok(edited.as_bytes()), "twice");
    keeps_bytes(file, &edited);
    keeps_data(file, &edited);
});

/// `NAME NEW_NAME NEW_TAG DIGEST`, each of the last three may be `-`.
fn update(line: &str) -> ImageUpdate {
    let mut words = line.split(' ');
    let mut next = || words.next().filter(|word| *word != "-").map(str::to_owned);
    ImageUpdate { name: next().unwrap_or_default(), new_name: next(), new_tag: next(), digest: next() }
}

/// Nothing outside of the value of `images` differs.
fn keeps_bytes(before: &str, after: &str) {
    if before.contains(['&', '*']) {
        return;
    }
    let layout = Layout::read("a.yaml", before).expect("it was read before");
    let Some(root) = layout.documents.first() else { return };
    match layout.lookup(root, "images").filter(|images| !images.is_null()) {
        Some(images) => {
            assert!(after.starts_with(&before[..images.start]), "bytes before `images` changed: {after}");
            // A comment behind the last value stays behind it.
            let line = before[images.end..].find('\n').unwrap_or(before.len() - images.end);
            let rest = behind_comments(&before[images.end + line..]);
            assert!(after.trim_end().ends_with(rest.trim_end()), "bytes after `images` changed: {after}");
        }
        None => {
            let common = before.bytes().zip(after.bytes()).take_while(|(left, right)| left == right).count();
            let rest = before[floor(before, common)..].trim();
            assert!(after.trim_end().ends_with(rest), "more than an insertion: {after}");
        }
    }
}

/// What follows comments, which may belong to the last item.
fn behind_comments(text: &str) -> &str {
    let mut rest = text.trim_start();
    while rest.starts_with('#') {
        rest = rest.split_once('\n').map_or("", |(_, next)| next.trim_start());
    }
    rest
}

fn floor(text: &str, at: usize) -> usize {
    (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

/// As kustomize reads the file, all but `images` is the same.
fn keeps_data(before: &str, after: &str) {
    let read = |text: &str| read_one_with("a.yaml", text, Dialect::Json);
    let Ok(mut before) = read(before) else { return };
    let mut after = match read(after) {
        Ok(after) => after,
        Err(error) => panic!("kustomize cannot read it: {error}\n{after}"),
    };
    let images = after.remove("images");
    assert!(images.is_some_and(|images| images.is_sequence()), "no list");
    before.remove("images");
    assert_eq!(before, after, "the other fields");
}
