"""Calls ten operations with the client that openapi-python-client generates. The only argument is the base URL."""

import sys
from datetime import datetime, timezone
from io import BytesIO

from tiledesk_python_client import AuthenticatedClient, Client
from tiledesk_python_client.api.authentication import sign_in
from tiledesk_python_client.api.files import upload_chat_file
from tiledesk_python_client.api.leads import create_lead, delete_lead_physically, get_lead, list_leads, update_lead
from tiledesk_python_client.api.messages import send_message
from tiledesk_python_client.api.requests import list_requests
from tiledesk_python_client.models import (
    Credentials,
    FileForm,
    Lead,
    LeadPage,
    LeadPatch,
    NewLead,
    NewMessage,
    Refusal,
    Removal,
    RequestPage,
    SentMessage,
    Session,
    SortDirection,
    UploadedFile,
)
from tiledesk_python_client.types import UNSET, File

URL = sys.argv[1]
PROJECT = "5b55e806c93dde00143163dd"


def answered(kind, result):
    """The result of a successful call, an instance of a generated class."""
    assert isinstance(result, kind), f"{kind.__name__} expected, got {result}"
    return result


anybody = Client(base_url=URL, raise_on_unexpected_status=True)
credentials = Credentials(email="andrea.leo@f21.it", password="123456")
session = answered(Session, sign_in.sync(client=anybody, body=credentials))
assert session.user.firstname == "Andrea"

# The token starts with JWT.
agent = AuthenticatedClient(base_url=URL, token=session.token, prefix="", raise_on_unexpected_status=True)

page = answered(LeadPage, list_leads.sync(PROJECT, client=agent, limit=1))
assert len(page.leads) == 1

body = NewLead(lead_id="42", fullname="Ada", email="ada@example.com")
made = answered(Lead, create_lead.sync(PROJECT, client=agent, body=body))
assert made.fullname == "Ada"
assert made.company is UNSET
assert made.created_at == datetime(2026, 1, 1, 12, tzinfo=timezone.utc)

found = answered(Lead, get_lead.sync(PROJECT, made.field_id, client=agent))
assert found == made

changed = answered(Lead, update_lead.sync(PROJECT, made.field_id, client=agent, body=LeadPatch(company="Ada & Co")))
assert changed.company == "Ada & Co"

query = {"status": "all", "direction": SortDirection.NUMERIC_ASCENDING, "has_bot": False, "limit": 5}
requests = answered(RequestPage, list_requests.sync(PROJECT, client=agent, **query)).requests
assert requests and not any(request.has_bot for request in requests)

message = NewMessage(text="Hello")
sent = answered(SentMessage, send_message.sync(PROJECT, "support-group-client", client=agent, body=message))
assert sent.text == "Hello"

form = FileForm(file=File(BytesIO(b"Hello"), "note.txt", "text/plain"))
upload = answered(UploadedFile, upload_chat_file.sync(PROJECT, client=agent, body=form))
assert upload.message == "File uploaded successfully"

removed = answered(Removal, delete_lead_physically.sync(PROJECT, made.field_id, client=agent))
assert removed.deleted_count == 1

# Errors have a class, too.
answer = get_lead.sync_detailed(PROJECT, made.field_id, client=agent)
assert answer.status_code == 404
refusal = answered(Refusal, answer.parsed)
assert refusal.success is False
assert refusal.msg == "Object not found."
