//! The parity ledger: the evidence behind the responses of each operation.

use poem_openapi::{Enum, Object, OpenApi};

use super::Tag;
use crate::{
    http::{Problem, Reply},
    parity::{self, Evidence, Parity},
    value::Text,
};

/// The parity ledger.
#[derive(Object)]
struct ParityLedger {
    /// The server whose responses were recorded.
    recorded_from: RecordedServer,
    /// Numbers of operations by evidence.
    counts: EvidenceCounts,
    /// The operations, ordered by ID.
    operations: Vec<OperationParity>,
}

/// A recorded server.
#[derive(Object)]
struct RecordedServer {
    /// Name of the package.
    server: Text,
    /// Version of the package.
    version: Text,
    /// Date of the recording.
    date: Text,
}

/// Numbers of operations.
#[derive(Object, Default)]
struct EvidenceCounts {
    /// Recorded operations.
    recorded: u32,
    /// Operations that are only documented.
    documented: u32,
    /// Operations that are neither recorded nor documented.
    inferred: u32,
}

/// Evidence behind responses.
#[derive(Enum, Clone, Copy, PartialEq, Eq, Debug)]
#[oai(rename_all = "lowercase")]
enum EvidenceName {
    Recorded,
    Documented,
    Inferred,
}

/// Evidence behind the responses of an operation.
#[derive(Object)]
struct OperationParity {
    /// Operation ID.
    operation: Text,
    /// The best evidence for any response.
    evidence: EvidenceName,
    /// Recorded responses by status.
    recorded: Vec<StatusCount>,
    /// Documented responses by status.
    documented: Vec<StatusCount>,
}

/// Responses with a status.
#[derive(Object)]
struct StatusCount {
    /// Status.
    status: u16,
    /// Number of responses.
    count: u32,
}

fn entry(operation: &str, parity: &Parity) -> OperationParity {
    let list = |counts: &std::collections::BTreeMap<u16, u32>| {
        counts.iter().map(|(&status, &count)| StatusCount { status, count }).collect()
    };
    OperationParity {
        operation: operation.into(),
        evidence: match parity.evidence() {
            Evidence::Recorded => EvidenceName::Recorded,
            Evidence::Documented => EvidenceName::Documented,
            Evidence::Inferred => EvidenceName::Inferred,
        },
        recorded: list(&parity.recorded),
        documented: list(&parity.documented),
    }
}

fn ledger() -> ParityLedger {
    let ledger = parity::ledger();
    let mut counts = EvidenceCounts::default();
    for parity in ledger.operations.values() {
        *match parity.evidence() {
            Evidence::Recorded => &mut counts.recorded,
            Evidence::Documented => &mut counts.documented,
            Evidence::Inferred => &mut counts.inferred,
        } += 1;
    }
    let source = &ledger.recorded_from;
    let recorded_from = RecordedServer {
        server: source.server.as_str().into(),
        version: source.version.as_str().into(),
        date: source.date.as_str().into(),
    };
    let operations = ledger.operations.iter().map(|(operation, parity)| entry(operation, parity)).collect();
    ParityLedger { recorded_from, counts, operations }
}

pub(super) struct ParityControl;

#[OpenApi(tag = "Tag::Parity")]
impl ParityControl {
    /// Get the parity ledger
    ///
    /// Lists for each operation whether its responses were recorded from the reference server, are shown in the public
    /// documentation, or are inferred from other responses. With `--self-check`, each response contains its evidence in
    /// the header `X-Fake-Parity`.
    ///
    /// Returns the parity ledger.
    #[oai(path = "/parity", method = "get", operation_id = "get_parity")]
    async fn get(&self) -> Result<Reply<ParityLedger>, Problem> {
        Ok(Reply::of(&ledger()))
    }
}
