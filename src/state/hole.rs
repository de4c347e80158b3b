//! Holes: operations that the reference server permits beyond the caller's rights. The fake rejects them by default.

use super::{tx::Tx, version::State};

/// A permissive behavior of the reference server.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Hole {
    // Departs: Members can grant roles up to their own, and can update, remove, and ban only members with such a role;
    // the reference server lets administrators create and remove owners.
    RolesAboveOwn,
    // Departs: A project keeps at least one active owner, unless that user deletes the account; the reference server
    // lets the last one be demoted, disabled, or removed.
    LastOwner,
    // Departs: Only administrators can generate the secret of a project, as documented; the reference server lets
    // agents do so.
    ProjectSecrets,
    // Departs: Test tokens are signed for members only, and tokens that a project signs identify its visitors; the
    // reference server signs for any caller, and accepts such a token for any user whose ID it contains.
    SignedClaims,
    // Departs: A custom token never creates an owner, and signs in an existing account only if the account belongs to
    // that project alone and its role does not exceed the token's; the reference server signs in every account whose
    // email address the token contains.
    CertifiedAccounts,
    // Departs: A WebSocket stops receiving a topic when its user may no longer read it, and is closed when its token is
    // revoked or its account is closed; the reference server checks permissions only at subscription.
    OldSubscriptions,
    // Departs: Only the server publishes frames; the reference server relays any frame that a client publishes, to any
    // topic.
    ClientFrames,
    // Departs: Visitors can read, export, write to, and close only conversations that they opened; the reference server
    // accepts any conversation whose ID they know.
    OthersConversations,
    // Departs: Visitors write under their own name; the reference server accepts any sender that a message names.
    OtherSenders,
    // Departs: Responses of webhook targets are visible to owners only; the reference server shows them to
    // administrators.
    TargetResponses,
    // Departs: A file can be deleted by its uploader or by an agent of its project; the reference server lets any
    // authenticated user delete it.
    OthersFiles,
    // Departs: Passwords can contain colons; the reference server cuts the password of Basic credentials at the first
    // colon.
    PasswordEnds,
}

/// Whether holes are open.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum Holes {
    /// Callers cannot exceed their rights.
    #[default]
    Closed,
    /// The server is as permissive as the reference server (`--faithful-holes`).
    Open,
}

impl State {
    /// Whether this hole is open.
    pub(crate) fn allows(&self, _: Hole) -> bool {
        self.holes == Holes::Open
    }
}

impl Tx {
    /// Whether this hole is open.
    pub(crate) fn allows(&self, hole: Hole) -> bool {
        self.state().allows(hole)
    }
}
