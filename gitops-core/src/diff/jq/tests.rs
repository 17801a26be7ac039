use serde_json::{Value as Json, json};

use super::*;

fn check(expression: &str, input: &Json, expected: &Json) {
    let mut node = Node::from_json(input);
    Deletion::parse(expression).unwrap().apply(&mut node);
    assert_eq!(&node.to_json().unwrap(), expected, "{expression}");
}

#[test]
fn paths_are_deleted() {
    let input =
        json!({"a": [{"n": "x", "v": 1}, {"n": "y", "v": 2}, {"n": "z"}], "b": {"c": {"d": 1}}, "e/f": "t"});
    let cases = [
        (".b.c", json!({"a": input["a"], "b": {}, "e/f": "t"})),
        (".a[0], .a[1]", json!({"a": [{"n": "z"}], "b": input["b"], "e/f": "t"})),
        (".a[] | select(.n == \"y\" or .v == 1)", json!({"a": [{"n": "z"}], "b": input["b"], "e/f": "t"})),
        (".a[].v", json!({"a": [{"n": "x"}, {"n": "y"}, {"n": "z"}], "b": input["b"], "e/f": "t"})),
        (".[\"e/f\"], .b", json!({"a": input["a"]})),
        (".a[-1]", json!({"a": [input["a"][0], input["a"][1]], "b": input["b"], "e/f": "t"})),
        ("..|.d?", json!({"a": input["a"], "b": {"c": {}}, "e/f": "t"})),
        (
            ".a[] | select(.n | test(\"^[XY]$\"; \"i\")) | .n",
            json!({"a": [{"v": 1}, {"v": 2}, {"n": "z"}], "b": input["b"], "e/f": "t"}),
        ),
        (
            ".a[] | select(has(\"v\") | not)",
            json!({"a": [input["a"][0], input["a"][1]], "b": input["b"], "e/f": "t"}),
        ),
        (".a[9], .nothing.at.all", input.clone()),
    ];
    for (expression, expected) in cases {
        check(expression, &input, &expected);
    }
}

#[test]
fn an_error_leaves_the_object() {
    let input = json!({"a": {"b": "text"}, "data": "{\"x\":1,\"y\":2}"});
    for expression in [".a.b.c", ".nothing[]", ".a | to_entries[] | .key", ".a | keys[]"] {
        check(expression, &input, &input);
    }
}

#[test]
fn an_expression_may_leave_the_parentheses() {
    let input = json!({"data": "{\"x\":1,\"y\":2}"});
    check(".nothing) | .data |= (fromjson | del(.x) | tojson", &input, &json!({"data": "{\"y\":2}"}));
}

#[test]
fn what_cannot_be_read_is_refused() {
    for expression in [
        "",
        ".a[",
        "select(.a == \"x)",
        "nosuch(.a)",
        "$x",
        ".a as $x | .b",
        "\"\\(.a)\"",
        "reduce .a as $x (0; .)",
    ] {
        assert!(Deletion::parse(expression).is_err(), "{expression}");
    }
    assert!(Deletion::parse(&"(".repeat(10_000)).is_err());
    assert!(Deletion::parse(&"-".repeat(10_000)).is_err());
    assert!(Deletion::parse(&format!(".{}", " // .".repeat(10_000))).is_err());
}
