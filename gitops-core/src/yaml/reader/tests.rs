use super::*;
use crate::yaml::{Tag, print};

/// Reads a resource file and prints it. Expected texts are kustomize v5.8.1's.
fn check(input: &[u8], expected: &str) {
    let documents = read_resources("resource.yaml", input).expect("valid YAML");
    let roots: Vec<&Node> = documents.iter().map(|document| &document.root).collect();
    assert_eq!(print(&roots).expect("printable"), expected, "input:\n{}", String::from_utf8_lossy(input));
}

fn check_error(input: &[u8], expected: &str) {
    let error = read_resources("resource.yaml", input).expect_err("invalid YAML");
    assert_eq!(error.to_string(), expected);
}

fn check_json(input: &str, expected: &str) {
    let node = read_one_with("kustomization.yaml", input, Dialect::Json).expect("valid YAML");
    assert_eq!(node.to_json().expect("JSON").to_string(), expected, "input: {input}");
}

#[test]
fn a_file_is_split_as_kyaml_splits_it() {
    check(b"---\na: 1\n--- # next\nb: 2\n---\n# nothing\n---\n", "a: 1\n---\nb: 2\n");
    check(b"a: 1\n...\nb: 2\n---\nc: 3\n", "a: 1\n---\nc: 3\n");
    check(b"{\"a\": 1}\n{\"b\": 2}\n", "a: 1\n");
    check(b"", "");
    check_error(b"a: 1\n--- {b: 2}\n", "resource.yaml:2:1: invalid document separator");
    check_error(b"a: 1\n---\n%YAML 1.1\n---\nb: 2\n", "resource.yaml:3:1: directives are not supported");
}

#[test]
fn bytes_are_utf_8_or_marked_utf_16() {
    let wide: Vec<u8> = "\u{feff}a: é\n".encode_utf16().flat_map(u16::to_be_bytes).collect();
    check(&wide, "a: é\n");
    check(b"\xef\xbb\xbfa: 1\n", "a: 1\n");
    check(b"a: |\r\n  x\r\n  y\r\nb: 'c'\r\n", "a: |\n  x\n  y\nb: c\n");
    check_error(b"a: b\nc: \xff\n", "resource.yaml:2:4: the file is not UTF-8 text");
    check(b"a: >\r\n  x\r\n  y", "a: x y\n");
    check(b"a: x\r\r\n", "a: x\n");
    check_error(
        b"a: |\n\n  \tx\n",
        "resource.yaml:3:3: found a tab character where an indentation space is expected",
    );
    check_error(b"a: \x07\n", "resource.yaml:1:4: control character U+0007 is not allowed");
}

#[test]
fn tags_resolve() {
    for (input, expected) in [
        ("!!float 3", "3"),
        ("!!int \"3\"", "3"),
        ("!!str 3", "\"3\""),
        ("!custom 3", "\"3\""),
        ("! 3", "3"),
        ("!!float \"0x10\"", "16"),
        ("!!timestamp \"2001-01-01\"", "\"2001-01-01T00:00:00Z\""),
        ("!!null \"\"", "null"),
        ("!!binary aGVsbG8=", "hello"),
        ("!!str", "\"\""),
    ] {
        check(format!("a: {input}\n").as_bytes(), &format!("a: {expected}\n"));
    }
    check_error(b"a: !!bool yes\n", "resource.yaml:1:4: the value cannot be read as `!!bool`");
}

#[test]
fn aliases_and_merge_keys_expand() {
    check(b"a: &x {b: 1, c: 2}\nd: *x\n", "a:\n  b: 1\n  c: 2\nd:\n  b: 1\n  c: 2\n");
    check(
        b"a: &x {b: 1}\nc: &y {b: 2, d: 3}\ne: {<<: [*x, *y], f: 4}\ng: {<<: *y, b: 5}\n",
        "a:\n  b: 1\nc:\n  b: 2\n  d: 3\ne:\n  b: 1\n  d: 3\n  f: 4\ng:\n  b: 5\n  d: 3\n",
    );
    check(b"a: {\"<<\": x, b: 1}\n", "a:\n  b: 1\n");
    check_error(b"a: {<<: x}\n", "resource.yaml:1:10: a merge key needs a mapping or a list of mappings");
    check_error(b"a: &x [*x]\n", "resource.yaml:1:8: an anchor contains an alias of itself");
}

#[test]
fn an_empty_value_between_brackets_becomes_an_empty_string() {
    check(b"a: {b: , c: ~, d}\ne:\n", "a:\n  b: \"\"\n  c: null\n  d: \"\"\ne: null\n");
}

/// What go-yaml takes and YAML 1.2 does not, and the reverse.
#[test]
fn grammar_is_that_of_go_yaml() {
    for (input, expected) in [
        ("a:\tb\nc:\t'd'\n", "a: b\nc: d\n"),
        ("a: b\t# c\n# d\n\t# e\nf: g\n", "a: b\nf: g\n"),
        ("a: \"b\u{2028}c\"\nd: e\u{85}f: g\n", "a: 'b\u{2028}  c'\nd: e\nf: g\n"),
        ("a: 'b\n\n  c\n  '\n", "a: \"b\\nc \"\n"),
        ("a: [b: c, ? d, {e, f: }]\n", "a:\n- b: c\n- d: \"\"\n- e: \"\"\n  f: \"\"\n"),
        ("? a\n: b\n? c\n", "a: b\nc: null\n"),
        ("a: |2\n   b\n  c\n", "a: |2\n   b\n  c\n"),
        ("a: >-\n\n  b\n  c\n\n   d\n", "a: |2-\n\n  b c\n\n   d\n"),
        ("a: \"b\\\n  \\  c\"\n", "a: b  c\n"),
        ("a: |+\n  b\n\n# c\n", "a: |+\n  b\n\n\n"),
        ("a: |+\n  b\n\n# c\nd: e\n", "a: |+\n  b\n\nd: e\n"),
        ("a: &x {b: }\nc:\n  <<: *x\n", "a:\n  b: \"\"\nc:\n  b: null\n"),
        ("a: 1\r\r\n", "a: 1\n"),
    ] {
        let documents = read_resources("resource.yaml", input.as_bytes());
        let roots = documents.map(|documents| documents.into_iter().map(|document| document.root));
        let printed = roots.map(|roots| print(&roots.collect::<Vec<_>>().iter().collect::<Vec<_>>()));
        assert_eq!(printed.expect(input).expect(input), expected, "{input:?}");
    }
    for (input, expected) in [
        ("a: b\n\t\nc: d\n", "2:1: found a tab character that violates indentation"),
        ("a:\n  - b\n\tc: d\n", "3:1: found a tab character that violates indentation"),
        ("a: @b\n", "1:4: found a character that cannot start any token"),
        ("...\na: b\n", "1:1: did not find a value where one is expected"),
        ("a: &x: b\n", "1:6: mapping values are not allowed in this context"),
        ("a: *b\n", "1:4: this alias names an anchor that is not defined"),
        ("a: b: c\n", "1:5: mapping values are not allowed in this context"),
        ("a: - b\n", "1:4: a block sequence is not allowed here"),
        ("a: 'b\n", "1:4: while scanning a quoted scalar, found unexpected end of stream"),
        ("a: [b\n", "2:1: while parsing a flow sequence, did not find expected ',' or ']'"),
        ("a: !b!c d\n", "1:4: this tag has a handle that is not defined"),
        ("a:\t- b\n", "1:4: a block sequence is not allowed here"),
        ("a: |1\n \tb\n", "1:4: kustomize cannot print a block that starts with a tab"),
        ("a: |0\n  b\n", "1:4: found an indentation indicator equal to 0"),
    ] {
        check_error(input.as_bytes(), &format!("resource.yaml:{expected}"));
    }
}

/// The reader of resources looks two tokens further than that of kustomizations.
#[test]
fn what_follows_a_document_is_read_as_far_as_go_yaml_reads() {
    check_json("{a: 1} } @", r#"{"a":1}"#);
    check_error(b"{a: 1} } @\n", "resource.yaml:1:10: found a character that cannot start any token");
    check(b"{a: 1} } } } @\n", "a: 1\n");
    check_json("%YAML 1.1\n%TAG !e! tag:yaml.org,2002:\n---\na: !e!str 1\n", r#"{"a":"1"}"#);
}

#[test]
fn json_escapes_that_yaml_lacks_are_errors() {
    check_error(b"a: \"\\/\"\n", "resource.yaml:1:4: found unknown escape character `\\/`");
    assert!(read_resources("resource.yaml", br#"{"a": "\ud83d\ude80"}"#).is_err());
}

#[test]
fn kustomizations_are_read_as_yaml_1_1() {
    for (input, expected) in [
        ("{a: y, n: 1, on: off}", r#"{"a":true,"false":1,"true":false}"#),
        ("a: 0644", r#"{"a":420}"#),
        ("a: 1.0", r#"{"a":1}"#),
        ("a: 1.10", r#"{"a":1.1}"#),
        ("a: 12345e7", r#"{"a":123450000000}"#),
        ("a: 2001-01-01", r#"{"a":"2001-01-01"}"#),
        ("{1: a, 1.5: b, ~x: c}", r#"{"1":"a","1.5":"b","~x":"c"}"#),
        ("{a: 1, a: 2}", r#"{"a":2}"#),
        ("a: &x {b: 1}\nc: {b: 2, <<: *x}", r#"{"a":{"b":1},"c":{"b":1}}"#),
        ("a: 1\n---\nb: [", r#"{"a":1}"#),
    ] {
        check_json(input, expected);
    }
    let error = read_with("kustomization.yaml", "~: a\n", Dialect::Json).expect_err("null key");
    assert_eq!(error.fault, Fault::NullKey);
}

#[test]
fn origins_are_offsets_in_the_file() {
    let text = "\u{feff}# é\na: 1\n---\nb:\n- é\n- x: \"y\"\n";
    let documents = read_resources("resource.yaml", text.as_bytes()).expect("valid YAML");
    let second = &documents[1].root;
    let at = |node: &Node| text.get(node.origin.as_offset().expect("an offset")..).expect("a boundary");
    assert!(at(second).starts_with("b:\n"));
    assert!(at(&second.get("b").unwrap().items()[0]).starts_with("é\n"));
    assert!(at(second.get("b").unwrap().items()[1].get("x").unwrap()).starts_with("\"y\""));
    assert_eq!(second.get("b").unwrap().items()[0].as_scalar().unwrap().tag(), Tag::Str);
}

#[test]
fn errors_name_line_and_column_of_the_file() {
    let error = read_resources("resource.yaml", b"a: 1\n---\nb: 2\nc: [\n").expect_err("invalid YAML");
    assert_eq!((error.at.line, error.at.path.as_str()), (5, "resource.yaml"));
}

#[test]
fn aliases_cannot_blow_up() {
    let levels = (1..9).map(|level| {
        let aliases = vec![format!("*a{}", level - 1); 10].join(", ");
        format!("a{level}: &a{level} [{aliases}]\n")
    });
    let bomb = format!("a0: &a0 [x, x, x]\n{}", levels.collect::<String>());
    let error = read_resources("resource.yaml", bomb.as_bytes()).expect_err("too many nodes");
    assert_eq!(error.fault, Fault::TooManyAliases(Limits::DEFAULT.alias_nodes));

    let levels = 1..=Limits::DEFAULT.depth;
    let levels = levels.map(|level| format!("a{level}: &a{level} [*a{}]\n", level - 1));
    let tower = format!("a0: &a0 [x]\n{}", levels.collect::<String>());
    let error = read_resources("resource.yaml", tower.as_bytes()).expect_err("too deep");
    assert_eq!(error.fault, Fault::TooDeep(Limits::DEFAULT.depth));
}

#[test]
fn nesting_has_a_bound() {
    for (open, count) in [("[", 1_000_000), ("- ", 1_000_000), ("{a: ", 1_000_000), ("? ", 1_000_000)] {
        let text = open.repeat(count);
        assert!(read_resources("resource.yaml", text.as_bytes()).is_err());
    }
    let deep = format!("{}x\n", "- ".repeat(Limits::DEFAULT.depth));
    let documents = read_resources("resource.yaml", deep.as_bytes()).expect("within the bound");
    let root = &documents[0].root;
    assert_eq!(print(&[root]).expect("printable"), deep);
    assert_eq!(Node::from_json(&root.to_json().expect("JSON")), *root);
    let deeper = read_resources("resource.yaml", format!("- {deep}").as_bytes()).expect_err("too deep");
    assert_eq!(deeper.fault, Fault::TooDeep(Limits::DEFAULT.depth));
}
