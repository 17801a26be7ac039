//! Conditions with the answers that Argo Rollouts gives, and what holds for any text.

use proptest::prelude::*;

use super::{Condition, Value, evaluate_time, judge_sample};

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

#[test]
fn times_are_computed_as_expr_lang_does() {
    let now = "2026-01-31T12:00:00Z".parse().unwrap();
    let cases = [
        ("now()", Ok("2026-01-31T12:00:00Z")),
        ("now() - duration(\"1h30m\")", Ok("2026-01-31T10:30:00Z")),
        ("duration(\"-1m\") * 2 + now()", Ok("2026-01-31T11:58:00Z")),
        ("date(\"2023-08-14\")", Ok("2023-08-14T00:00:00Z")),
        ("date(\"2023-08-14T10:00:00+02:00\")", Ok("2023-08-14T08:00:00Z")),
        ("date(\"14 Aug 2023 3:04PM\", \"02 Jan 2006 3:04PM\")", Ok("2023-08-14T15:04:00Z")),
        ("date(\"2023-08-14 10:00\", \"2006-01-02 15:04\", \"Europe/Zurich\")", Ok("2023-08-14T08:00:00Z")),
        ("now() - now()", Err("expected time.Time, but got time.Duration")),
        ("now() + 1", Err("invalid operation: + (mismatched types time.Time and int)")),
        ("now() > date(\"2023-08-14\") ? now() : now() - duration(\"1h\")", Ok("2026-01-31T12:00:00Z")),
        ("date(\"never\")", Err("parsing time")),
        ("result", Err("unknown name result")),
    ];
    for (expression, expected) in cases {
        match (evaluate_time(expression, now), expected) {
            (Ok(time), Ok(expected)) => assert_eq!(time.to_string(), expected, "{expression}"),
            (Err(error), Err(expected)) => assert!(error.message.starts_with(expected), "{error}"),
            (found, expected) => panic!("{expression}: expected {expected:?}, got {found:?}"),
        }
    }
    check("now() > now()", "1", Err("now() has no meaning in a condition of a measurement"));
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
