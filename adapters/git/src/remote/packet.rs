//! Git's packet lines, by which client and server talk.

use std::io::{self, Read};

/// The longest packet, its length included.
const MOST_BYTES: usize = 65_520;
/// The most packets of one list: references, capabilities.
const MOST_LINES: usize = 1_000_000;

/// One packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Packet {
    /// Data.
    Data(Vec<u8>),
    /// The end of a message.
    Flush,
    /// The end of a section.
    Delimiter,
}

/// Reads one packet; `None` at the end of the stream.
pub(crate) fn read(from: &mut dyn Read) -> io::Result<Option<Packet>> {
    let mut head = [0; 4];
    if from.read(head.get_mut(..1).unwrap_or_default())? == 0 {
        return Ok(None);
    }
    from.read_exact(head.get_mut(1..).unwrap_or_default())?;
    let digits = std::str::from_utf8(&head).ok().filter(|text| text.bytes().all(|b| b.is_ascii_hexdigit()));
    let length = digits.and_then(|text| usize::from_str_radix(text, 16).ok());
    match length {
        Some(0) => Ok(Some(Packet::Flush)),
        Some(1) => Ok(Some(Packet::Delimiter)),
        // The end of a response, which a stateless one may have.
        Some(2) => Ok(None),
        Some(length @ 4..=MOST_BYTES) => {
            let mut data = vec![0; length - 4];
            from.read_exact(&mut data)?;
            Ok(Some(Packet::Data(data)))
        }
        Some(_) | None => Err(malformed("the server does not speak Git's protocol")),
    }
}

/// Reads lines up to a flush, without their line breaks. A line with an error of the server is that error.
pub(crate) fn read_lines(from: &mut dyn Read) -> io::Result<Vec<String>> {
    let mut lines = vec![];
    while let Some(Packet::Data(data)) = read(from)? {
        let line = String::from_utf8_lossy(&data);
        let line = line.trim_end_matches('\n');
        if let Some(message) = line.strip_prefix("ERR ") {
            return Err(malformed(&said(message.as_bytes())));
        }
        lines.push(line.to_owned());
        if lines.len() > MOST_LINES {
            return Err(malformed("the server lists too many references"));
        }
    }
    Ok(lines)
}

/// Adds a line to a request.
pub(crate) fn line(request: &mut Vec<u8>, text: &str) {
    request.extend(format!("{:04x}{text}\n", text.len() + 5).into_bytes());
}

/// Adds a flush to a request.
pub(crate) fn flush(request: &mut Vec<u8>) {
    request.extend(b"0000");
}

/// Adds a delimiter to a request.
pub(crate) fn delimiter(request: &mut Vec<u8>) {
    request.extend(b"0001");
}

/// What a server said, fit to be shown.
pub(crate) fn said(bytes: &[u8]) -> String {
    let text: String = String::from_utf8_lossy(bytes).trim().chars().take(300).collect();
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    format!("the server said: {}", gitops_core::diagnostic::mask_credentials(&text))
}

/// An answer that is not what it should be.
pub(crate) fn malformed(message: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, message)
}

/// The stream behind the sidebands: the data of band 1, up to a flush.
pub(crate) struct Sideband<'a> {
    from: &'a mut dyn Read,
    rest: std::collections::VecDeque<u8>,
    is_over: bool,
}

impl<'a> Sideband<'a> {
    pub(crate) fn new(from: &'a mut dyn Read) -> Self {
        Self { from, rest: std::collections::VecDeque::new(), is_over: false }
    }
}

impl Read for Sideband<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.rest.is_empty() && !self.is_over {
            match read(self.from)? {
                Some(Packet::Data(data)) => match data.split_first() {
                    Some((1, data)) => self.rest.extend(data),
                    Some((3, message)) => return Err(malformed(&said(message))),
                    Some(_) | None => {}
                },
                Some(Packet::Flush) => self.is_over = true,
                Some(Packet::Delimiter) => {}
                None => return Err(io::ErrorKind::UnexpectedEof.into()),
            }
        }
        self.rest.read(buffer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_are_read_and_written() {
        let mut request = vec![];
        line(&mut request, "want x");
        delimiter(&mut request);
        flush(&mut request);
        assert_eq!(request, b"000bwant x\n00010000");
        let from = &mut request.as_slice();
        assert_eq!(read(from).unwrap(), Some(Packet::Data(b"want x\n".to_vec())));
        assert_eq!(read(from).unwrap(), Some(Packet::Delimiter));
        assert_eq!(read(from).unwrap(), Some(Packet::Flush));
        assert_eq!(read(from).unwrap(), None);
        for bad in ["00", "zzzz", "0003", "fff1", "0009ab", "+004"] {
            read(&mut bad.as_bytes()).unwrap_err();
        }
    }

    #[test]
    fn the_third_band_is_an_error() {
        let mut stream: &[u8] = b"0007\x01ab0006\x02p0006\x01c0000rest";
        let mut found = vec![];
        Sideband::new(&mut stream).read_to_end(&mut found).unwrap();
        assert_eq!((found.as_slice(), stream), (&b"abc"[..], &b"rest"[..]));
        let mut failed: &[u8] = b"000c\x03no\x1b[0m!0000";
        let error = Sideband::new(&mut failed).read_to_end(&mut vec![]).unwrap_err();
        assert_eq!(error.to_string(), "the server said: no [0m!");
    }
}
