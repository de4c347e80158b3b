"""Snapshots of a sandbox's documents, and the changes between them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from tiledesk_mock.clock import Call


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A changed value. `None` also represents an absent one."""

    pointer: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedDocument:
    """A document that exists in both states."""

    id: str
    changes: Sequence[Change]


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionDiff:
    """The changes in a collection."""

    added: Sequence[Any]
    removed: Sequence[Any]
    changed: Sequence[ChangedDocument]


@dataclass(frozen=True, slots=True, kw_only=True)
class Diff:
    """The changes between two states."""

    same: bool
    """Whether nothing changed."""
    collections: Mapping[str, CollectionDiff]
    """The collections with changes, by name."""


class Snapshot:
    """A named state of a sandbox's documents."""

    def __init__(self, call: Call, data: Mapping[str, Any]) -> None:
        """Use `Sandbox.snapshot` instead."""
        self._call = call
        self.name: str = data["name"]
        self.at = datetime.fromisoformat(data["at"])
        """When it was taken, according to the clock of the sandbox."""
        self._path = f"snapshots/{quote(self.name, safe='')}"

    def restore(self) -> None:
        """Restore the documents, and clear inboxes and deliveries. Clock, faults, and journal are not changed."""
        self._call("POST", f"{self._path}/restore")

    def diff(self, after: "Snapshot | str" = "now") -> Diff:
        """Return the changes between this snapshot and a later one, or the current state."""
        name = after.name if isinstance(after, Snapshot) else after
        data = self._call("GET", f"{self._path}/diff/{quote(name, safe='')}")
        return Diff(
            same=data["same"],
            collections={name: _collection(collection) for name, collection in data["collections"].items()},
        )

    def delete(self) -> None:
        """Delete the snapshot."""
        self._call("DELETE", self._path)

    def __repr__(self) -> str:
        return f"<Snapshot {self.name!r} at {self.at.isoformat()}>"


def _collection(data: Mapping[str, Any]) -> CollectionDiff:
    return CollectionDiff(
        added=data["added"],
        removed=data["removed"],
        changed=[
            ChangedDocument(
                id=document["_id"],
                changes=[
                    Change(pointer=change["pointer"], before=change.get("before"), after=change.get("after"))
                    for change in document["changes"]
                ],
            )
            for document in data["changed"]
        ],
    )
