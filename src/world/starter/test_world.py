"""Starts tiledesk-mock with world.yaml, and stops it afterwards. Run it with `pytest`."""

import base64
import json
import pathlib
import subprocess
import urllib.request

import pytest

PROJECT = "65a000000000000000000001"


@pytest.fixture(scope="session")
def url():
    world = pathlib.Path(__file__).with_name("world.yaml")
    command = ["tiledesk-mock", "--port", "0", "--fixtures", str(world)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        yield server.stdout.readline().strip().removeprefix("listening on ")
        server.terminate()


def get(url, path):
    credentials = base64.b64encode(b"ada@example.com:123456").decode()
    request = urllib.request.Request(f"{url}/v3/{PROJECT}{path}", headers={"Authorization": f"Basic {credentials}"})
    with urllib.request.urlopen(request) as response:
        return json.load(response)


def test_a_visitor_is_waiting_for_an_answer(url):
    waiting = get(url, "/requests?status=100")["requests"]
    assert [request["first_text"] for request in waiting] == ["Do you ship to Norway?"]
