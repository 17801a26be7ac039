//! Reading an answer of the query API.
//!
//! Behaviour: <https://prometheus.io/docs/prometheus/latest/querying/api/>.

use gitops_core::time::Timestamp;
use gitops_ports::metrics::{MetricsError, QueryResult, Sample};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
struct Answer {
    status: String,
    data: Option<Data>,
    #[serde(rename = "errorType")]
    error_type: Option<String>,
    error: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "resultType", content = "result", rename_all = "lowercase")]
enum Data {
    Scalar(Point),
    Vector(Vec<Series>),
    Matrix(serde::de::IgnoredAny),
    String(serde::de::IgnoredAny),
}

#[derive(Debug, Deserialize)]
struct Series {
    metric: std::collections::BTreeMap<String, String>,
    value: Point,
}

/// Seconds since the epoch, and the value as text: `NaN` and `+Inf` are values too.
#[derive(Debug, Deserialize)]
struct Point(serde::de::IgnoredAny, String);

/// The result that `body` holds.
pub(crate) fn parse(query: &str, at: Timestamp, body: &[u8]) -> Result<QueryResult, MetricsError> {
    let other = |message: String| MetricsError::Other { message };
    let answer: Answer =
        serde_json::from_slice(body).map_err(|error| other(format!("not understood: {error}")))?;
    let data = match answer.status.as_str() {
        "success" => answer.data,
        _ => return Err(refusal(query, answer)),
    };
    match data {
        Some(Data::Scalar(point)) => Ok(QueryResult::Scalar(value(&point)?)),
        Some(Data::Vector(series)) => series
            .into_iter()
            .map(|series| {
                let labels = series.metric.iter().map(|(name, value)| (name.into(), value.into())).collect();
                Ok(Sample { labels, value: value(&series.value)?, at })
            })
            .collect::<Result<_, _>>()
            .map(QueryResult::Vector),
        Some(Data::Matrix(_) | Data::String(_)) => Err(MetricsError::Query {
            query: query.to_owned(),
            message: "an instant query must give a scalar or a vector".to_owned(),
        }),
        None => Err(other("no data".to_owned())),
    }
}

/// `timeout` and `canceled` pass; everything else is the query's own fault.
fn refusal(query: &str, answer: Answer) -> MetricsError {
    let message = answer.error.unwrap_or_default();
    match answer.error_type.as_deref() {
        Some("timeout" | "canceled" | "unavailable" | "internal") => MetricsError::Unavailable { message },
        Some(_) | None => MetricsError::Query { query: query.to_owned(), message },
    }
}

fn value(point: &Point) -> Result<f64, MetricsError> {
    let Point(_, text) = point;
    match text.as_str() {
        "+Inf" => Ok(f64::INFINITY),
        "-Inf" => Ok(f64::NEG_INFINITY),
        text => {
            text.parse().map_err(|_| MetricsError::Other { message: format!("`{text}` is not a number") })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(body: &str, expected: &str) {
        let at = Timestamp::from_seconds(7);
        assert_eq!(format!("{:?}", parse("up", at, body.as_bytes())), expected, "{body}");
    }

    #[test]
    fn scalars_vectors_and_the_numbers_that_json_lacks_are_read() {
        check(
            r#"{"status":"success","data":{"resultType":"scalar","result":[1.5,"0.5"]}}"#,
            "Ok(Scalar(0.5))",
        );
        check(
            r#"{"status":"success","data":{"resultType":"vector","result":[{"metric":{"le":"1"},"value":[7,"NaN"]}]}}"#,
            r#"Ok(Vector([Sample { labels: {"le": "1"}, value: NaN, at: Timestamp(7000) }]))"#,
        );
        check(
            r#"{"status":"success","data":{"resultType":"scalar","result":[1,"+Inf"]}}"#,
            "Ok(Scalar(inf))",
        );
    }

    #[test]
    fn a_refused_query_is_not_tried_again_and_a_timeout_is() {
        let refused = parse(
            "up{",
            Timestamp::default(),
            br#"{"status":"error","errorType":"bad_data","error":"parse error"}"#,
        );
        assert!(!refused.unwrap_err().is_transient());
        let late =
            parse("up", Timestamp::default(), br#"{"status":"error","errorType":"timeout","error":"late"}"#);
        assert!(late.unwrap_err().is_transient());
    }

    #[test]
    fn what_is_no_answer_is_refused() {
        for body in [
            "",
            "{}",
            "[]",
            r#"{"status":"success"}"#,
            r#"{"status":"success","data":{"resultType":"scalar","result":[1,"x"]}}"#,
        ] {
            assert!(parse("up", Timestamp::default(), body.as_bytes()).is_err(), "{body}");
        }
    }
}
