"""What Schemathesis cannot be told by its configuration."""

import os
import urllib.request

import schemathesis
from schemathesis.specs.openapi import _auth_retry

# An Authorization header of one word is malformed, and no wrong credential: 400 and not 401.
_auth_retry.INVALID_CREDENTIAL = "JWT invalid"

# They take the caller's password, account, membership or project away, so that no later call could reach anything.
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
    """Each operation begins in a new world, and so does each call of a spoiler; sequences of calls share one."""
    global latest
    phase = case.meta.phase.name.value if case.meta else None
    operation = context.operation.label
    now = (phase, None if phase == "stateful" else operation)
    if now != latest or (phase != "stateful" and operation in SPOILERS):
        latest = now
        reset = urllib.request.Request(os.environ["SERVER"] + "/_control/reset", method="POST")
        urllib.request.urlopen(reset).close()
