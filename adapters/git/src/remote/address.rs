//! The address of a repository elsewhere: `https`, `http` and `ssh` URLs, and `user@host:path`.

use std::fmt;

use gitops_core::diagnostic::mask_credentials;
use gitops_ports::git::GitError;
use reqwest::Url;

use crate::location::without_credentials;

/// Where a repository is.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Address {
    /// By HTTP. The URL has no query and no trailing slash, and may hold a user and a password.
    Http(Url),
    /// By SSH.
    Ssh(SshAddress),
}

/// Where a repository is behind SSH.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct SshAddress {
    /// The user; `None` for whom SSH takes.
    pub(crate) user: Option<String>,
    /// The host.
    pub(crate) host: String,
    /// The port; `None` for the one that SSH takes.
    pub(crate) port: Option<u16>,
    /// The path on the host.
    pub(crate) path: String,
}

impl Address {
    /// Reads an address.
    ///
    /// # Errors
    /// [`GitError::UnsupportedTransport`] for every other scheme and for paths, and
    /// [`GitError::BadAddress`] for what another program could take for an option.
    pub(crate) fn parse(text: &str) -> Result<Self, GitError> {
        let bad = |message: &str| GitError::BadAddress {
            url: without_credentials(text),
            message: message.to_owned(),
        };
        if text.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return Err(bad("it has a blank or a control character"));
        }
        let address = match text.split_once("://") {
            Some(("http" | "https", _)) => {
                let mut url = Url::parse(text).map_err(|error| bad(&error.to_string()))?;
                url.set_query(None);
                url.set_fragment(None);
                let path = url.path().trim_end_matches('/').to_owned();
                url.set_path(&path);
                return Ok(Self::Http(url));
            }
            Some(("ssh" | "git+ssh" | "ssh+git", _)) => ssh_url(text).ok_or_else(|| bad("it has no host"))?,
            Some((scheme, _)) => {
                let (url, scheme) = (without_credentials(text), scheme.to_owned());
                return Err(GitError::UnsupportedTransport { url, scheme });
            }
            None => scp(text).ok_or_else(|| bad("it is neither a URL nor `user@host:path`"))?,
        };
        let parts = [Some(&address.host), address.user.as_ref(), Some(&address.path)];
        if parts.into_iter().flatten().any(|part| part.is_empty() || part.starts_with('-')) {
            return Err(bad("a part of it is empty, or could be taken for an option"));
        }
        Ok(Self::Ssh(address))
    }

    /// The address in one form whatever the credentials: the key of a cache.
    pub(crate) fn key(&self) -> String {
        self.to_string()
    }
}

/// The address without credentials.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Http(url) => f.write_str(&without_credentials(url.as_str())),
            Self::Ssh(SshAddress { host, port, path, .. }) => {
                write!(f, "ssh://{host}")?;
                port.map_or(Ok(()), |port| write!(f, ":{port}"))?;
                write!(f, "/{}", path.trim_start_matches('/'))
            }
        }
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({self})")
    }
}

impl fmt::Debug for SshAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SshAddress({})", mask_credentials(&self.host))
    }
}

fn ssh_url(text: &str) -> Option<SshAddress> {
    let (_, rest) = text.split_once("://")?;
    let (authority, path) = rest.split_once('/')?;
    let (user, host) =
        authority.rsplit_once('@').map_or((None, authority), |(user, host)| (Some(user), host));
    // Only a name: a password in the URL of SSH is of no use to anybody.
    let user = user.map(|user| user.split(':').next().unwrap_or(user).to_owned());
    let (host, port) = match host.strip_prefix('[') {
        Some(rest) => {
            let (host, after) = rest.split_once(']')?;
            (host, after.strip_prefix(':'))
        }
        None => host.split_once(':').map_or((host, None), |(host, port)| (host, Some(port))),
    };
    let port = match port {
        None | Some("") => None,
        Some(port) => Some(port.parse().ok()?),
    };
    // `/~user/path` is relative to a home, as Git reads it.
    let path = if path.starts_with('~') { path.to_owned() } else { format!("/{path}") };
    Some(SshAddress { user, host: host.to_owned(), port, path })
}

fn scp(text: &str) -> Option<SshAddress> {
    let (before, path) = text.split_once(':')?;
    let (user, host) = before.split_once('@')?;
    let is_plain = !host.contains('/') && !user.contains('/');
    let (user, host, path) = (Some(user.to_owned()), host.to_owned(), path.to_owned());
    is_plain.then_some(SshAddress { user, host, port: None, path })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_taken_apart() {
        let ssh = |text: &str, expected: (Option<&str>, &str, Option<u16>, &str)| {
            let Address::Ssh(found) = Address::parse(text).unwrap() else { panic!("{text}") };
            let found_parts = (found.user.as_deref(), found.host.as_str(), found.port, found.path.as_str());
            assert_eq!(found_parts, expected, "{text}");
        };
        ssh("git@host:org/repo.git", (Some("git"), "host", None, "org/repo.git"));
        ssh("ssh://git@host:2222/org/repo", (Some("git"), "host", Some(2222), "/org/repo"));
        ssh("ssh://u:p@[::1]/~me/repo", (Some("u"), "::1", None, "~me/repo"));
        let http = Address::parse("https://u:secret@Host:8443/org/repo.git/?x=y").unwrap();
        assert_eq!(http.to_string(), "https://host:8443/org/repo.git");
        assert_eq!(format!("{http:?}").matches("secret").count(), 0);
    }

    #[test]
    fn what_could_be_an_option_or_a_program_is_refused() {
        for text in [
            "ssh://-oProxyCommand=x/repo",
            "ssh://-l@host/repo",
            "git@-host:repo",
            "git@host:-repo",
            "git@host:",
            "ext::sh -c x",
            "file:///srv/repo",
            "git://host/repo",
            "--upload-pack=x",
            "/srv/repo",
            "user@host/path/repo",
            "https://host/a\nb",
        ] {
            Address::parse(text).unwrap_err();
        }
    }
}
