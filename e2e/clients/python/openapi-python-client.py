"""Calls ten operations with the generated client. The only argument is the base URL of the API."""

import sys
from datetime import datetime, timezone

from tiledesk_python_client import AuthenticatedClient, Client
from tiledesk_python_client.api.authentication import sign_in, sign_in_anonymously
from tiledesk_python_client.api.leads import create_lead, delete_lead_physically, get_lead, list_leads, update_lead
from tiledesk_python_client.api.messages import list_request_messages, send_message
from tiledesk_python_client.api.requests import close_request
from tiledesk_python_client.models import (
    Closing,
    Credentials,
    Lead,
    LeadPage,
    LeadPatch,
    Message,
    NewLead,
    NewMessage,
    NewVisitor,
    PopulatedRequest,
    Refusal,
    Removal,
    SentMessage,
    Session,
    VisitorSession,
)
from tiledesk_python_client.types import UNSET

URL = sys.argv[1]
PROJECT = "5b55e806c93dde00143163dd"
CONVERSATION = "support-group-python"


def answered(kind, result):
    """The result of a successful call, an instance of a generated class."""
    assert isinstance(result, kind), f"{kind.__name__} expected, got {result}"
    return result


def caller(token):
    """A client with the token returned by sign-in, which starts with JWT."""
    return AuthenticatedClient(base_url=URL, token=token, prefix="", raise_on_unexpected_status=True)


anybody = Client(base_url=URL, raise_on_unexpected_status=True)
credentials = Credentials(email="andrea.leo@f21.it", password="123456")
session = answered(Session, sign_in.sync(client=anybody, body=credentials))
agent = caller(session.token)
assert session.user.firstname == "Andrea"

# The lifecycle of a lead.
body = NewLead(lead_id="42", fullname="Ada", email="ada@example.com")
made = answered(Lead, create_lead.sync(PROJECT, client=agent, body=body))
assert made.fullname == "Ada"
assert made.company is UNSET
assert made.created_at == datetime(2026, 1, 1, 12, tzinfo=timezone.utc)

changed = answered(Lead, update_lead.sync(PROJECT, made.field_id, client=agent, body=LeadPatch(company="Ada & Co")))
assert changed.company == "Ada & Co"

found = answered(Lead, get_lead.sync(PROJECT, made.field_id, client=agent))
assert found == changed

page = answered(LeadPage, list_leads.sync(PROJECT, client=agent, email="ada@example.com", limit=1))
assert page.count == 1
assert page.leads == [changed]

removed = answered(Removal, delete_lead_physically.sync(PROJECT, made.field_id, client=agent))
assert removed.deleted_count == 1

# Errors have a class, too.
answer = get_lead.sync_detailed(PROJECT, made.field_id, client=agent)
assert answer.status_code == 404
refusal = answered(Refusal, answer.parsed)
assert refusal.success is False
assert refusal.msg == "Object not found."

# A conversation.
guest = NewVisitor(id_project=PROJECT, firstname="Maria")
visitor = caller(answered(VisitorSession, sign_in_anonymously.sync(client=anybody, body=guest)).token)
sent = answered(SentMessage, send_message.sync(PROJECT, CONVERSATION, client=visitor, body=NewMessage(text="Hello")))
assert sent.sender_fullname == "Maria "
assert answered(PopulatedRequest, sent.request).first_text == "Hello"

messages = answered(list, list_request_messages.sync(PROJECT, CONVERSATION, client=agent))
texts = [answered(Message, message).text for message in messages]
assert len(texts) == 2, "the department's bot responds"
assert texts[0] == "Hello"

closed = answered(PopulatedRequest, close_request.sync(PROJECT, CONVERSATION, client=agent, body=Closing(force=True)))
assert closed.status == 1000
assert closed.closed_by == session.user.field_id
assert closed.lead.fullname == "Maria "
