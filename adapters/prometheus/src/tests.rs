//! The adapter against a server on loopback that answers from a script.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::*;

/// A server that gives the next answer of `script` to each connection; returns its address and the count of calls.
async fn serve(script: Vec<String>) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let calls = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&calls);
    tokio::spawn(async move {
        for answer in script {
            let (mut stream, _) = listener.accept().await.unwrap();
            counter.fetch_add(1, Ordering::SeqCst);
            let mut request = vec![0; 4096];
            let _ = stream.read(&mut request).await;
            let _ = stream.write_all(answer.as_bytes()).await;
            let _ = stream.shutdown().await;
        }
    });
    (address, calls)
}

fn http(status: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len())
}

const SCALAR: &str = r#"{"status":"success","data":{"resultType":"scalar","result":[1,"0.997"]}}"#;

#[tokio::test(start_paused = true)]
async fn an_unavailable_server_is_asked_again_with_a_bound() {
    let (address, calls) = serve(vec![http("503 Service Unavailable", ""), http("200 OK", SCALAR)]).await;
    let result = Prometheus::new(&address).unwrap().query("up", Timestamp::from_seconds(1)).await;
    assert_eq!((result, calls.load(Ordering::SeqCst)), (Ok(QueryResult::Scalar(0.997)), 2));

    let (address, calls) = serve(vec![http("503 Service Unavailable", ""); 9]).await;
    let result = Prometheus::new(&address).unwrap().query("up", Timestamp::from_seconds(1)).await;
    assert!(result.unwrap_err().is_transient());
    assert_eq!(calls.load(Ordering::SeqCst), RETRIES + 1);
}

#[tokio::test]
async fn a_refused_query_is_asked_once() {
    let body = r#"{"status":"error","errorType":"bad_data","error":"parse error"}"#;
    let (address, calls) = serve(vec![http("400 Bad Request", body); 3]).await;
    let result = Prometheus::new(&address).unwrap().query("up{", Timestamp::from_seconds(1)).await;
    assert!(matches!(result, Err(MetricsError::Query { .. })), "{result:?}");
    assert_eq!(calls.load(Ordering::SeqCst), 1);
}

#[test]
fn an_address_that_cannot_be_used_is_refused_without_its_password() {
    for address in
        ["prometheus:9090", "ftp://prometheus", "https://operator:secret@prometheus", "not a url secret"]
    {
        let error = Prometheus::new(address).unwrap_err().to_string();
        assert!(!error.contains("secret"), "{error}");
    }
}
