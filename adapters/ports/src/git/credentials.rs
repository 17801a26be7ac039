//! Who asks a repository elsewhere.

use std::fmt;
use std::path::PathBuf;

/// Who asks a repository elsewhere. Never shown: `Debug` says the sort alone.
#[derive(Clone, Default, PartialEq, Eq)]
pub enum Credentials {
    /// Nobody in particular; what a URL holds counts.
    #[default]
    None,
    /// A user and a password, or a token in the place of the password, over HTTP.
    Password {
        /// The user.
        user: String,
        /// The password.
        password: String,
    },
    /// A bearer token over HTTP.
    Bearer(String),
    /// A key for SSH.
    SshKey {
        /// The file of the private key, without a passphrase.
        key: PathBuf,
        /// The file of the hosts that may be connected to; `None` for those of the system and the user.
        known_hosts: Option<PathBuf>,
    },
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "None",
            Self::Password { .. } => "Password(..)",
            Self::Bearer(_) => "Bearer(..)",
            Self::SshKey { .. } => "SshKey(..)",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_them_is_shown() {
        let secret = || "secret".to_owned();
        let key = Credentials::SshKey { key: secret().into(), known_hosts: Some(secret().into()) };
        let password = Credentials::Password { user: secret(), password: secret() };
        let shown = format!("{key:?} {password:?} {:?}", Credentials::Bearer(secret()));
        assert_eq!(shown, "SshKey(..) Password(..) Bearer(..)");
    }
}
