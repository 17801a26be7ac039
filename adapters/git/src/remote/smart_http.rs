//! Git's services over HTTP.

use std::io::{self, Read};

use gitops_ports::git::{Credentials, GitError};
use reqwest::Url;

use super::Terms;
use super::http::{Http, Request, Response, shown};
use super::packet;
use super::protocol::Service;

/// A service of a repository behind HTTP.
pub(crate) struct HttpService<'a> {
    pub(crate) http: &'a Http,
    /// The repository; after the first answer it is where that came from.
    pub(crate) url: Url,
    /// `git-upload-pack` or `git-receive-pack`.
    pub(crate) name: &'static str,
    pub(crate) terms: Terms<'a>,
}

impl HttpService<'_> {
    fn send(&self, url: Url, body: Option<Vec<u8>>) -> io::Result<Response> {
        let kind = if body.is_some() { "result" } else { "advertisement" };
        let mut headers = vec![
            ("accept", format!("application/x-{}-{kind}", self.name)),
            ("git-protocol", "version=2".to_owned()),
        ];
        if body.is_some() {
            headers.push(("content-type", format!("application/x-{}-request", self.name)));
        }
        let request = Request { body, url, headers: &headers, terms: self.terms };
        let response = self.http.send(request).map_err(io::Error::other)?;
        judge(&response).map_err(io::Error::other)?;
        let expected = format!("application/x-{}-{kind}", self.name);
        let found = response.headers.get("content-type").and_then(|value| value.to_str().ok());
        if found.is_none_or(|found| !found.starts_with(&expected)) {
            return Err(packet::malformed("the server does not serve Git here"));
        }
        Ok(response)
    }

    fn below(&self, path: &str) -> Url {
        let mut url = self.url.clone();
        url.set_path(&format!("{}/{path}", self.url.path().trim_end_matches('/')));
        url
    }
}

impl Service for HttpService<'_> {
    fn greeting(&mut self) -> io::Result<Box<dyn Read + '_>> {
        let mut url = self.below("info/refs");
        url.set_query(Some(&format!("service={}", self.name)));
        let response = self.send(url, None)?;
        // A redirect holds for what follows, if it leads to the same place of another repository.
        let mut base = response.url.clone();
        base.set_query(None);
        let Some(path) = base.path().strip_suffix("/info/refs").map(str::to_owned) else {
            return Err(packet::malformed("the server redirects to what is no repository"));
        };
        base.set_path(&path);
        if base.origin() != self.url.origin() {
            // The credentials stay with the server that they were meant for.
            self.terms.credentials = &Credentials::None;
        }
        self.url = base;
        Ok(Box::new(response.body))
    }

    fn call(&mut self, request: Vec<u8>) -> io::Result<Box<dyn Read + '_>> {
        let response = self.send(self.below(self.name), Some(request))?;
        Ok(Box::new(response.body))
    }
}

/// What a status means.
pub(crate) fn judge(response: &Response) -> Result<(), GitError> {
    let url = || shown(&response.url);
    match response.status {
        200..=299 => Ok(()),
        401 | 403 => Err(GitError::Unauthorized { url: url() }),
        status @ (408 | 425 | 429 | 500..=599) => {
            Err(GitError::Unavailable { message: format!("`{}`: status {status}", url()) })
        }
        status => Err(GitError::BadAddress { url: url(), message: format!("status {status}") }),
    }
}
