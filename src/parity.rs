//! The parity ledger: for each operation, the evidence behind its responses.
//!
//! The data is generated from the recorded responses of the reference server and the documented exchanges.

use std::{collections::BTreeMap, sync::LazyLock};

use serde::Deserialize;

/// The ledger as stored.
pub(crate) const TEXT: &str = include_str!("parity/ledger.json");

static LEDGER: LazyLock<Ledger> =
    LazyLock::new(|| serde_json::from_str(TEXT).expect("the ledger is valid, as tests show"));

/// The evidence behind the responses of the fake.
#[derive(Deserialize)]
pub(crate) struct Ledger {
    pub(crate) recorded_from: Source,
    pub(crate) operations: BTreeMap<String, Parity>,
}

/// The server whose responses were recorded.
#[derive(Deserialize)]
pub(crate) struct Source {
    pub(crate) server: String,
    pub(crate) version: String,
    pub(crate) date: String,
}

/// The evidence behind the responses of an operation.
#[derive(Deserialize, Default)]
pub(crate) struct Parity {
    /// Number of recorded responses by status.
    pub(crate) recorded: BTreeMap<u16, u32>,
    /// Number of documented responses by status.
    pub(crate) documented: BTreeMap<u16, u32>,
}

/// The best evidence for a response.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Evidence {
    /// The reference server returned such a response.
    Recorded,
    /// The public documentation shows such a response.
    Documented,
    /// Neither; it follows from other responses.
    Inferred,
}

impl Evidence {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Recorded => "recorded",
            Self::Documented => "documented",
            Self::Inferred => "inferred",
        }
    }
}

impl Parity {
    /// The best evidence for any response of the operation.
    pub(crate) fn evidence(&self) -> Evidence {
        match (self.recorded.is_empty(), self.documented.is_empty()) {
            (false, _) => Evidence::Recorded,
            (true, false) => Evidence::Documented,
            (true, true) => Evidence::Inferred,
        }
    }

    /// The evidence for responses with this status.
    fn evidence_for(&self, status: u16) -> Evidence {
        if self.recorded.contains_key(&status) {
            Evidence::Recorded
        } else if self.documented.contains_key(&status) {
            Evidence::Documented
        } else {
            Evidence::Inferred
        }
    }
}

/// The ledger.
pub(crate) fn ledger() -> &'static Ledger {
    &LEDGER
}

/// The value of the `X-Fake-Parity` header of a response.
pub(crate) fn header(operation: &str, status: u16) -> String {
    let ledger = ledger();
    let evidence = ledger.operations.get(operation).map_or(Evidence::Inferred, |known| known.evidence_for(status));
    match evidence {
        Evidence::Recorded => {
            let Source { server, version, date } = &ledger.recorded_from;
            format!("recorded; server=\"{server}@{version}\"; date={date}")
        }
        other => other.name().to_owned(),
    }
}
