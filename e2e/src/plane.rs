//! A control plane from start to end.

use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use gitops_kubernetes::{ConnectOptions, KubernetesCluster};
use gitops_ports::Cluster as _;
use gitops_ports::cluster::{GroupKind, ListQuery};
use tempfile::TempDir;

use crate::credentials::{self, Credentials};
use crate::process::Process;
use crate::{ControlPlaneError, Programs};

/// How long the API server may take to become ready.
const START: Duration = Duration::from_mins(2);

/// How often its readiness is asked for.
const PAUSE: Duration = Duration::from_millis(200);

/// What kwok plays.
const STAGES: &str = include_str!("stages.yaml");

/// A user that the API server knows by a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Name.
    pub name: &'static str,
    /// Groups; `system:masters` may do everything.
    pub groups: &'static [&'static str],
}

impl User {
    /// Who may do everything.
    pub const ADMIN: Self = Self { name: "admin", groups: &["system:masters"] };

    /// The token of the user.
    pub(crate) fn token(&self) -> String {
        format!("{}-token", self.name)
    }

    /// The user's line of a token file.
    pub(crate) fn token_line(&self) -> String {
        format!("{},{},{},\"{}\"\n", self.token(), self.name, self.name, self.groups.join(","))
    }
}

/// Which programs run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parts {
    /// etcd and the API server: objects stay as they are written.
    ApiServer,
    /// Also the controllers, the scheduler, and kwok for nodes and pods.
    Everything,
}

/// A running control plane.
#[derive(Debug)]
pub struct ControlPlane {
    // Dropped from the first to the last: who asks ends before who answers.
    others: Vec<Process>,
    api_server: Process,
    _etcd: Process,
    credentials: Credentials,
    directory: TempDir,
}

impl ControlPlane {
    /// Starts a control plane that knows [`User::ADMIN`] and `users`, and waits until it is ready.
    ///
    /// # Errors
    /// [`ControlPlaneError`] where a program is missing or does not become ready.
    pub async fn start(programs: &Programs, parts: Parts, users: &[User]) -> Result<Self, ControlPlaneError> {
        let directory = TempDir::with_prefix("control-plane-")
            .map_err(|source| ControlPlaneError::File { path: std::env::temp_dir(), source })?;
        let root = directory.path();
        let everyone: Vec<User> = std::iter::once(User::ADMIN).chain(users.iter().cloned()).collect();
        let credentials = Credentials::make(root, &everyone)?;
        let etcd_port = free_port()?;
        let etcd = Process::start(
            "etcd",
            &programs.file("etcd")?,
            etcd_arguments(root, etcd_port, free_port()?),
            root,
        )?;
        let port = free_port()?;
        let file = programs.file("kube-apiserver")?;
        let api_server = Process::start(
            "kube-apiserver",
            &file,
            api_server_arguments(&credentials, etcd_port, port),
            root,
        )?;
        let mut plane = Self { others: vec![], api_server, _etcd: etcd, credentials, directory };
        for user in &everyone {
            plane.credentials.kubeconfig(plane.directory.path(), user, port)?;
        }
        plane.wait().await?;
        if parts == Parts::Everything {
            plane.start_others(programs)?;
        }
        Ok(plane)
    }

    /// The kubeconfig file of a user.
    pub fn kubeconfig(&self, user: &User) -> PathBuf {
        self.directory.path().join(format!("{}.kubeconfig", user.name))
    }

    /// A connection in the name of a user.
    ///
    /// # Errors
    /// [`ControlPlaneError::NotReady`] where the kubeconfig file is not accepted.
    pub async fn connect(&self, user: &User) -> Result<KubernetesCluster, ControlPlaneError> {
        let options = ConnectOptions { kubeconfig: Some(self.kubeconfig(user)), ..ConnectOptions::default() };
        KubernetesCluster::connect(&options).await.map_err(|error| self.not_ready(&error))
    }

    /// Kills the API server and starts it again; returns at once.
    ///
    /// # Errors
    /// [`ControlPlaneError::Start`] where it cannot be started.
    pub fn restart_api_server(&mut self) -> Result<(), ControlPlaneError> {
        self.api_server.restart()
    }

    /// Waits until the API server answers and has its own objects.
    ///
    /// # Errors
    /// [`ControlPlaneError::NotReady`] where it does not in time, with the end of its log.
    pub async fn wait(&self) -> Result<(), ControlPlaneError> {
        let cluster = self.connect(&User::ADMIN).await?;
        let namespaces = ListQuery::kind(GroupKind::new("", "Namespace"), None);
        let since = Instant::now();
        loop {
            let reason = match cluster.list(&namespaces).await {
                Ok(list) if list.objects.iter().any(|object| object.key.name == "default") => return Ok(()),
                Ok(_) => "it has no namespace `default` yet".to_owned(),
                Err(error) => error.to_string(),
            };
            if since.elapsed() > START {
                return Err(self.not_ready(&reason));
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    fn start_others(&mut self, programs: &Programs) -> Result<(), ControlPlaneError> {
        let kubeconfig = format!("--kubeconfig={}", self.kubeconfig(&User::ADMIN).display());
        let file = |path: &Path| path.display().to_string();
        let keys = [
            format!("--service-account-private-key-file={}", file(&self.credentials.service_accounts)),
            format!("--root-ca-file={}", file(&self.credentials.authority)),
        ];
        let alone = ["--leader-elect=false", "--secure-port=0"].map(ToOwned::to_owned);
        let controllers = [
            // Without a source of metrics it would only report that it has none.
            "--controllers=*,-horizontal-pod-autoscaler-controller".to_owned(),
            // Nobody sends the heartbeats of nodes.
            "--node-monitor-grace-period=24h".to_owned(),
        ];
        let stages = credentials::write(self.directory.path(), "stages.yaml", STAGES)?;
        let rows: [(&'static str, Vec<String>); 3] = [
            ("kube-controller-manager", [&keys[..], &alone[..], &controllers[..]].concat()),
            ("kube-scheduler", alone.to_vec()),
            ("kwok", vec!["--manage-all-nodes=true".to_owned(), format!("--config={}", file(&stages))]),
        ];
        for (program, mut arguments) in rows {
            arguments.push(kubeconfig.clone());
            let process =
                Process::start(program, &programs.file(program)?, arguments, self.directory.path())?;
            self.others.insert(0, process);
        }
        Ok(())
    }

    fn not_ready(&self, reason: &dyn std::fmt::Display) -> ControlPlaneError {
        ControlPlaneError::NotReady { reason: reason.to_string(), log: self.api_server.last_lines() }
    }
}

fn etcd_arguments(root: &Path, clients: u16, peers: u16) -> Vec<String> {
    let address = |port: u16| format!("http://127.0.0.1:{port}");
    vec![
        format!("--data-dir={}", root.join("etcd").display()),
        format!("--listen-client-urls={}", address(clients)),
        format!("--advertise-client-urls={}", address(clients)),
        format!("--listen-peer-urls={}", address(peers)),
        format!("--initial-advertise-peer-urls={}", address(peers)),
        format!("--initial-cluster=default={}", address(peers)),
    ]
}

fn api_server_arguments(credentials: &Credentials, etcd: u16, port: u16) -> Vec<String> {
    let file = |path: &Path| path.display().to_string();
    [
        ("etcd-servers", format!("http://127.0.0.1:{etcd}")),
        ("bind-address", "127.0.0.1".to_owned()),
        ("secure-port", port.to_string()),
        ("tls-cert-file", file(&credentials.certificate)),
        ("tls-private-key-file", file(&credentials.key)),
        ("token-auth-file", file(&credentials.tokens)),
        ("authorization-mode", "RBAC".to_owned()),
        ("service-account-issuer", "https://kubernetes.default.svc".to_owned()),
        ("service-account-key-file", file(&credentials.service_accounts_public)),
        ("service-account-signing-key-file", file(&credentials.service_accounts)),
        ("service-cluster-ip-range", "10.0.0.0/24".to_owned()),
        ("allow-privileged", "true".to_owned()),
    ]
    .into_iter()
    .map(|(name, value)| format!("--{name}={value}"))
    .collect()
}

/// A port that nobody listens on.
fn free_port() -> Result<u16, ControlPlaneError> {
    let failed = |source| ControlPlaneError::Start { program: "a listener on loopback".to_owned(), source };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(failed)?;
    Ok(listener.local_addr().map_err(failed)?.port())
}
