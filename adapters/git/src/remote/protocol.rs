//! Fetching by Git's protocol, version 2 where the server speaks it and version 0 where it does not.
//!
//! One request lists the references, one brings the objects. Nothing is negotiated: the server is told what is
//! here, and answers with the rest as one pack.

use std::collections::BTreeMap;
use std::io::{self, Read};

use git2::Oid;

use super::packet::{self, Packet, Sideband};

/// A connection to one service of one repository.
pub(crate) trait Service {
    /// What the server says first.
    fn greeting(&mut self) -> io::Result<Box<dyn Read + '_>>;

    /// Sends a request and hands over the answer.
    fn call(&mut self, request: Vec<u8>) -> io::Result<Box<dyn Read + '_>>;
}

/// What a server offers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Offer {
    /// The version of the protocol: 0 or 2.
    pub(crate) version: u8,
    /// What it can do.
    pub(crate) capabilities: Vec<String>,
    /// Its references; with version 2 they are asked for.
    pub(crate) references: References,
}

/// Which objects to send.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wish<'a> {
    /// Those that are wanted, with all that they need.
    pub(crate) wanted: &'a [Oid],
    /// Those that are here, with all that they need.
    pub(crate) known: &'a [Oid],
    /// Whether what came before the wanted ones is not.
    pub(crate) is_shallow: bool,
}

/// References by name, and where `HEAD` leads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct References {
    /// The object of each.
    pub(crate) ids: BTreeMap<String, Oid>,
    /// The branch that `HEAD` names.
    pub(crate) head: Option<String>,
}

impl Offer {
    /// Reads what the server says first.
    pub(crate) fn read(service: &mut dyn Service) -> io::Result<Self> {
        let mut from = service.greeting()?;
        let mut lines = packet::read_lines(&mut *from)?;
        if lines.first().is_some_and(|line| line.starts_with("# service=")) {
            lines = packet::read_lines(&mut *from)?;
        }
        if lines.first().is_some_and(|line| line == "version 2") {
            let capabilities = lines.split_off(1);
            return Ok(Self { version: 2, capabilities, references: References::default() });
        }
        let mut offer = Self::default();
        for line in lines.iter().filter(|line| !line.starts_with("version ") && !line.starts_with("shallow "))
        {
            let (line, capabilities) = line.split_once('\0').unwrap_or((line, ""));
            offer.capabilities.extend(capabilities.split_whitespace().map(str::to_owned));
            offer.references.add(line)?;
        }
        offer.references.head =
            offer.value("symref").and_then(|value| value.strip_prefix("HEAD:")).map(str::to_owned);
        Ok(offer)
    }

    /// The value of a capability.
    fn value(&self, name: &str) -> Option<&str> {
        self.capabilities.iter().find_map(|text| text.strip_prefix(name)?.strip_prefix('='))
    }

    /// The references whose names start with one of `prefixes`.
    pub(crate) fn list(&self, service: &mut dyn Service, prefixes: &[String]) -> io::Result<References> {
        if self.version != 2 {
            return Ok(self.references.clone());
        }
        let mut request = vec![];
        packet::line(&mut request, "command=ls-refs");
        packet::delimiter(&mut request);
        packet::line(&mut request, "symrefs");
        for prefix in prefixes {
            packet::line(&mut request, &format!("ref-prefix {prefix}"));
        }
        packet::flush(&mut request);
        let mut from = service.call(request)?;
        let mut references = References::default();
        for line in packet::read_lines(&mut *from)? {
            let mut words = line.splitn(3, ' ');
            let (id, name) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
            let target = words
                .next()
                .unwrap_or_default()
                .split(' ')
                .find_map(|word| word.strip_prefix("symref-target:"));
            if name == "HEAD" {
                references.head = target.map(str::to_owned);
            }
            references.add(&format!("{id} {name}"))?;
        }
        Ok(references)
    }

    /// Asks for objects, and hands the pack to `take`.
    pub(crate) fn fetch<T>(
        &self,
        service: &mut dyn Service,
        wish: &Wish<'_>,
        take: impl FnOnce(&mut dyn Read) -> io::Result<T>,
    ) -> io::Result<T> {
        let request = if self.version == 2 { request_2(wish) } else { self.request_0(wish)? };
        let mut from = service.call(request)?;
        if self.version == 2 {
            find_pack_2(&mut *from)?;
        } else {
            find_pack_0(&mut *from, wish.is_shallow)?;
        }
        take(&mut Sideband::new(&mut *from))
    }

    fn request_0(&self, wish: &Wish<'_>) -> io::Result<Vec<u8>> {
        let Wish { wanted, known, is_shallow } = *wish;
        let has = |name: &str| self.capabilities.iter().any(|known| known == name);
        if !has("side-band-64k") || is_shallow && !has("shallow") {
            return Err(packet::malformed("the server is too old"));
        }
        let mut request = vec![];
        for (at, id) in wanted.iter().enumerate() {
            let capabilities = if at == 0 { " side-band-64k ofs-delta no-progress agent=gitops" } else { "" };
            packet::line(&mut request, &format!("want {id}{capabilities}"));
        }
        if is_shallow {
            packet::line(&mut request, "deepen 1");
        }
        packet::flush(&mut request);
        for id in known {
            packet::line(&mut request, &format!("have {id}"));
        }
        packet::line(&mut request, "done");
        Ok(request)
    }
}

impl References {
    /// Adds `ID NAME`; a peeled tag and the placeholder of an empty repository are left out.
    fn add(&mut self, line: &str) -> io::Result<()> {
        let (id, name) = line.split_once(' ').ok_or_else(|| packet::malformed("a reference has no name"))?;
        if name.ends_with("^{}") || id == "unborn" {
            return Ok(());
        }
        let id = Oid::from_str(id).map_err(|_| packet::malformed("a reference has no id"))?;
        self.ids.insert(name.to_owned(), id);
        Ok(())
    }

    /// The reference that a revision names, by the rules of `git fetch`.
    pub(crate) fn find(&self, revision: &str) -> Option<Oid> {
        names(revision).iter().find_map(|name| self.ids.get(name)).copied()
    }
}

/// The names of references that a revision may stand for, best first; the empty revision is `HEAD`.
pub(crate) fn names(revision: &str) -> Vec<String> {
    if revision.is_empty() {
        return vec!["HEAD".to_owned()];
    }
    let prefixes = ["", "refs/", "refs/tags/", "refs/heads/", "refs/remotes/"];
    prefixes.iter().map(|prefix| format!("{prefix}{revision}")).collect()
}

fn request_2(wish: &Wish<'_>) -> Vec<u8> {
    let Wish { wanted, known, is_shallow } = *wish;
    let mut request = vec![];
    packet::line(&mut request, "command=fetch");
    packet::delimiter(&mut request);
    packet::line(&mut request, "no-progress");
    packet::line(&mut request, "ofs-delta");
    if is_shallow {
        packet::line(&mut request, "deepen 1");
    }
    for (word, ids) in [("want", wanted), ("have", known)] {
        for id in ids {
            packet::line(&mut request, &format!("{word} {id}"));
        }
    }
    packet::line(&mut request, "done");
    packet::flush(&mut request);
    request
}

/// Reads up to the pack of an answer of version 2.
fn find_pack_2(from: &mut dyn Read) -> io::Result<()> {
    loop {
        match packet::read(from)? {
            Some(Packet::Data(data)) if data.trim_ascii() == b"packfile" => return Ok(()),
            Some(Packet::Data(data)) => refuse_error(&data)?,
            Some(Packet::Delimiter) => {}
            Some(Packet::Flush) | None => return Err(packet::malformed("the server sent no objects")),
        }
    }
}

/// Reads up to the pack of an answer of version 0.
fn find_pack_0(from: &mut dyn Read, is_shallow: bool) -> io::Result<()> {
    let mut flushes = usize::from(is_shallow);
    loop {
        match packet::read(from)? {
            Some(Packet::Flush) if flushes > 0 => flushes -= 1,
            // The answer to `done` is the last line before the pack.
            Some(Packet::Data(data)) if data == b"NAK\n" => return Ok(()),
            Some(Packet::Data(data)) if data.starts_with(b"ACK ") => return Ok(()),
            Some(Packet::Data(data)) => refuse_error(&data)?,
            Some(Packet::Flush | Packet::Delimiter) | None => {
                return Err(packet::malformed("the server sent no objects"));
            }
        }
    }
}

fn refuse_error(line: &[u8]) -> io::Result<()> {
    line.strip_prefix(b"ERR ").map_or(Ok(()), |message| Err(packet::malformed(&packet::said(message))))
}
