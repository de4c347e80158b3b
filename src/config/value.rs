//! Parsers for option values, with error messages that state what is expected.

use std::{
    net::{IpAddr, ToSocketAddrs},
    num::NonZeroU32,
};

/// Parses an IP address, or resolves a name. Prefers IPv4, as clients expect of `localhost`.
pub(super) fn parse_host(text: &str) -> Result<IpAddr, String> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    if let Ok(address) = bare.parse() {
        return Ok(address);
    }
    let unresolved = |why: String| format!("expected an IP address or a name that resolves to one: {why}");
    if text.is_empty() || text.contains([':', '/']) {
        return Err(unresolved("URLs and ports are not allowed here".to_owned()));
    }
    let found = (text, 0).to_socket_addrs().map_err(|error| unresolved(error.to_string()))?;
    let addresses: Vec<_> = found.map(|address| address.ip()).collect();
    let address = addresses.iter().find(|address| address.is_ipv4()).or(addresses.first());
    address.copied().ok_or_else(|| unresolved("no addresses found".to_owned()))
}

pub(super) fn parse_port(text: &str) -> Result<u16, String> {
    text.parse().map_err(|_| "expected a port from 0 to 65535 (0 picks a free one)".to_owned())
}

/// Parses the ID of a server, which is printed in a line and sent in a query.
pub(super) fn parse_instance(text: &str) -> Result<String, String> {
    let is_allowed = |character: char| character.is_ascii_alphanumeric() || "-_.".contains(character);
    let is_valid = (1..=64).contains(&text.len()) && text.chars().all(is_allowed);
    let expected = || "expected 1 to 64 letters, digits, hyphens, underscores, and dots".to_owned();
    if is_valid { Ok(text.to_owned()) } else { Err(expected()) }
}

/// The largest seed: the largest integer that JavaScript reads exactly.
const MAX_SEED: u64 = (1 << 53) - 1;

pub(super) fn parse_seed(text: &str) -> Result<u64, String> {
    let seed = text.parse().ok().filter(|seed| *seed <= MAX_SEED);
    seed.ok_or_else(|| format!("expected an integer from 0 to {MAX_SEED}"))
}

pub(super) fn parse_size(text: &str) -> Result<usize, String> {
    text.parse().map_err(|_| "expected a non-negative integer (0 disables the journal)".to_owned())
}

/// Parses a number of bytes, with or without a unit.
pub(super) fn parse_bytes(text: &str) -> Result<usize, String> {
    let digits = text.trim_end_matches(|character: char| character.is_ascii_alphabetic());
    let shift = match text[digits.len()..].to_ascii_uppercase().as_str() {
        "" | "B" => 0,
        "K" | "KB" | "KIB" => 10,
        "M" | "MB" | "MIB" => 20,
        "G" | "GB" | "GIB" => 30,
        _ => 64,
    };
    let bytes = digits.parse::<usize>().ok().and_then(|number| number.checked_mul(1_usize.checked_shl(shift)?));
    // Less is not enough for the default world and a request.
    bytes.filter(|bytes| *bytes >= 1 << 20).ok_or_else(|| "expected at least 1MB, such as 512MB or 2GB".to_owned())
}

pub(super) fn parse_calls(text: &str) -> Result<NonZeroU32, String> {
    let expected = || format!("expected an integer from 1 to {} (omit the option for no limit)", u32::MAX);
    text.parse().map_err(|_| expected())
}

/// Maximum size of a demo.
const MOST_CONVERSATIONS: usize = 200_000;

pub(super) fn parse_conversations(text: &str) -> Result<usize, String> {
    let size = text.parse().ok().filter(|size| (1..=MOST_CONVERSATIONS).contains(size));
    size.ok_or_else(|| format!("expected a number of conversations from 1 to {MOST_CONVERSATIONS}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_in_bytes_or_have_a_unit() {
        for (text, bytes) in [("1048576", 1 << 20), ("64MB", 64 << 20), ("2GiB", 2 << 30), ("4096k", 4 << 20)] {
            assert_eq!(parse_bytes(text), Ok(bytes), "{text}");
        }
        for text in ["", "MB", "1", "1000KB", "-1MB", "1.5GB", "1TB", "99999999999999999999GB", "17179869184GB"] {
            assert!(parse_bytes(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_host_is_an_address_or_a_name() {
        for (text, address) in [
            ("127.0.0.1", Some("127.0.0.1")),
            ("::1", Some("::1")),
            ("[::1]", Some("::1")),
            ("localhost", Some("127.0.0.1")),
            ("", None),
            ("http://localhost", None),
            ("localhost:4010", None),
            ("name.invalid", None),
        ] {
            let expected = address.map(|address| address.parse::<IpAddr>().expect("an address"));
            assert_eq!(parse_host(text).ok(), expected, "{text}");
        }
    }
}
