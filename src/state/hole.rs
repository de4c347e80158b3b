//! What the reference server lets callers do beyond their rights. It is refused unless the holes are open.

use super::{tx::Tx, version::State};

/// A permissive behavior of the reference server.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Hole {
    // Departs: members grant roles up to their own, and change, remove, and ban members with such a role; the reference server lets
    // administrators make and remove owners.
    RolesAboveOwn,
    // Departs: a project keeps at least one active owner; the reference server lets the last one be demoted, disabled, or removed.
    LastOwner,
    // Departs: only administrators generate the secret of a project, as the documentation says; the reference server lets agents.
    ProjectSecrets,
    // Departs: test tokens are signed for members, and tokens that a project signs stand for its visitors; the reference server signs
    // for anybody, and takes such a token for any user whose identifier it names.
    SignedClaims,
    // Departs: a custom token makes no owners and signs in existing accounts only if they belong to its project alone, with at most
    // its role; the reference server signs in every account whose e-mail address the token names.
    CertifiedAccounts,
    // Departs: a WebSocket stops being sent a topic when its user may not read it any more, and is closed when its token is revoked or
    // its account closed; the reference server checks only when a topic is subscribed to.
    OldSubscriptions,
    // Departs: only the server publishes frames; the reference server relays whatever a client publishes to any topic.
    ClientFrames,
    // Departs: visitors read, export, write to, and close only the conversations that they opened; the reference server takes any whose
    // identifier they know.
    OthersConversations,
    // Departs: visitors write as themselves; the reference server takes whatever sender a message names.
    OtherSenders,
    // Departs: what the targets of webhooks answered is shown to owners only; the reference server shows it to administrators.
    TargetResponses,
    // Departs: a file is deleted by its uploader, or by an agent of the project that it belongs to; the reference server lets everybody
    // who is signed in delete it.
    OthersFiles,
    // Departs: passwords may contain colons; the reference server ends the password of Basic credentials at the first colon.
    PasswordEnds,
}

/// Whether callers may do what the reference server lets them do.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum Holes {
    /// Callers keep to their rights.
    #[default]
    Closed,
    /// The server is as permissive as the reference server (`--faithful-holes`).
    Open,
}

impl State {
    /// Whether rules let callers do this.
    pub(crate) fn allows(&self, _: Hole) -> bool {
        self.holes == Holes::Open
    }
}

impl Tx {
    /// Whether rules let callers do this.
    pub(crate) fn allows(&self, hole: Hole) -> bool {
        self.state().allows(hole)
    }
}
