//! The adapter against a server on loopback that speaks ECR's JSON protocol.

use aws_sdk_ecr::config::{BehaviorVersion, Credentials, Region};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::*;

/// A client of a server that gives the next answer of `script` to each call, and the bodies that it was sent.
async fn ecr(script: Vec<(u16, String)>) -> (Ecr, tokio::task::JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let server = tokio::spawn(async move {
        let mut bodies = vec![];
        for (status, body) in script {
            let (mut stream, _) = listener.accept().await.unwrap();
            bodies.push(request_body(&mut stream).await);
            let answer = format!(
                "HTTP/1.1 {status} X\r\ncontent-type: application/x-amz-json-1.1\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                body.len()
            );
            stream.write_all(answer.as_bytes()).await.unwrap();
            let _ = stream.shutdown().await;
        }
        bodies
    });
    let config = aws_sdk_ecr::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-west-1"))
        .credentials_provider(Credentials::new("test", "test", None, None, "test"))
        .retry_config(RetryConfig::disabled())
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .endpoint_url(address)
        .build();
    (Ecr::new(Client::from_conf(config)), server)
}

async fn request_body(stream: &mut tokio::net::TcpStream) -> String {
    let mut request = vec![];
    let mut buffer = [0; 1024];
    loop {
        let count = stream.read(&mut buffer).await.unwrap();
        request.extend_from_slice(&buffer[..count]);
        let text = String::from_utf8_lossy(&request);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
            if count == 0 || length.is_none_or(|length: usize| body.len() >= length) {
                return body.to_owned();
            }
        }
    }
}

const REPOSITORY: &str = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/myapp";

#[tokio::test]
async fn all_pages_are_read_with_tags_digests_and_push_times() {
    let first = r#"{"imageDetails":[{"imageDigest":"sha256:b","imageTags":["a3f2c1b"],"imagePushedAt":1790000100.0}],"nextToken":"more"}"#;
    let second = r#"{"imageDetails":[{"imageDigest":"sha256:a","imageTags":["v1","9f1c2d3"],"imagePushedAt":1790000000.5}]}"#;
    let (ecr, server) = ecr(vec![(200, first.to_owned()), (200, second.to_owned())]).await;
    let images = ecr.images(REPOSITORY).await.unwrap();
    let told: Vec<_> =
        images.iter().map(|i| (i.digest.as_str(), i.tags.len(), i.pushed_at.unwrap().as_millis())).collect();
    assert_eq!(told, [("sha256:a", 2, 1_790_000_000_500), ("sha256:b", 1, 1_790_000_100_000)]);
    let bodies = server.await.unwrap();
    assert!(
        bodies[0].contains(r#""maxResults":1000"#) && bodies[0].contains(r#""registryId":"123456789012""#),
        "{bodies:?}"
    );
    assert!(bodies[1].contains(r#""nextToken":"more""#), "{bodies:?}");
}

#[tokio::test]
async fn refusals_say_whether_to_try_again() {
    let cases = [
        ("RepositoryNotFoundException", false),
        ("AccessDeniedException", false),
        ("ThrottlingException", true),
        ("ServerException", true),
    ];
    for (code, transient) in cases {
        let (ecr, _server) = ecr(vec![(400, format!(r#"{{"__type":"{code}","message":"no"}}"#))]).await;
        assert_eq!(ecr.images(REPOSITORY).await.unwrap_err().is_transient(), transient, "{code}");
    }
}

#[test]
fn the_account_stands_in_the_host() {
    assert_eq!(split(REPOSITORY), (Some("123456789012"), "myapp"));
    assert_eq!(split("localhost:5000/team/app"), (None, "team/app"));
    assert_eq!(split("team/app"), (None, "team/app"));
}
