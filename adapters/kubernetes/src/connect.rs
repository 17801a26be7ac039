//! How an API server is found and who asks it.

use std::path::PathBuf;
use std::time::Duration;

use http::{HeaderName, HeaderValue};
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};
use smol_str::SmolStr;

use crate::KubernetesCluster;

/// How long a connection may take to be made.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a write of a request may take.
const WRITE_TIMEOUT: Duration = Duration::from_secs(30);

/// Where the API server is; the default looks where kubectl looks, then for the service account of a pod.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct ConnectOptions {
    /// The kubeconfig file, instead of `KUBECONFIG` and `~/.kube/config`.
    pub kubeconfig: Option<PathBuf>,
    /// The context in it, instead of its current one.
    pub context: Option<String>,
    /// Who is impersonated, as by `destinationServiceAccounts` of an AppProject; nobody where there is none.
    pub impersonate: Option<Identity>,
}

/// A user of the Kubernetes API.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Identity {
    /// User name, such as `system:serviceaccount:dev:deployer`.
    pub user: SmolStr,
    /// Groups.
    pub groups: Vec<SmolStr>,
}

impl Identity {
    /// The service account `name` of `namespace`, with the groups that the API server gives it.
    pub fn service_account(namespace: &str, name: &str) -> Self {
        Self {
            user: format!("system:serviceaccount:{namespace}:{name}").into(),
            groups: vec![
                "system:serviceaccounts".into(),
                format!("system:serviceaccounts:{namespace}").into(),
                "system:authenticated".into(),
            ],
        }
    }
}

/// Why an API server cannot be asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// The kubeconfig file cannot be used, and no service account is mounted.
    #[error("no cluster to connect to: {message}")]
    Configuration {
        /// What is wrong.
        message: String,
    },
    /// A user or group cannot stand in a header.
    #[error("`{name}` cannot be impersonated: it has characters that no header may carry")]
    Identity {
        /// Which.
        name: SmolStr,
    },
}

impl ConnectError {
    /// What the user can do about it, if that is known.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Configuration { .. } => Some("name a kubeconfig file with `--kubeconfig FILE`"),
            Self::Identity { .. } => None,
        }
    }
}

impl KubernetesCluster {
    /// Connects to the API server that `options` name. Nothing is asked of it yet.
    ///
    /// # Errors
    /// [`ConnectError`] where the configuration is missing or wrong.
    pub async fn connect(options: &ConnectOptions) -> Result<Self, ConnectError> {
        let mut config = configuration(options).await?;
        config.connect_timeout = Some(CONNECT_TIMEOUT);
        config.write_timeout = Some(WRITE_TIMEOUT);
        if let Some(identity) = &options.impersonate {
            config.headers.extend(headers(identity)?);
        }
        let client = Client::try_from(config).map_err(|error| wrong(&error))?;
        Ok(Self::new(client))
    }
}

async fn configuration(options: &ConnectOptions) -> Result<Config, ConnectError> {
    let choice = KubeConfigOptions { context: options.context.clone(), ..KubeConfigOptions::default() };
    match &options.kubeconfig {
        Some(file) => {
            let read = Kubeconfig::read_from(file).map_err(|error| wrong(&error))?;
            Config::from_custom_kubeconfig(read, &choice).await.map_err(|error| wrong(&error))
        }
        None if options.context.is_some() => {
            Config::from_kubeconfig(&choice).await.map_err(|error| wrong(&error))
        }
        None => Config::infer().await.map_err(|error| wrong(&error)),
    }
}

fn wrong(error: &impl std::error::Error) -> ConnectError {
    ConnectError::Configuration { message: crate::failure::chain(error) }
}

fn headers(identity: &Identity) -> Result<Vec<(HeaderName, HeaderValue)>, ConnectError> {
    let user = std::iter::once(("impersonate-user", &identity.user));
    let groups = identity.groups.iter().map(|group| ("impersonate-group", group));
    user.chain(groups)
        .map(|(name, value)| {
            let text =
                HeaderValue::from_str(value).map_err(|_| ConnectError::Identity { name: value.clone() })?;
            Ok((HeaderName::from_static(name), text))
        })
        .collect()
}
