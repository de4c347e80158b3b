"""The server as a child process, which is stopped at the latest when this process ends."""

import atexit
import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Sequence
from queue import Empty, SimpleQueue
from typing import IO

from tiledesk_mock.error import ServerExited, StartError

READY = "listening on "
INSTANCE = "  instance "
INSTANCE_TIMEOUT = 1.0
"""The instance is printed right after the URL. Older servers print none."""
STOP_TIMEOUT = 30.0

# Stops the server when this process ends and its end of the pipe closes, even if it was killed. PR_SET_PDEATHSIG would be an
# alternative on Linux, but it also fires when the starting thread ends, and needs `preexec_fn`, which can deadlock.
WATCHER = """
import os, signal, sys, time
sys.stdin.buffer.read()
server = int(sys.argv[1])
try:
    os.kill(server, signal.SIGTERM)
    for _ in range(100):
        time.sleep(0.1)
        os.kill(server, 0)
    os.kill(server, signal.SIGKILL)
except OSError:
    pass
"""


class Process:
    """A running server."""

    def __init__(self, command: Sequence[str], *, timeout: float) -> None:
        """Start the server and wait until it listens; raise `StartError` with its own reason if it does not."""
        self._owner = os.getpid()
        self._lock = threading.Lock()
        self._stopped = False
        self._log: deque[str] = deque(maxlen=1000)
        self._first_lines: SimpleQueue[str] = SimpleQueue()
        try:
            self._child = _spawn(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
        except OSError as error:
            raise StartError(f"cannot run {command[0]}: {error.strerror or error}") from error
        self._readers = [
            threading.Thread(target=self._read_output, args=(self._child.stdout,), daemon=True),
            threading.Thread(target=self._read_log, args=(self._child.stderr,), daemon=True),
        ]
        for reader in self._readers:
            reader.start()
        self._watcher = _watch(self._child.pid)
        atexit.register(self._stop_at_exit)
        try:
            self.url = self._wait_until_ready(timeout)
            self.instance = self._read_instance()
        except BaseException:
            self._kill()
            raise

    @property
    def pid(self) -> int:
        """Process ID of the server."""
        return self._child.pid

    def log(self) -> str:
        """Return the last 1,000 lines that the server logged."""
        return "".join(self._log.copy())

    def exit_reason(self, within: float = 0) -> str | None:
        """Return why the server exited, or `None` if it is still running after `within` seconds."""
        # A forked child cannot wait for the server, which is not its child.
        if os.getpid() != self._owner:
            return None
        try:
            status = self._child.wait(within)
        except subprocess.TimeoutExpired:
            return None
        self._release()
        return self._describe(status)

    def stop(self) -> None:
        """Shut the server down gracefully; raise `ServerExited` if it had exited or reports a failure."""
        if os.getpid() != self._owner or self._stopped:
            return
        self._stopped = True
        if reason := self.exit_reason():
            raise ServerExited(reason)
        self._child.terminate()
        try:
            status = self._child.wait(STOP_TIMEOUT)
        except subprocess.TimeoutExpired:
            self._kill()
            raise ServerExited(f"the server did not stop within {STOP_TIMEOUT:g} s and was killed") from None
        self._release()
        # Windows cannot stop a process gracefully; it ends the process with status 1.
        if status != 0 and sys.platform != "win32":
            raise ServerExited(self._describe(status))

    def _wait_until_ready(self, timeout: float) -> str:
        try:
            line = self._first_lines.get(timeout=timeout)
        except Empty:
            raise StartError(f"the server was not ready within {timeout:g} s" + self._last_words()) from None
        if line.startswith(READY):
            return line.removeprefix(READY).strip()
        reason = self.exit_reason(within=STOP_TIMEOUT)
        raise StartError(reason or f"expected `{READY}URL` from the server, got {line!r}")

    def _read_instance(self) -> str | None:
        """Return the ID that the health check of the server returns."""
        with contextlib.suppress(Empty):
            line = self._first_lines.get(timeout=INSTANCE_TIMEOUT)
            if line.startswith(INSTANCE):
                return line.removeprefix(INSTANCE).strip()
        return None

    def _read_output(self, output: IO[str]) -> None:
        for _ in range(2):
            self._first_lines.put(output.readline())
        while output.read(4096):
            pass

    def _read_log(self, log: IO[str]) -> None:
        self._log.extend(log)

    def _describe(self, status: int) -> str:
        if status >= 0:
            return f"the server exited with status {status}" + self._last_words()
        name = signal.Signals(-status).name if -status in signal.valid_signals() else f"signal {-status}"
        return f"the server was killed by {name}" + self._last_words()

    def _last_words(self) -> str:
        lines = [line.removeprefix("tiledesk-mock: ").rstrip() for line in list(self._log.copy())[-20:]]
        return ": " + "\n".join(lines) if lines else ""

    def _stop_at_exit(self) -> None:
        with contextlib.suppress(ServerExited):
            self.stop()

    def _kill(self) -> None:
        self._child.kill()
        self._child.wait()
        self._release()

    def _release(self) -> None:
        """Release the resources of the process after it has ended."""
        atexit.unregister(self._stop_at_exit)
        with self._lock:
            watcher, self._watcher = self._watcher, None
        if watcher is not None:
            # Kill it before the pipe closes: the process ID of the server may already be reused.
            watcher.kill()
            watcher.communicate()
        for reader, pipe in zip(self._readers, (self._child.stdout, self._child.stderr), strict=True):
            reader.join(1)
            if pipe is not None and not reader.is_alive():
                pipe.close()


def _spawn(command: Sequence[str], *, stdin: int, stdout: int, stderr: int) -> subprocess.Popen[str]:
    """Start a process that Ctrl+C does not reach, so that tests can still be torn down."""
    group = 0
    if sys.platform == "win32":
        group = subprocess.CREATE_NEW_PROCESS_GROUP
    return subprocess.Popen(
        command,
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        encoding="utf-8",
        errors="replace",
        env={**os.environ, "NO_COLOR": "1"},
        start_new_session=True,
        creationflags=group,
    )


def _watch(server: int) -> subprocess.Popen[str] | None:
    # A frozen application has no interpreter for the watcher.
    if not sys.executable or getattr(sys, "frozen", False):
        return None
    command = [sys.executable, "-I", "-S", "-c", WATCHER, str(server)]
    return _spawn(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
