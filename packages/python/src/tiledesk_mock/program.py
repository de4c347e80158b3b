"""The location of the server's executable."""

import os
from pathlib import Path

from tiledesk_mock.error import StartError


def find() -> Path:
    """Return the executable at `TILEDESK_MOCK_BINARY`, or else the one in this package."""
    named = os.environ.get("TILEDESK_MOCK_BINARY")
    return Path(named) if named else bundled()


def bundled() -> Path:
    """Return the executable in this package."""
    folder = Path(__file__).parent / "bin"
    for name in ("tiledesk-mock", "tiledesk-mock.exe"):
        if (folder / name).is_file():
            return folder / name
    raise StartError("this installation has no tiledesk-mock executable; install a wheel or set TILEDESK_MOCK_BINARY")
