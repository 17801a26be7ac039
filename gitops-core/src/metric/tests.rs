//! Conditions with the answers that Argo Rollouts gives, and what holds for any text.

use proptest::prelude::*;

use super::{Condition, Value, judge_sample};

fn check(condition: &str, value: &str, expected: Result<bool, &str>) {
    let answer = Condition::parse(condition).and_then(|condition| condition.evaluate(&Value::parse(value)));
    let answer = answer.map(|answer| answer.holds).map_err(|error| error.message);
    assert_eq!(answer, expected.map_err(str::to_owned), "{condition} of {value}");
}

#[test]
fn conditions_answer_as_argo_does() {
    check("result[0] >= 0.99", "[0.999,0.2]", Ok(true));
    check("result[0] >= 0.99", "[NaN]", Ok(false));
    check("result[0] >= 0.99", "[]", Err("index out of range: 0 (array length is 0)"));
    check("result[0] >= 0.99", "0.999", Err("type float64[int] is undefined"));
    check("result >= 0.99", "[0.5]", Err("invalid operation: >= (mismatched types []float64 and float64)"));
    check("0.9 < result < 1", "0.95", Ok(true));
    check("len(result) == 0 || result[0] >= 0.99", "[]", Ok(true));
    check("result >", "1", Err("unexpected token EOF"));
    check("result", "1", Err("expected bool, but got float64"));
    check("all(result, {# > 0.25})", "[0.5]", Ok(true));
}

#[test]
fn silence_is_judged_by_the_conditions_that_are_there() {
    let judge =
        |success, failure, value: &str| judge_sample(success, failure, &Value::parse(value)).phase.as_str();
    assert_eq!(judge("result >= 0.99", "", "NaN"), "Failed");
    assert_eq!(judge("", "result < 0.99", "NaN"), "Successful");
    assert_eq!(judge("result >= 0.99", "result < 0.95", "NaN"), "Inconclusive");
    assert_eq!(judge("result[0] >= 0.99", "", "[]"), "Error");
}

#[test]
fn the_deciding_comparison_is_told() {
    let judgement = judge_sample("len(result) > 0 && result[0] >= 0.99", "", &Value::parse("[0.91]"));
    assert_eq!(judgement.decisive.unwrap().fact(), "0.91 < 0.99");
}

proptest! {
    #[test]
    fn no_text_breaks_the_reader(text in "[ -~]{0,60}") {
        if let Ok(condition) = Condition::parse(&text) {
            let _ = condition.evaluate(&Value::Floats(vec![1.0]));
        }
    }

    #[test]
    fn deep_nesting_is_refused(depth in 200..5000usize) {
        prop_assert!(Condition::parse(&"(".repeat(depth)).is_err());
        prop_assert!(Condition::parse(&"-".repeat(depth)).is_err());
    }
}
