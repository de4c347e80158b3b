//! Compressed request bodies, decoded only as far as they are read.

use std::{
    io::{self, BufRead, BufReader, Read},
    pin::pin,
    sync::Arc,
};

use brotli_decompressor::Decompressor;
use bytes::{Buf, Bytes};
use flate2::bufread::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use futures_util::{FutureExt, Stream, StreamExt, stream};
use parking_lot::Mutex;
use poem::{
    Body, Request,
    http::{HeaderMap, header},
};

use super::chunks::Chunks;
use crate::value::{
    Error,
    error::{ErrorBody, ErrorKind},
};

/// Maximum size of a decoded chunk, and of the buffer between two decoders.
const CHUNK: usize = 1 << 15;

/// Maximum number of encodings of one body.
const MOST: usize = 4;

/// Replaces the body of a request with its decoded form. The headers stay as sent.
pub(super) fn decode(request: &mut Request) {
    let Some(encodings) = encodings(request.headers()) else { return };
    let body = request.take_body();
    if body.is_empty() {
        return;
    }
    let decoded = match encodings {
        Ok(encodings) => Body::from_bytes_stream(decoded(body, &encodings)),
        Err(unknown) => {
            Body::from_bytes_stream(stream::iter([Err::<Bytes, _>(io::Error::other(unsupported(&unknown)))]))
        }
    };
    request.set_body(decoded);
}

/// The decoded form of a complete body, unless its encoding is unknown, or it is corrupt or longer than `limit` bytes.
/// Returns the same bytes if they are not encoded.
pub(crate) fn decoded_at_once(headers: &HeaderMap, body: &Bytes, limit: usize) -> Option<Bytes> {
    let Some(encodings) = encodings(headers) else { return Some(body.clone()) };
    let mut parts = pin!(decoded(Body::from(body.clone()), &encodings.ok()?));
    let mut whole = Chunks::default();
    // All parts have arrived, so this never waits.
    while let Some(part) = parts.next().now_or_never()? {
        whole.push(part.ok()?);
        if whole.len() > limit {
            return None;
        }
    }
    Some(whole.join())
}

#[derive(Clone, Copy)]
enum Encoding {
    Gzip,
    Deflate,
    Brotli,
}

/// The encodings of a body in the order of their application, or the first unknown one. `None` if it has no encoding.
fn encodings(headers: &HeaderMap) -> Option<Result<Vec<Encoding>, String>> {
    // Fast path: few requests have this header.
    if !headers.contains_key(header::CONTENT_ENCODING) {
        return None;
    }
    let values = headers.get_all(header::CONTENT_ENCODING);
    let mut known = Vec::new();
    for value in &values {
        let value = String::from_utf8_lossy(value.as_bytes());
        for name in value.split(',').map(str::trim) {
            known.push(match &*name.to_ascii_lowercase() {
                "gzip" | "x-gzip" => Encoding::Gzip,
                "deflate" => Encoding::Deflate,
                "br" => Encoding::Brotli,
                "" | "identity" => continue,
                _ => return Some(Err(name.to_owned())),
            });
        }
    }
    match known.len() {
        0 => None,
        1..=MOST => Some(Ok(known)),
        _ => Some(Err(format!("{} encodings of one body", known.len()))),
    }
}

pub(super) fn unsupported(name: &str) -> Error {
    let text = format!("Unsupported Content-Encoding \"{name}\": expected gzip, deflate, br, or identity.");
    Error::new(ErrorKind::Unsupported, ErrorBody::Plain(text.into()))
}

/// The error that ended a body, if this module raised it.
pub(super) fn refusal(error: &io::Error) -> Option<&Error> {
    error.get_ref()?.downcast_ref()
}

/// Decodes the body lazily, as its reader pulls it.
fn decoded(body: Body, encodings: &[Encoding]) -> impl Stream<Item = io::Result<Bytes>> + Send + use<> {
    let arrived = Arrived::default();
    let encoded: Box<dyn Read + Send> = Box::new(arrived.clone());
    let decoder = encodings.iter().rev().fold(encoded, |encoded, encoding| -> Box<dyn Read + Send> {
        match encoding {
            Encoding::Gzip => Box::new(MultiGzDecoder::new(BufReader::with_capacity(CHUNK, encoded))),
            Encoding::Deflate => Box::new(Deflate::Unknown(Some(BufReader::with_capacity(CHUNK, encoded)))),
            Encoding::Brotli => Box::new(Decompressor::new(encoded, CHUNK)),
        }
    });
    stream::try_unfold((body.into_bytes_stream(), arrived, decoder), next)
}

type Decoding<S> = (S, Arrived, Box<dyn Read + Send>);

async fn next<S>((mut parts, arrived, mut decoder): Decoding<S>) -> io::Result<Option<(Bytes, Decoding<S>)>>
where
    S: Stream<Item = io::Result<Bytes>> + Unpin,
{
    let mut chunk = vec![0; CHUNK];
    loop {
        match decoder.read(&mut chunk) {
            Ok(0) => return Ok(None),
            Ok(length) => {
                chunk.truncate(length);
                return Ok(Some((chunk.into(), (parts, arrived, decoder))));
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => match parts.next().await {
                Some(part) => arrived.push(part?),
                // An empty body is not compressed, regardless of the header.
                None if arrived.has_nothing() => return Ok(None),
                None => arrived.end(),
            },
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => {
                let text = format!("wrong Content-Encoding, or damaged data ({error})");
                return Err(io::Error::new(io::ErrorKind::InvalidData, text));
            }
        }
    }
}

/// Received bytes not yet decoded. Reading returns `WouldBlock` until the next part arrives.
#[derive(Clone, Default)]
struct Arrived(Arc<Mutex<Input>>);

#[derive(Default)]
struct Input {
    part: Bytes,
    has_begun: bool,
    has_ended: bool,
}

impl Arrived {
    /// Sets the next part. The previous one has been read completely.
    fn push(&self, part: Bytes) {
        let mut input = self.0.lock();
        input.has_begun |= !part.is_empty();
        input.part = part;
    }

    fn has_nothing(&self) -> bool {
        !self.0.lock().has_begun
    }

    fn end(&self) {
        self.0.lock().has_ended = true;
    }
}

impl Read for Arrived {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let mut input = self.0.lock();
        if input.part.is_empty() && !input.has_ended {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let length = input.part.len().min(into.len());
        input.part.copy_to_slice(&mut into[..length]);
        Ok(length)
    }
}

/// HTTP `deflate` means the zlib format, but some clients send raw deflate. The first byte distinguishes them.
enum Deflate<R> {
    /// Nothing has been read yet. The reader is present until the format is known.
    Unknown(Option<BufReader<R>>),
    Zlib(ZlibDecoder<BufReader<R>>),
    Bare(DeflateDecoder<BufReader<R>>),
}

/// The compression method of zlib, in the low four bits of its first byte.
const METHOD: u8 = 8;

impl<R: Read> Read for Deflate<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if let Self::Unknown(encoded) = self {
            let first =
                encoded.as_mut().map_or(Ok(None), |encoded| encoded.fill_buf().map(|bytes| bytes.first().copied()))?;
            let Some(encoded) = encoded.take() else { return Ok(0) };
            *self = match first {
                Some(first) if first & 0x0f != METHOD => Self::Bare(DeflateDecoder::new(encoded)),
                _ => Self::Zlib(ZlibDecoder::new(encoded)),
            };
        }
        match self {
            Self::Unknown(_) => Ok(0),
            Self::Zlib(decoder) => decoder.read(into),
            Self::Bare(decoder) => decoder.read(into),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::{
        Compression,
        write::{DeflateEncoder, GzEncoder, ZlibEncoder},
    };
    use futures_util::TryStreamExt;

    use super::*;

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(text).expect("writing to a Vec succeeds");
        encoder.finish().expect("writing to a Vec succeeds")
    }

    /// Decodes a body that arrives in parts of `size` bytes.
    fn decode(sent: &[u8], size: usize, header: &str) -> io::Result<Vec<u8>> {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_ENCODING, header.parse().expect("a valid header value"));
        let parts: Vec<_> = sent.chunks(size).map(|part| Ok::<_, io::Error>(Bytes::copy_from_slice(part))).collect();
        let encodings = encodings(&headers).expect("an encoded body").expect("a known encoding");
        let body = Body::from_bytes_stream(stream::iter(parts));
        pollster::block_on(decoded(body, &encodings).map_ok(|part| part.to_vec()).try_concat())
    }

    #[test]
    fn every_encoding_is_decoded_whatever_the_part_size() {
        let text = b"Hello Hello Hello ".repeat(10_000);
        let mut zlib = ZlibEncoder::new(Vec::new(), Compression::default());
        zlib.write_all(&text).expect("writing to a Vec succeeds");
        let mut bare = DeflateEncoder::new(Vec::new(), Compression::default());
        bare.write_all(&text).expect("writing to a Vec succeeds");
        let twice = [gzip(&text[..5]), gzip(&text[5..])].concat();
        for (sent, header) in [
            (gzip(&text), "gzip"),
            (gzip(&text), "X-GZIP"),
            (twice, "gzip"),
            (zlib.finish().expect("writing to a Vec succeeds"), "deflate"),
            (bare.finish().expect("writing to a Vec succeeds"), "deflate"),
            (gzip(&gzip(&text)), "gzip, gzip"),
            (gzip(&text), "identity, gzip"),
        ] {
            for size in [1, 7, 1 << 20] {
                assert!(
                    decode(&sent, size, header).is_ok_and(|decoded| decoded == text),
                    "{header} in parts of {size}"
                );
            }
        }
        assert!(decode(b"", 1, "gzip").is_ok_and(|decoded| decoded.is_empty()));
    }

    #[test]
    fn brotli_is_decoded() {
        // An uncompressed metablock, followed by the empty last one.
        let sent = [&[0x0b, 0x02, 0x80][..], b"hello", &[0x03]].concat();
        for size in [1, 100] {
            assert_eq!(decode(&sent, size, "br").ok().as_deref(), Some(&b"hello"[..]));
        }
    }

    #[test]
    fn damaged_and_unfinished_bodies_are_errors() {
        let whole = gzip(b"Hello");
        for (sent, header) in [
            (&whole[..whole.len() - 1], "gzip"),
            (&whole[..5], "gzip"),
            (&b"Hello"[..], "gzip"),
            (&b"Hello"[..], "deflate"),
            (&b"x\x9c"[..], "deflate"),
            (&b"Hello, hello, hello"[..], "br"),
        ] {
            assert!(decode(sent, 3, header).is_err(), "{sent:?} as {header}");
        }
    }

    #[test]
    fn decoding_stops_where_reading_stops() {
        let bomb = gzip(&gzip(&vec![0; 1 << 24]));
        let body = Body::from(bomb);
        let mut decoded = Box::pin(decoded(body, &[Encoding::Gzip, Encoding::Gzip]));
        let first = pollster::block_on(decoded.next()).expect("a first part").expect("a valid encoding");
        assert!(first.len() <= CHUNK);
    }

    #[test]
    fn unknown_encodings_are_named() {
        let named = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_ENCODING, value.parse().expect("a valid header value"));
            encodings(&headers).and_then(Result::err)
        };
        assert_eq!(named("gzip, nonsense").as_deref(), Some("nonsense"));
        assert_eq!(named("zstd").as_deref(), Some("zstd"));
        assert!(named("gzip,gzip,gzip,gzip,gzip").is_some());
        assert!(encodings(&HeaderMap::new()).is_none());
        assert_eq!(named("identity"), None);
    }
}
