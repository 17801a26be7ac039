//! Layouts that the recorded cases leave out, and the properties of every edit.

use proptest::prelude::*;

use super::{ImageUpdate, edit};
use crate::yaml::{Node, read_one};

const TAG: &str = "b4e9d0c";

fn to_tag(name: &str, tag: &str) -> ImageUpdate {
    ImageUpdate { name: name.to_owned(), new_tag: Some(tag.to_owned()), ..ImageUpdate::default() }
}

/// Edits twice and expects `after` both times.
fn check(before: &str, updates: &[ImageUpdate], after: &str) {
    let found = edit(before.as_bytes(), updates).unwrap_or_else(|error| panic!("{before:?}: {error}"));
    assert_eq!(String::from_utf8_lossy(&found), after);
    assert_eq!(edit(&found, updates).as_deref(), Ok(found.as_slice()), "{before:?}: a second time");
}

fn refused(before: &str, updates: &[ImageUpdate], code: &str) {
    match edit(before.as_bytes(), updates) {
        Ok(after) => panic!("{before:?} became {:?}", String::from_utf8_lossy(&after)),
        Err(error) => assert_eq!(error.code(), code, "{before:?}: {error}"),
    }
}

#[test]
fn values_are_replaced_in_every_style() {
    for (before, after) in [
        ("'x'", "'b4e9d0c'"),
        ("\"\\x41\" # c", "\"b4e9d0c\" # c"),
        ("&t x # c", "&t b4e9d0c # c"),
        ("!!str x", "!!str b4e9d0c"),
        ("|-\n    x", "|-\n    b4e9d0c"),
        (">\n    x\n  newName: n", "b4e9d0c\n  newName: n"),
        ("~", "b4e9d0c"),
        ("''", "'b4e9d0c'"),
    ] {
        let file = |value: &str| format!("images:\n- name: a\n  newTag: {value}\n");
        check(&file(before), &[to_tag("a", TAG)], &file(after));
    }
    check(
        "images:\n- name: a\n  newTag: # c\n",
        &[to_tag("a", TAG)],
        "images:\n- name: a\n  newTag: b4e9d0c # c\n",
    );
    check(
        "images:\n- name: a\n  newTag:\tx\n",
        &[to_tag("a", TAG)],
        "images:\n- name: a\n  newTag:\tb4e9d0c\n",
    );
    check(
        "images:\r- name: a\r  newTag: x\r",
        &[to_tag("a", TAG)],
        "images:\r- name: a\r  newTag: b4e9d0c\r",
    );
}

#[test]
fn pairs_are_removed_with_their_line_or_comma() {
    for (before, after) in [
        ("[{digest: x, name: a, newTag: y}]", "[{name: a, newTag: b4e9d0c}]"),
        ("[{name: a, newTag: y, digest: x}]", "[{name: a, newTag: b4e9d0c}]"),
        ("\n- digest: x # c\n  # about\n  name: a\n  newTag: v", "\n- # about\n  name: a\n  newTag: b4e9d0c"),
        ("\n- name: a\n  newTag: v\n  digest: x", "\n- name: a\n  newTag: b4e9d0c"),
        (
            "[\n  {\n    name: a, # c1\n    newTag: y, # c2\n    digest: x # c3\n  }\n]",
            "[\n  {\n    name: a, # c1\n    newTag: b4e9d0c # c2\n  }\n]",
        ),
    ] {
        check(&format!("images: {before}"), &[to_tag("a", TAG)], &format!("images: {after}"));
    }
}

#[test]
fn new_entries_follow_their_neighbours() {
    for (before, after) in [
        ("images:\n-\n  name: a\n", "images:\n-\n  name: a\n-\n  name: b\n  newTag: b4e9d0c\n"),
        (
            "images:\n- name: a\n  # of a\n# below\n",
            "images:\n- name: a\n  # of a\n- name: b\n  newTag: b4e9d0c\n# below\n",
        ),
        ("images:\n- { name: a }\n", "images:\n- { name: a }\n- { name: b, newTag: b4e9d0c }\n"),
        ("{\"images\":[]}", "{\"images\":[{\"name\":\"b\",\"newTag\":\"b4e9d0c\"}]}"),
        (
            "{\n  \"images\": [\n    {\"name\": \"a\"}\n  ]\n}\n",
            "{\n  \"images\": [\n    {\"name\": \"a\"},\n    {\"name\": \"b\", \"newTag\": \"b4e9d0c\"}\n  ]\n}\n",
        ),
        ("kind: K\n...\n", "kind: K\nimages:\n- name: b\n  newTag: b4e9d0c\n...\n"),
        ("kind: K", "kind: K\nimages:\n- name: b\n  newTag: b4e9d0c"),
        ("images: ~ # c\nr:\n  - x\n", "images: # c\n  - name: b\n    newTag: b4e9d0c\nr:\n  - x\n"),
    ] {
        check(before, &[to_tag("b", TAG)], after);
    }
}

#[test]
fn what_cannot_be_changed_alone_is_refused() {
    for (before, code) in [
        ("images:\n- name: a\n  newTag: &x v\nlabels: {l: *x}\n", "anchor-referenced"),
        ("x: &l\n- name: a\nimages: *l\n", "anchor-referenced"),
        ("x: &e {name: a}\nimages:\n- *e\n", "anchor-referenced"),
        ("x: &d {digest: z}\nimages:\n- name: a\n  <<: *d\n", "anchor-referenced"),
        ("images:\n- name: a\n  newTag: [x]\n", "unsupported-layout"),
        ("- a\n", "not-a-mapping"),
        ("", "not-a-mapping"),
        ("images: x\n", "images-not-a-list"),
        ("a: 'b\n", "invalid-yaml"),
        ("a: 1\na: 2\n", "invalid-yaml"),
    ] {
        refused(before, &[to_tag("a", TAG)], code);
    }
    refused(
        "images: []\n",
        &[ImageUpdate { name: "a".to_owned(), ..ImageUpdate::default() }],
        "empty-update",
    );
    refused("images: []\n", &[to_tag("a", "-x")], "invalid-tag");
}

#[test]
fn depth_and_aliases_are_bounded() {
    refused(&format!("a: {}\n", "[".repeat(5000)), &[to_tag("a", TAG)], "invalid-yaml");
    let level = |level: usize| {
        let below = format!("*a{}", level - 1);
        format!("a{level}: &a{level} [{below}, {below}, {below}]\n")
    };
    let bomb = format!("a0: &a0 x\n{}", (1..20).map(level).collect::<Vec<_>>().concat());
    refused(&bomb, &[to_tag("a", TAG)], "invalid-yaml");
}

/// A kustomization of random layout with the images `img0`, `img1`, ….
fn kustomization() -> impl Strategy<Value = (String, usize)> {
    let value = prop_oneof!["[a-z0-9.]{1,8}", "'[a-z0-9 ]{1,8}'", "\"[a-z0-9]{1,8}\""];
    let entry = (value.clone(), value, 0..5_usize, "( # [a-zé:-]{0,9})?");
    let layout = (0..3_usize, 1..4_usize, any::<bool>(), any::<bool>());
    (proptest::collection::vec(entry, 1..4), layout).prop_map(
        |(entries, (indent, spaces, crlf, last_break))| {
            let (dash, pad) = (" ".repeat(indent), " ".repeat(indent + 1 + spaces));
            let space = " ".repeat(spaces);
            let mut text = "# head\nkind: Kustomization\nimages:\n".to_owned();
            for (at, (tag, digest, shape, comment)) in entries.iter().enumerate() {
                let lines = match shape {
                    0 => format!("{dash}-{space}name: img{at}{comment}\n{pad}newTag: {tag}{comment}\n"),
                    1 => format!(
                        "{dash}-{space}name: img{at}\n{pad}digest: {digest}{comment}\n{pad}newTag: {tag}\n"
                    ),
                    2 => format!("{dash}-{space}digest: {digest}{comment}\n{pad}name: img{at}\n"),
                    3 => format!(
                        "{dash}-{space}{{ name: img{at}, digest: {digest}, newTag: {tag} }}{comment}\n"
                    ),
                    _ => format!("{dash}-{space}name: img{at}\n\n"),
                };
                text.push_str(&lines);
            }
            text.push_str("resources:\n  - a.yaml");
            text.push_str(if last_break { "\n" } else { "" });
            let count = entries.len();
            (if crlf { text.replace('\n', "\r\n") } else { text }, count)
        },
    )
}

proptest! {
    #[test]
    fn an_edit_reads_as_intended_and_is_idempotent(
        (before, count) in kustomization(),
        picked in 0..5_usize,
        tag in "[0-9a-f]{7}|[A-Za-z0-9_][A-Za-z0-9_.-]{0,9}",
        digest in proptest::option::of("sha256:[0-9a-f]{8}"),
    ) {
        let name = format!("img{picked}");
        let update = ImageUpdate { digest: digest.clone(), ..to_tag(&name, &tag) };
        let after = edit(before.as_bytes(), std::slice::from_ref(&update)).unwrap();
        prop_assert_eq!(&edit(&after, &[update]).unwrap(), &after);
        let after = String::from_utf8(after).unwrap();
        let root = read_one("k", &after).unwrap();
        let entries = root.get("images").map(Node::items).unwrap_or_default();
        prop_assert_eq!(entries.len(), count + usize::from(picked >= count));
        let entry = &entries[picked.min(count)];
        prop_assert_eq!(entry.get("newTag").and_then(Node::as_str), Some(tag.as_str()));
        prop_assert_eq!(entry.get("digest").and_then(Node::as_str), digest.as_deref());
        prop_assert_eq!(after.ends_with('\n'), before.ends_with('\n'));
        prop_assert_eq!(after.contains('\r'), before.contains('\r'));
        // Whatever does not speak of this image is there as it was, in the same order.
        let other = |line: &&str| !line.contains(&name) && !line.contains("newTag") && !line.contains("digest");
        let kept: Vec<&str> = before.lines().filter(other).collect();
        let found: Vec<&str> = after.lines().filter(other).collect();
        prop_assert_eq!(found, kept);
    }

    #[test]
    fn any_bytes_are_edited_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..80), text in "[a-z:\\[\\]{}#&*'\"|> \n\t-]{0,60}") {
        let _ = edit(&bytes, &[to_tag("a", TAG)]);
        let _ = edit(format!("images:\n{text}").as_bytes(), &[to_tag("a", TAG)]);
    }
}
