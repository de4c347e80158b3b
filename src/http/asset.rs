//! Static contents, compressed once and revalidated with entity tags.

use std::{io::Write, sync::OnceLock};

use brotli::enc::BrotliEncoderParams;
use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use poem::{
    Request, Response,
    http::{StatusCode, header},
};
use xxhash_rust::xxh3::xxh3_64;

/// Compresses documents to 4 % in a tenth of a second.
const QUALITY: i32 = 5;

/// The hash of a content, and its compressed forms once a client has requested them.
pub(super) struct Asset {
    hash: u64,
    brotli: OnceLock<Bytes>,
    gzip: OnceLock<Bytes>,
}

/// A content coding.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Coding {
    Brotli,
    Gzip,
    Identity,
}

impl Coding {
    /// The preferred coding of a list in `Accept-Encoding`: the one with the highest weight; ties go to the smallest.
    fn accepted(list: &str) -> Self {
        let weights: Vec<(&str, f32)> = list.split(',').filter_map(weight).collect();
        let of = |name: &str| {
            weights.iter().find(|(coding, _)| coding.eq_ignore_ascii_case(name)).map(|(_, weight)| *weight)
        };
        let listed = |name| of(name).or(of("*")).unwrap_or(0.0);
        // Acceptable unless excluded, and the least preferred unless listed.
        let identity = of("identity").unwrap_or(f32::MIN_POSITIVE);
        let mut best = (Self::Identity, identity);
        for (coding, weight) in [(Self::Gzip, listed("gzip")), (Self::Brotli, listed("br"))] {
            if weight >= best.1 && weight > 0.0 {
                best = (coding, weight);
            }
        }
        best.0
    }
}

/// A coding and its weight. An invalid weight excludes the coding.
fn weight(part: &str) -> Option<(&str, f32)> {
    let (coding, parameter) = part.split_once(';').unwrap_or((part, "q=1"));
    let value = parameter.trim().strip_prefix("q=").or(parameter.trim().strip_prefix("Q="))?;
    Some((coding.trim(), value.trim().parse().unwrap_or(0.0)))
}

impl Asset {
    pub(super) fn of(plain: &[u8]) -> Self {
        Self { hash: xxh3_64(plain), brotli: OnceLock::new(), gzip: OnceLock::new() }
    }

    /// A content that is already compressed with brotli.
    pub(super) fn of_brotli(compressed: &'static [u8]) -> Self {
        Self { brotli: Bytes::from_static(compressed).into(), ..Self::of(compressed) }
    }

    /// Responds with the content, which `plain` returns uncompressed, or with 304.
    pub(super) fn answer(&self, request: &Request, content_type: &str, plain: impl FnOnce() -> Bytes) -> Response {
        let list = request.headers().get_all(header::ACCEPT_ENCODING).iter();
        let list: Vec<_> = list.filter_map(|value| value.to_str().ok()).collect();
        let coding = Coding::accepted(&list.join(","));
        let (name, suffix) = match coding {
            Coding::Brotli => (Some("br"), "-br"),
            Coding::Gzip => (Some("gzip"), "-gzip"),
            Coding::Identity => (None, ""),
        };
        // Strong, so each coding has its own.
        let tag = format!("\"{:016x}{suffix}\"", self.hash);
        let builder = Response::builder()
            .header(header::ETAG, &tag)
            .header(header::CACHE_CONTROL, "no-cache")
            .header(header::VARY, "Accept-Encoding");
        if request.header(header::IF_NONE_MATCH).is_some_and(|known| matches(known, &tag)) {
            return builder.status(StatusCode::NOT_MODIFIED).finish();
        }
        let body = match coding {
            Coding::Brotli => self.brotli.get_or_init(|| brotli(&plain())).clone(),
            Coding::Gzip => self.gzip.get_or_init(|| gzip(&plain())).clone(),
            Coding::Identity => plain(),
        };
        let builder = builder.content_type(content_type);
        match name {
            Some(name) => builder.header(header::CONTENT_ENCODING, name).body(body),
            None => builder.body(body),
        }
    }
}

/// Whether a list of known tags contains a tag.
fn matches(known: &str, tag: &str) -> bool {
    known.split(',').map(str::trim).any(|known| known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag)
}

fn brotli(plain: &[u8]) -> Bytes {
    let parameters = BrotliEncoderParams { quality: QUALITY, size_hint: plain.len(), ..BrotliEncoderParams::default() };
    let mut compressed = Vec::new();
    brotli::BrotliCompress(&mut &*plain, &mut compressed, &parameters).expect("writing to a Vec succeeds");
    compressed.into()
}

fn gzip(plain: &[u8]) -> Bytes {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(plain).expect("writing to a Vec succeeds");
    encoder.finish().expect("writing to a Vec succeeds").into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_preferred_coding_is_chosen() {
        for (list, coding) in [
            ("", Coding::Identity),
            ("gzip, deflate, br, zstd", Coding::Brotli),
            ("GZIP", Coding::Gzip),
            ("*", Coding::Brotli),
            ("*;q=0", Coding::Identity),
            ("br;q=0, *", Coding::Gzip),
            ("br;q=0.5, gzip;q=0.9", Coding::Gzip),
            ("br; q=1.0 , gzip", Coding::Brotli),
            ("gzip;q=0.5, identity", Coding::Identity),
            ("br;q=x", Coding::Identity),
            ("deflate, zstd", Coding::Identity),
        ] {
            assert_eq!(Coding::accepted(list), coding, "{list}");
        }
    }

    #[test]
    fn known_tags_are_recognized_in_lists() {
        for known in ["\"a\"", "W/\"a\"", "\"b\", \"a\"", "*"] {
            assert!(matches(known, "\"a\""), "{known}");
        }
        assert!(!matches("\"a-br\"", "\"a\"") && !matches("", "\"a\""));
    }
}
