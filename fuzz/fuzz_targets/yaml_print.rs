//! Printing: what was printed can be read, means the same, and prints as the same bytes.
#![no_main]

use gitops_core::yaml::{Dialect, print_document, read_one, read_resources, read_with};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fuzz_target!(|input: &[u8]| {
    let Ok(documents) = read_resources("a.yaml", input) else { return };
    for document in documents {
        let Ok(printed) = print_document(&document.root) else { continue };
        let again = match read_one("printed.yaml", &printed) {
            Ok(again) => again,
            Err(error) => panic!("cannot be read: {error}\n{printed}"),
        };
        // What is tagged as binary is printed decoded.
        let is_binary = input.windows(6).any(|word| word == b"binary");
        if let (false, Ok(mut before), Ok(mut after)) = (is_binary, document.root.to_json(), again.to_json()) {
            // Kustomize prints a null that is written as nothing between brackets as an empty text, and a float
            // without a fraction as an integer.
            level(&mut before);
            level(&mut after);
            assert_eq!(before, after, "printing changed the data:\n{printed}");
        }
        let twice = print_document(&again);
        assert_eq!(twice.as_deref(), Ok(printed.as_str()), "printing is not stable");
        assert!(read_with("printed.yaml", &printed, Dialect::Json).is_ok(), "{printed}");
    }
});

fn level(value: &mut Value) {
    match value {
        Value::Null => *value = Value::String(String::new()),
        Value::Number(number) => *value = number.as_f64().into(),
        Value::Array(items) => items.iter_mut().for_each(level),
        Value::Object(map) => map.values_mut().for_each(level),
        Value::Bool(_) | Value::String(_) => {}
    }
}
