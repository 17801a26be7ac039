//! Properties that hold for reading and printing together.

use proptest::prelude::*;

use super::{Dialect, Node, print, print_document, read_one, read_one_with, read_resources};

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        // U+0085, U+2028 and U+2029 do not survive kustomize's own printing, and YAML has no DEL and C1.
        "[^\u{7f}-\u{9f}\u{2028}\u{2029}\u{fffe}\u{ffff}]{0,12}",
        "[ a:#'\"\\\\\n\t>|{},&*!%@`?0-9.~-]{0,10}",
        "([a-z]{1,9} ){0,30}[a-z.:]{0,9}",
        prop::sample::select(vec![
            "yes",
            "null",
            "1e3",
            "0x1F",
            "1_0",
            "2001-01-01",
            "1:30",
            "<<",
            "=",
            ".5",
            "---"
        ])
        .prop_map(str::to_owned),
    ]
}

fn node() -> impl Strategy<Value = Node> {
    let scalar = prop_oneof![
        4 => text().prop_map(Node::string),
        1 => any::<i64>().prop_map(Node::integer),
        1 => any::<bool>().prop_map(Node::boolean),
        1 => Just(Node::null()),
        1 => any::<f64>().prop_filter("JSON has no others", |number| number.is_finite()).prop_map(|number| {
            Node::from_json(&serde_json::json!(number))
        }),
    ];
    scalar.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Node::sequence),
            prop::collection::btree_map(text(), inner, 0..6)
                .prop_map(|pairs| Node::mapping(pairs.into_iter().filter(|(key, _)| key != "<<"))),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_printed_is_read_back(node in node()) {
        let node = Node::mapping([("root", node)]);
        let printed = print_document(&node).expect("printable");
        let read = read_one("printed.yaml", &printed).expect(&printed);
        prop_assert_eq!(&read, &node, "{}", printed);
        prop_assert_eq!(print_document(&read).expect("printable"), printed);
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        read_and_print(&bytes);
    }

    #[test]
    fn no_characters_make_it_panic(text in "[-:#a \n'\"\\[\\]{},|>?&*!%\\\\\t\r0-9~.<é\u{85}\u{2028}\u{feff}\u{1f680}]{0,80}") {
        read_and_print(text.as_bytes());
        read_one_with("any.yaml", &text, Dialect::Json).ok();
    }
}

fn read_and_print(bytes: &[u8]) {
    if let Ok(documents) = read_resources("any.yaml", bytes) {
        let roots: Vec<&Node> = documents.iter().map(|document| &document.root).collect();
        print(&roots).ok();
    }
}
