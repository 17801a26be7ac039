//! The registry adapter: Amazon ECR through `aws-sdk-ecr`.
//!
//! One call of DescribeImages a thousand images tells tags, digests and push times. It only reads.

use aws_sdk_ecr::Client;
use aws_sdk_ecr::config::retry::RetryConfig;
use aws_sdk_ecr::error::{DisplayErrorContext, ProvideErrorMetadata as _, SdkError};
use aws_sdk_ecr::operation::describe_images::DescribeImagesError;
use aws_sdk_ecr::types::ImageDetail;
use aws_smithy_http_client::tls::{self, rustls_provider::CryptoMode};
use gitops_core::time::Timestamp;
use gitops_ports::registry::{Registry, RegistryError, RegistryImage};

/// How many images one call of DescribeImages returns at most: the API's own bound.
const PAGE: i32 = 1000;

/// Amazon ECR.
#[derive(Debug, Clone)]
pub struct Ecr {
    client: Client,
}

impl Ecr {
    /// ECR with the credentials and the region of the environment: IRSA's web identity, variables, profiles.
    pub async fn from_environment() -> Self {
        let http = aws_smithy_http_client::Builder::new()
            .tls_provider(tls::Provider::Rustls(CryptoMode::Ring))
            .build_https();
        let config = aws_config::defaults(aws_config::BehaviorVersion::latest())
            .http_client(http)
            .retry_config(RetryConfig::adaptive())
            .load()
            .await;
        Self::new(Client::new(&config))
    }

    /// ECR through a client that is already configured.
    pub fn new(client: Client) -> Self {
        Self { client }
    }
}

impl Registry for Ecr {
    async fn images(&self, repository: &str) -> Result<Vec<RegistryImage>, RegistryError> {
        let (registry, name) = split(repository);
        let mut pages = self
            .client
            .describe_images()
            .set_registry_id(registry.map(str::to_owned))
            .repository_name(name)
            .into_paginator()
            .page_size(PAGE)
            .send();
        let mut images = vec![];
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| refusal(repository, &error))?;
            images.extend(page.image_details().iter().filter_map(image));
        }
        images.sort_by(|a: &RegistryImage, b| (a.pushed_at, &a.digest).cmp(&(b.pushed_at, &b.digest)));
        Ok(images)
    }
}

/// The account and the name of `123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/app`; no account where the
/// host is not ECR's.
fn split(repository: &str) -> (Option<&str>, &str) {
    match repository.split_once('/') {
        Some((host, name)) if host.contains(".dkr.ecr.") => (host.split('.').next(), name),
        Some((host, name)) if host.contains('.') || host.contains(':') => (None, name),
        Some(_) | None => (None, repository),
    }
}

fn image(detail: &ImageDetail) -> Option<RegistryImage> {
    let mut tags: Vec<_> = detail.image_tags().iter().map(Into::into).collect();
    tags.sort();
    Some(RegistryImage {
        digest: detail.image_digest()?.into(),
        tags,
        pushed_at: detail.image_pushed_at().and_then(|at| at.to_millis().ok()).map(Timestamp::from_millis),
    })
}

fn refusal(repository: &str, error: &SdkError<DescribeImagesError>) -> RegistryError {
    let code = error.code().unwrap_or_default().to_owned();
    let message = if code.is_empty() { DisplayErrorContext(error).to_string() } else { code.clone() };
    let repository = repository.to_owned();
    match code.as_str() {
        "RepositoryNotFoundException" => RegistryError::NotFound { repository },
        "AccessDeniedException"
        | "UnrecognizedClientException"
        | "InvalidSignatureException"
        | "ExpiredTokenException" => RegistryError::Unauthorized { repository, message },
        "ThrottlingException" | "TooManyRequestsException" | "RequestLimitExceeded" => {
            RegistryError::TooManyRequests { message }
        }
        "ServerException" | "ServiceUnavailable" | "InternalFailure" | "" => {
            RegistryError::Unavailable { message }
        }
        _ => RegistryError::Other { message },
    }
}

#[cfg(test)]
mod tests;
