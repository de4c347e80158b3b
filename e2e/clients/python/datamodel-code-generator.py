"""Calls ten operations with the models that datamodel-code-generator generates. The only argument is the base URL."""

import json
import sys
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import tiledesk_models as models

URL = sys.argv[1]
PROJECT = "5b55e806c93dde00143163dd"
BOUNDARY = "boundary"
token = ""


def call(kind, method, path, body=None, headers=()):
    """The response of a call as an instance of a generated class."""
    if isinstance(body, bytes) or body is None:
        data = body
    else:
        data = body.model_dump_json(by_alias=True, exclude_unset=True).encode()
        headers = {"content-type": "application/json"}
    request = Request(f"{URL}{path}", data, {**dict(headers), **({"authorization": token} if token else {})}, method=method)
    with urlopen(request) as response:
        return kind.model_validate(json.load(response))


credentials = models.Credentials(email="andrea.leo@f21.it", password="123456")
session = call(models.Session, "POST", "/auth/signin", credentials)
assert session.user.firstname == "Andrea"
token = session.token

assert len(call(models.LeadPage, "GET", f"/{PROJECT}/leads?status=100&limit=1").leads) == 1

lead = models.NewLead(lead_id="42", fullname="Ada", email="ada@example.com")
made = call(models.Lead, "POST", f"/{PROJECT}/leads", lead)
assert made.fullname == "Ada"

path = f"/{PROJECT}/leads/{made.field_id}"
assert call(models.Lead, "GET", path) == made

changed = call(models.Lead, "PUT", path, models.LeadPatch(company="Ada & Co"))
assert changed.company == "Ada & Co"

direction = models.SortDirection.NUMERIC_ASCENDING.value
page = call(models.RequestPage, "GET", f"/{PROJECT}/requests?status=all&direction={direction}&hasBot=false&limit=5")
assert page.requests and not any(request.hasBot for request in page.requests)

messages = f"/{PROJECT}/requests/support-group-client/messages"
assert call(models.SentMessage, "POST", messages, models.NewMessage(text="Hello")).text == "Hello"

form = (
    f"--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"file\"; filename=\"note.txt\"\r\n"
    f"content-type: text/plain\r\n\r\nHello\r\n--{BOUNDARY}--\r\n"
).encode()
headers = {"content-type": f"multipart/form-data; boundary={BOUNDARY}"}
upload = call(models.UploadedFile, "POST", f"/{PROJECT}/files/chat", form, headers)
assert upload.message == "File uploaded successfully"

assert call(models.Removal, "DELETE", f"{path}/physical").deletedCount == 1

try:
    call(models.Lead, "GET", path)
    raise AssertionError("the lead is deleted")
except HTTPError as error:
    assert error.code == 404
    assert models.Refusal.model_validate(json.load(error)).msg == "Object not found."
