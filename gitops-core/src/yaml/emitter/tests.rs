use super::*;
use crate::yaml::read_one;

/// Expected texts are kustomize v5.8.1's.
fn check(input: &str, expected: &str) {
    let node = read_one("resource.yaml", input).expect("valid YAML");
    assert_eq!(print_document(&node).expect("printable"), expected, "input:\n{input}");
}

fn check_error(input: &str, expected: &str) {
    let node = read_one("resource.yaml", input).expect("valid YAML");
    let error = print_document(&node).expect_err(input);
    assert_eq!(error.to_string(), expected);
}

#[test]
fn collections_are_printed_in_block_style_with_sorted_keys() {
    check("b: [1, [2, {d: 3, c: []}]]\na: {}\n", "a: {}\nb:\n- 1\n- - 2\n  - c: []\n    d: 3\n");
    check("- a\n- - b\n", "- a\n- - b\n");
}

#[test]
fn strings_are_quoted_as_they_need() {
    for (input, expected) in [
        ("'yes'", "\"yes\""),
        ("tRue", "tRue"),
        ("'1_000'", "\"1_000\""),
        ("'.5_0'", "\".5_0\""),
        ("1:30", "\"1:30\""),
        ("'2001-01-01'", "\"2001-01-01\""),
        ("1e400", "1e400"),
        ("'a: b'", "'a: b'"),
        ("'# a'", "'# a'"),
        ("it's", "it's"),
        ("<<", "<<"),
        ("'---'", "'---'"),
        ("' a'", "' a'"),
        ("''", "\"\""),
        ("\"a\\tb\"", "\"a\\tb\""),
        ("\"\\uFEFFxyz\"", "\"\\uFEFF\\x78\\x79\\x7A\""),
        ("\"\\U0001F680\"", "\"\\U0001F680\""),
        ("\"x \\N y\"", "x y"),
        ("\"x\\N\\Ny\"", "|-\n  x\n  y"),
        ("\"a\\n\"", "|\n  a"),
        ("\"\\na\\n\\n\"", "|2+\n\n  a\n"),
        ("\"a \\nb\"", "\"a \\nb\""),
    ] {
        check(&format!("a: {input}\n"), &format!("a: {expected}\n"));
    }
}

#[test]
fn numbers_go_through_json() {
    for (input, expected) in [
        ("1e3", "1000"),
        ("1.0", "1"),
        ("-0.0", "0"),
        ("0x1F", "31"),
        ("0o644", "420"),
        ("0644", "420"),
        ("0b-11", "-3"),
        ("08", "8"),
        ("1_000", "1000"),
        (".5_0", "0.5"),
        ("123456789.123456789", "1.2345678912345679e+08"),
        ("123456.5", "123456.5"),
        ("0.00001", "1e-05"),
        ("1e-7", "1e-07"),
        ("1e21", "1e+21"),
        ("9223372036854775808.0", "9223372036854776000"),
        ("18446744073709551615", "18446744073709551615"),
        ("18446744073709551616", "1.8446744073709552e+19"),
        ("2001-12-14t21:59:43.10-05:00", "\"2001-12-14T21:59:43.1-05:00\""),
        ("2001-1-4T1:5:3,10Z", "\"2001-01-04T01:05:03.1Z\""),
        ("2001-02-29", "2001-02-29"),
    ] {
        check(&format!("a: {input}\n"), &format!("a: {expected}\n"));
    }
}

#[test]
fn long_scalars_are_folded() {
    let words = "word ".repeat(20);
    let words = words.trim_end();
    check(
        &format!("a: {words}\n"),
        &format!("a: {}\n  {}\n", "word ".repeat(16).trim_end(), "word ".repeat(4).trim_end()),
    );
}

#[test]
fn long_and_multi_line_keys_are_explicit() {
    let key = "k".repeat(130);
    check(&format!("? {key}\n: [a, b]\n"), &format!("? {key}\n: - a\n  - b\n"));
    check("? \"a\\nb\"\n: [x]\n", "? |-\n  a\n  b\n: - x\n");
}

#[test]
fn what_json_cannot_hold_is_an_error() {
    check_error("a: {b: [.nan]}\n", "the value of `a.b[0]` cannot be written as a number");
    check_error("a: {b: 1, b: 2}\n", "field `a.b` is defined twice in one mapping");
    check_error("a: {1: x}\n", "key `a.1` is not a string");
    check_error("a: \"\\x7f\"\n", "`a` holds the control character U+007F, which YAML does not allow");
    let key = "k".repeat(1023);
    check_error(
        &format!("a:\n  ? {key}\n  : v\n"),
        "a key in `a` is too long or has a line break that cannot be escaped",
    );
}

#[test]
fn keys_of_the_root_are_taken_by_their_text() {
    check("1: a\ntrue: b\n", "\"1\": a\n\"true\": b\n");
}
