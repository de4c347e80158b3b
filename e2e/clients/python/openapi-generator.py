"""Calls ten operations with the client that openapi-generator generates. The only argument is the base URL."""

import sys

from tiledesk_client import (
    ApiClient,
    AuthenticationApi,
    Configuration,
    Credentials,
    FilesApi,
    LeadPatch,
    LeadsApi,
    MessagesApi,
    NewLead,
    NewMessage,
    Refusal,
    RequestsApi,
    SortDirection,
)
from tiledesk_client.exceptions import NotFoundException

URL = sys.argv[1]
PROJECT = "5b55e806c93dde00143163dd"

anybody = ApiClient(Configuration(host=URL))
session = AuthenticationApi(anybody).sign_in(Credentials(email="andrea.leo@f21.it", password="123456"))
assert session.user.firstname == "Andrea"

agent = ApiClient(Configuration(host=URL, api_key={"jwt": session.token}))
leads = LeadsApi(agent)

assert len(leads.list_leads(PROJECT, status=100, limit=1).leads) == 1

made = leads.create_lead(PROJECT, new_lead=NewLead(lead_id="42", fullname="Ada", email="ada@example.com"))
assert made.fullname == "Ada"
assert made.to_dict()["_id"] == made.id

assert leads.get_lead(PROJECT, made.id) == made

changed = leads.update_lead(PROJECT, made.id, lead_patch=LeadPatch(company="Ada & Co"))
assert changed.company == "Ada & Co"

query = {"status": "all", "direction": SortDirection.NUMERIC_ASCENDING, "has_bot": False, "limit": 5}
requests = RequestsApi(agent).list_requests(PROJECT, **query).requests
assert requests and not any(request.has_bot for request in requests)

sent = MessagesApi(agent).send_message(PROJECT, "support-group-client", new_message=NewMessage(text="Hello"))
assert sent.text == "Hello"

upload = FilesApi(agent).upload_chat_file(PROJECT, ("note.txt", b"Hello"))
assert upload.message == "File uploaded successfully"

assert leads.delete_lead_physically(PROJECT, made.id).deleted_count == 1

try:
    leads.get_lead(PROJECT, made.id)
    raise AssertionError("the lead is deleted")
except NotFoundException as error:
    assert isinstance(error.data, Refusal)
    assert error.data.msg == "Object not found."
