"""Customizations that the configuration of Schemathesis does not support."""

import os
import urllib.request

import schemathesis
from schemathesis.specs.openapi import _auth_retry

# A one-word Authorization header is malformed (400) instead of a wrong credential (401).
_auth_retry.INVALID_CREDENTIAL = "JWT invalid"

# These invalidate the caller's password, account, membership, or project, so that all later calls would fail.
SPOILERS = {
    "PUT /users/changepsw",
    "PUT /auth/resetpsw/{key}",
    "DELETE /users",
    "DELETE /users/physical",
    "PUT /projects/{project_id}",
    "PATCH /projects/{project_id}",
    "DELETE /projects/{project_id}",
    "DELETE /projects/{project_id}/physical",
    "POST /projects/{project_id}/ban",
    "PUT /{project_id}/project_users",
    "PUT /{project_id}/project_users/{project_user_id}",
    "DELETE /{project_id}/project_users/{project_user_id}",
}

latest = None


@schemathesis.hook
def before_call(context, case, **kwargs):
    """Resets the world before each operation and each call of a spoiler. Sequences of calls share a world."""
    global latest
    phase = case.meta.phase.name.value if case.meta else None
    operation = context.operation.label
    now = (phase, None if phase == "stateful" else operation)
    if now != latest or (phase != "stateful" and operation in SPOILERS):
        latest = now
        reset = urllib.request.Request(os.environ["SERVER"] + "/_control/reset", method="POST")
        urllib.request.urlopen(reset).close()
