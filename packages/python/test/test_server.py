"""Starting and stopping servers, and crashes."""

import os
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import time

import pytest

import tiledesk_mock
from tiledesk_mock import ServerExited, StartError, Unreachable, WrongServer, connect, start


def gone(pid, within=5.0):
    """Whether a process ends in time."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.02)
    return False


def test_two_servers_share_nothing():
    with start(seed=1) as one, start(seed=2) as two:
        assert one.url != two.url
        one.state.load({})
        assert one.state.export() != two.state.export()


def test_a_server_stops_with_its_block():
    with start() as server:
        pid = server.pid
    assert gone(pid, within=0.5)
    with pytest.raises(ServerExited, match="exited with status 0"):
        server.reset()


def test_options_reach_the_server(tmp_path):
    world = tmp_path / "world.json"
    world.write_text("{}")
    with start(fixtures=world, clock="2030-01-01T00:00:00Z", strict=True, journal=1, args=["--safe-csv"]) as server:
        assert server.clock.now().isoformat() == "2030-01-01T00:00:00+00:00"
        assert not any(server.state.export().values())
    with start(fixtures={"users": []}) as server:
        assert not any(server.state.export().values())


def test_a_misspelled_option_is_rejected():
    with pytest.raises(TypeError, match="unknown option 'fixture'; did you mean 'fixtures'"):
        start(fixture="world.json")


def test_a_port_in_use_is_reported():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(StartError, match=rf"cannot listen on 127\.0\.0\.1:{port}"):
            start(port=port)


def test_invalid_fixtures_are_reported_with_their_location(tmp_path):
    with pytest.raises(StartError, match=r"status 2: .*world\.json: /leads/0: "):
        start(fixtures={"leads": [{}]})
    with pytest.raises(StartError, match="no such file or directory"):
        start(fixtures=tmp_path / "absent.json")


def test_a_program_that_never_listens_times_out(tmp_path):
    program = tmp_path / "program"
    program.write_text("#!/bin/sh\necho thinking >&2\nexec sleep 60\n")
    program.chmod(0o755)
    started = time.monotonic()
    with pytest.raises(StartError, match=r"not ready within 0\.5 s: thinking"):
        start(binary=program, timeout=0.5)
    assert time.monotonic() - started < 5


def test_a_program_that_cannot_run_is_reported(tmp_path):
    with pytest.raises(StartError, match=r"cannot run .*absent: No such file"):
        start(binary=tmp_path / "absent")


def test_a_crash_ends_a_wait_immediately():
    server = start()
    threading.Timer(0.3, os.kill, (server.pid, signal.SIGKILL)).start()
    started = time.monotonic()
    with pytest.raises(ServerExited, match="killed by SIGKILL"):
        server.journal.wait(timeout=60)
    assert time.monotonic() - started < 10
    with pytest.raises(ServerExited, match="killed by SIGKILL"):
        server.stop()


def test_an_exception_in_a_block_is_not_hidden_by_the_server():
    with pytest.raises(ZeroDivisionError), start() as server:
        os.kill(server.pid, signal.SIGKILL)
        raise ZeroDivisionError


def test_too_little_coverage_fails_the_block(tmp_path):
    with pytest.raises(ServerExited, match=r"status 1: .*covered"), start(coverage=tmp_path / "c.json", fail_under=50):
        pass
    assert (tmp_path / "c.json").stat().st_size > 0


@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGTERM, None])
def test_a_server_ends_with_its_process(sent):
    code = "import tiledesk_mock, sys; print(tiledesk_mock.start().pid, flush=True); sys.stdin.read()"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        pid = int(process.stdout.readline())
        if sent is not None:
            process.send_signal(sent)
        process.communicate()
    assert gone(pid)


def test_a_forked_process_leaves_the_server_alone():
    code = """
        import os, sys, tiledesk_mock
        server = tiledesk_mock.start()
        child = os.fork()
        if child == 0:
            server.reset()
            sys.exit()
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        server.reset()
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(code)], check=True, timeout=30)


def test_the_command_forwards_arguments_and_status():
    command = [sys.executable, "-m", "tiledesk_mock"]
    assert subprocess.run([*command, "--port", "x"], capture_output=True, check=False).returncode == 2
    assert subprocess.run([*command, "health", "--url", "http://127.0.0.1:1"], capture_output=True, check=False).returncode == 1
    with subprocess.Popen([*command, "--port", "0"], stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout.readline().startswith("listening on http://127.0.0.1:")
        server.terminate()
        assert server.wait(10) == 0


def test_another_server_at_the_same_address_is_not_mistaken_for_the_expected_one(tmp_path, monkeypatch):
    with start(args=["--instance", "other"]) as other:
        impostor = tmp_path / "tiledesk-mock"
        impostor.write_text(f"#!/bin/sh\necho 'listening on {other.url}'\necho '  instance       mine'\nexec sleep 60\n")
        impostor.chmod(0o755)
        with pytest.raises(StartError, match=r"another server responds at .*: expected instance mine, found instance other"):
            start(binary=impostor)
        with pytest.raises(WrongServer):
            connect(other.url, instance="mine")
        assert connect(other.url, instance="other").clock.now()
        monkeypatch.setenv("TILEDESK_MOCK_INSTANCE", "mine")
        with pytest.raises(WrongServer):
            connect(other.url)


def test_a_server_that_requires_tls_is_recognized():
    with start(args=["--tls-self-signed", "--require-tls"]) as server:
        assert server.url.startswith("https:")


def test_connect_waits_and_gives_up():
    with start(control_token="secret") as server:
        assert connect(server.url, control_token="secret").clock.now()
        with pytest.raises(tiledesk_mock.ControlError):
            connect(server.url)
    started = time.monotonic()
    with pytest.raises(Unreachable, match=r"no server responded within 0\.3 s"):
        connect(server.url, timeout=0.3)
    assert time.monotonic() - started < 5
    with pytest.raises(ValueError, match="expected the base URL"):
        connect("127.0.0.1:4010")


def test_another_server_is_not_mistaken_for_tiledesk_mock():
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]

        def answer():
            connection, _ = other.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")

        threading.Thread(target=answer, daemon=True).start()
        with pytest.raises(Unreachable, match="returned 200 for GET /_control/clock, but is not a tiledesk-mock server"):
            connect(f"http://127.0.0.1:{port}", timeout=0)
