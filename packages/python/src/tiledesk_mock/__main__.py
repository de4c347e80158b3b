"""The command `tiledesk-mock`: runs the executable in this package with the same arguments and exit status."""

import os
import subprocess
import sys

from tiledesk_mock import program
from tiledesk_mock.error import StartError


def main() -> int:
    """Replace this process with the server, or wait for the server on Windows."""
    try:
        executable = str(program.bundled())
    except StartError as error:
        sys.stderr.write(f"tiledesk-mock: {error}\n")
        return 1
    command = [executable, *sys.argv[1:]]
    if sys.platform != "win32":
        os.execv(executable, command)
    with subprocess.Popen(command) as server:
        while True:
            try:
                return server.wait()
            except KeyboardInterrupt:
                # The server got the Ctrl+C, too, and is stopping.
                continue


if __name__ == "__main__":
    sys.exit(main())
