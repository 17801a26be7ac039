//! Certificates, keys, tokens and kubeconfig files of a control plane.

use std::fs;
use std::path::{Path, PathBuf};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};

use crate::{ControlPlaneError, User};

/// The files that the programs are given.
#[derive(Debug)]
pub(crate) struct Credentials {
    /// The certificate of the authority, in PEM.
    pub(crate) authority: PathBuf,
    /// The certificate of the API server.
    pub(crate) certificate: PathBuf,
    /// Its key.
    pub(crate) key: PathBuf,
    /// The key that signs the tokens of service accounts.
    pub(crate) service_accounts: PathBuf,
    /// The key by which these tokens are checked.
    pub(crate) service_accounts_public: PathBuf,
    /// The users and their tokens.
    pub(crate) tokens: PathBuf,
}

impl Credentials {
    /// Makes them in `directory`, with a token for each of the users.
    pub(crate) fn make(directory: &Path, users: &[User]) -> Result<Self, ControlPlaneError> {
        let authority_key = KeyPair::generate()?;
        let mut authority = CertificateParams::new(vec![])?;
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        authority.distinguished_name.push(DnType::CommonName, "kubernetes");
        let authority_certificate = authority.self_signed(&authority_key)?;
        let issuer = Issuer::new(authority, authority_key);
        let key = KeyPair::generate()?;
        let names = ["127.0.0.1", "localhost", "kubernetes.default.svc"].map(ToOwned::to_owned);
        let certificate = CertificateParams::new(names)?.signed_by(&key, &issuer)?;
        let accounts = KeyPair::generate()?;
        let tokens: String = users.iter().map(User::token_line).collect();
        Ok(Self {
            authority: write(directory, "authority.pem", &authority_certificate.pem())?,
            certificate: write(directory, "server.pem", &certificate.pem())?,
            key: write(directory, "server.key", &key.serialize_pem())?,
            service_accounts: write(directory, "accounts.key", &accounts.serialize_pem())?,
            service_accounts_public: write(directory, "accounts.pub", &accounts.public_key_pem())?,
            tokens: write(directory, "tokens.csv", &tokens)?,
        })
    }

    /// Writes a kubeconfig file for the user with `token` on the API server at `port`.
    pub(crate) fn kubeconfig(
        &self,
        directory: &Path,
        user: &User,
        port: u16,
    ) -> Result<PathBuf, ControlPlaneError> {
        let text = format!(
            "apiVersion: v1\nkind: Config\ncurrent-context: test\n\
             clusters:\n- name: test\n  cluster:\n    server: https://127.0.0.1:{port}\n    certificate-authority: {}\n\
             users:\n- name: test\n  user:\n    token: {}\n\
             contexts:\n- name: test\n  context: {{cluster: test, user: test}}\n",
            self.authority.display(),
            user.token(),
        );
        write(directory, &format!("{}.kubeconfig", user.name), &text)
    }
}

/// A certificate for a server on loopback, with an authority of its own.
#[derive(Debug)]
pub struct Certificate {
    /// The authority, in PEM.
    pub authority: String,
    /// The certificate, in DER.
    pub certificate: Vec<u8>,
    /// Its key, in DER (PKCS #8).
    pub key: Vec<u8>,
}

impl Certificate {
    /// A new one.
    ///
    /// # Errors
    /// [`ControlPlaneError::Certificate`] where none can be made.
    pub fn of_loopback() -> Result<Self, ControlPlaneError> {
        let authority_key = KeyPair::generate()?;
        let mut authority = CertificateParams::new(vec![])?;
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let own = authority.self_signed(&authority_key)?;
        let issuer = Issuer::new(authority, authority_key);
        let key = KeyPair::generate()?;
        let certificate = CertificateParams::new(vec!["127.0.0.1".to_owned()])?.signed_by(&key, &issuer)?;
        Ok(Self { authority: own.pem(), certificate: certificate.der().to_vec(), key: key.serialize_der() })
    }
}

pub(crate) fn write(directory: &Path, name: &str, text: &str) -> Result<PathBuf, ControlPlaneError> {
    let path = directory.join(name);
    fs::write(&path, text).map_err(|source| ControlPlaneError::File { path: path.clone(), source })?;
    Ok(path)
}
