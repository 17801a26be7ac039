use proptest::prelude::*;

use super::*;
use crate::yaml::reader::{read_slowly, source::Places};
use crate::yaml::{Value, print};

fn read_fast(text: &str, dialect: Dialect) -> Option<Vec<Node>> {
    let places = PlacesFrom { places: &Places::Shift(0), start: 0 };
    read(Request { text, places, dialect, first_only: false, documents: 1000 })
}

/// Equal in data, and in the places of everything that was written.
fn same(a: &Node, b: &Node) -> bool {
    let place = a.origin == b.origin || a.is_null();
    place
        && match (&a.value, &b.value) {
            (Value::Scalar(a), Value::Scalar(b)) => a.tag() == b.tag() && a.text() == b.text(),
            (Value::Sequence(a), Value::Sequence(b)) => {
                a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| same(a, b))
            }
            (Value::Mapping(a), Value::Mapping(b)) => {
                a.len() == b.len()
                    && a.entries().iter().zip(b.entries()).all(|(a, b)| {
                        a.key.text() == b.key.text()
                            && a.key_origin == b.key_origin
                            && same(&a.value, &b.value)
                    })
            }
            (Value::Scalar(_) | Value::Sequence(_) | Value::Mapping(_), _) => false,
        }
}

/// A node on one line, with the place of each part.
fn show(node: &Node) -> String {
    let at = node.origin.as_offset().unwrap_or_default();
    match &node.value {
        Value::Scalar(scalar) => format!("{at}:{:?} {:?}", scalar.tag(), scalar.text()),
        Value::Sequence(items) => {
            format!("{at}:[{}]", items.iter().map(show).collect::<Vec<_>>().join(", "))
        }
        Value::Mapping(mapping) => {
            let entries = mapping.entries().iter().map(|entry| {
                let at = entry.key_origin.as_offset().unwrap_or_default();
                format!("{at}:{:?} = {}", entry.key.text(), show(&entry.value))
            });
            format!("{at}:{{{}}}", entries.collect::<Vec<_>>().join(", "))
        }
    }
}

/// What the fast path accepts, the complete parser reads as the same nodes.
fn check(text: &str) {
    for dialect in [Dialect::Resource, Dialect::Json] {
        let Some(fast) = read_fast(text, dialect) else { continue };
        let Some(slow) = read_slowly(text, dialect) else { panic!("{dialect:?} {text:?} is no YAML") };
        let equal = fast.len() == slow.len() && fast.iter().zip(&slow).all(|(fast, slow)| same(fast, slow));
        let shown = |roots: &[Node]| roots.iter().map(show).collect::<Vec<_>>().join("; ");
        assert!(equal, "{dialect:?} {text:?}\nfast: {}\nslow: {}", shown(&fast), shown(&slow));
    }
}

/// A line of a manifest, or something that looks like one.
fn line() -> impl Strategy<Value = String> {
    let indent = prop_oneof![Just(0), Just(2), Just(4), Just(1), Just(3), Just(6)];
    let token = prop::sample::select(vec![
        "a:",
        "b:",
        "key: ",
        "- ",
        "-",
        " ",
        "x",
        "yes",
        "1.5",
        "0644",
        "~",
        "'q'",
        "\"d\"",
        "'it''s'",
        "\"a\\tb\"",
        "# c",
        " # c",
        "|",
        ">",
        "|-",
        ">-",
        "|+",
        "|2",
        "[1, b]",
        "{a: b}",
        "{}",
        "[]",
        "[",
        "]",
        "{",
        "}",
        ",",
        "a b",
        "http://x",
        "é",
        "---",
        "...",
        "'open",
        "close'",
        "\"open",
        "close\"",
        "\\",
        ":",
        "&x",
        "*x",
        "!!str",
        "? ",
        "<<:",
        "%",
        "\t",
        "2001-01-01",
        "--",
        "a:b",
        "[a: b]",
        "\"k\": v",
        "'k' : v",
    ]);
    (indent, prop::collection::vec(token, 0..4))
        .prop_map(|(indent, tokens)| format!("{}{}", " ".repeat(indent), tokens.concat()))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, ..ProptestConfig::default() })]

    #[test]
    fn the_fast_path_agrees_with_the_complete_parser(lines in prop::collection::vec(line(), 0..8), end in any::<bool>()) {
        let text = lines.join("\n") + if end { "\n" } else { "" };
        check(&text);
    }

    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,60}|[-:#a \n'\"\\[\\]{},|>?&*!%\\\\\t0-9~.<]{0,60}") {
        check(&text);
    }
}

#[test]
fn manifests_take_the_fast_path() {
    for text in [
        "# comment\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: x, labels: {a: b}}\n",
        "---\na:\n- b: 1\n  c: [1, 'two']\n-\n  - d\n- - e\n  - f # comment\n---\ng:\n",
        "a: |\n  x\n\n  \ty\nb: >-\n  folded\n  text\n\n\n  end\nc: |2\n   z\n",
        "a: some words\n  go on\n\n  here\nb: \"more\n  words \\\n  here\"\nc: 'it''s\n\n  so'\n",
        "{\"a\": {\"b\": [1, true, null, \"x\"]},\n \"c\": -1}\n",
    ] {
        assert!(read_fast(text, Dialect::Resource).is_some(), "{text}");
        check(text);
    }
}

#[test]
fn what_is_rare_is_left_to_the_complete_parser() {
    for text in [
        "a: &x 1\n",
        "a: *x\n",
        "a: !!str 1\n",
        "<<: {a: b}\n",
        "? a\n: b\n",
        "%YAML 1.1\n---\na\n",
        "a:\tb\n",
        "a: b: c\n",
        "a: 'b\n",
        "a:\n  b: 1\n c: 2\n",
        "a: [b\n",
        "{a: }\n",
        "a: - b\n",
        "a: \"\\/\"\n",
        "a: @b\n",
    ] {
        assert!(read_fast(text, Dialect::Resource).is_none(), "{text}");
    }
}

/// Go-yaml takes quoted text at any indentation, YAML 1.2 does not.
#[test]
fn quoted_text_may_go_on_at_any_column() {
    let read = read_fast("a:\n  b: 'one\n two'\n", Dialect::Resource).expect("fast");
    assert_eq!(print(&[&read[0]]).expect("printable"), "a:\n  b: one two\n");
}
