"""A stateful, in-memory fake of the Tiledesk REST API for tests.

`start` starts a server, `connect` uses a running one, and the pytest fixture `tiledesk` does either for every test.
"""

from tiledesk_mock.error import (
    ControlError,
    ProblemDetail,
    ServerExited,
    StartError,
    TiledeskMockError,
    Unreachable,
    WaitTimeout,
    WrongServer,
)
from tiledesk_mock.fault import Fault
from tiledesk_mock.journal import Answer, Call, CallFilter, Digest, Explanation
from tiledesk_mock.sandbox import Sandbox, connect
from tiledesk_mock.server import Options, Server, start
from tiledesk_mock.snapshot import Diff, Snapshot
from tiledesk_mock.webhook import Delivery, Inbox, InboxCall

__all__ = [
    "Answer",
    "Call",
    "CallFilter",
    "ControlError",
    "Delivery",
    "Diff",
    "Digest",
    "Explanation",
    "Fault",
    "Inbox",
    "InboxCall",
    "Options",
    "ProblemDetail",
    "Sandbox",
    "Server",
    "ServerExited",
    "Snapshot",
    "StartError",
    "TiledeskMockError",
    "Unreachable",
    "WaitTimeout",
    "WrongServer",
    "connect",
    "start",
]
