"""A conversation from the first message to the rating, as seen by a visitor and an agent, using requests.

    python story.py [URL]

URL is the base URL of the API (default: the environment variable APIURL, or else the default address of the server). Works with
the default world in any state.
"""

import os
import re
import sys
from uuid import uuid4

import requests

URL = sys.argv[1] if len(sys.argv) > 1 else os.environ.get("APIURL", "http://127.0.0.1:4010/v3")
PROJECT = "5b55e806c93dde00143163dd"


class Caller(requests.Session):
    """A caller of the API, with a token or with an email address and a password."""

    def call(self, method, path, body=None, **query):
        """One call. Errors are raised with the server's message, which raise_for_status() omits."""
        answer = self.request(method, URL + path, params=query, json=body, timeout=30)
        if not answer.ok:
            raise RuntimeError(f"{method} {path}: {answer.status_code} {answer.text}")
        return answer.json()


# A visitor gets a token that includes the JWT prefix and is used as the whole header.
visitor = Caller()
session = visitor.call("POST", "/auth/signinAnonymously", {"id_project": PROJECT, "firstname": "Maria"})
assert session["user"]["firstname"] == "Maria"
visitor.headers["Authorization"] = session["token"]

# An agent can use Basic authentication instead. In the default world all users have the same password.
owner = Caller()
owner.auth = ("andrea.leo@f21.it", "123456")
assert owner.call("GET", "/users")["firstname"] == "Andrea"

# Clients choose the ID of a conversation; the first message creates it.
conversation = f"support-group-{PROJECT}-{uuid4()}"
request = f"/{PROJECT}/requests/{conversation}"
question = visitor.call("POST", f"{request}/messages", {"text": "Do you ship to Ireland?"})
assert question["senderFullname"] == "Maria "
assert question["request"]["first_text"] == "Do you ship to Ireland?"
assert question["request"]["hasBot"], "the bot of the default department serves first"
print(f"Maria asks: {question['text']}")

# The bot cannot answer, so route to Sales, whose agents take turns.
departments = owner.call("GET", f"/{PROJECT}/departments/allstatus")
sales = next(department for department in departments if department["name"] == "Sales")
routed = owner.call("PUT", f"{request}/departments", {"departmentid": sales["_id"]})
assert routed["department"]["name"] == "Sales"
assert not routed["hasBot"]
[colleague] = routed["participatingAgents"]
name = colleague["firstname"]
print(f"{name} from Sales joins the conversation.")

agent = Caller()
agent.auth = (colleague["email"], "123456")
answer = agent.call("POST", f"{request}/messages", {"text": "We do, in three days."})
assert answer["senderFullname"] == f"{name} {colleague['lastname']}"
assert answer["request"]["waiting_time"] >= 0, "the first response determines the waiting time"
print(f"{name} replies: {answer['text']}")

# The visitor sees the messages of both, and system messages.
messages = visitor.call("GET", f"{request}/messages")
people = [message for message in messages if not message["sender"].startswith(("system", "bot_"))]
said = [message["text"] for message in people]
assert said == ["Do you ship to Ireland?", "We do, in three days."], said

tagged = agent.call("PUT", f"{request}/tag", [{"tag": "shipping", "color": "#43B1F2"}])
assert [(tag["tag"], tag["color"]) for tag in tagged["tags"]] == [("shipping", "#43B1F2")]

closed = agent.call("PUT", f"{request}/close")
assert closed["status"] == 1000
assert closed["closed_by"] == colleague["_id"]
transcript = r"Maria : Do you ship to Ireland\?\r\n.*: We do, in three days\."
assert re.search(transcript, closed["transcript"], re.DOTALL), closed["transcript"]
print(f"{name} closes the conversation.")

rated = visitor.call("PATCH", f"{request}/rating", {"rating": 5, "rating_message": "Quick!"})
assert (rated["rating"], rated["rating_message"]) == (5, "Quick!")
print(f"Maria rates it {rated['rating']} of 5: {rated['rating_message']}")


def listed(**query):
    """The IDs of the listed conversations."""
    return [request["request_id"] for request in agent.call("GET", f"/{PROJECT}/requests", **query)["requests"]]


# It is found by its tag among all requests, but no longer listed as open.
assert conversation in listed(status="all", tags="shipping")
assert conversation not in listed()
