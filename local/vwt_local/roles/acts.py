"""Asks a role for what a service does in its name."""

from __future__ import annotations

import logging
from collections import deque

from ministack.core.responses import get_account_id, get_region

from .. import iam
from ..errors import ApiError
from .table import Act

_log = logging.getLogger(__name__)

# Refusals that AWS would have told nobody about, the newest last.
_unseen: deque[dict[str, str]] = deque(maxlen=1000)


def require(act: Act, role: str, session: str = "SageMaker", **names: str) -> None:
    """Checks that a role may do all that an act needs.

    Args:
        act: A row of the table.
        role: The role's ARN; the service has assumed it.
        session: The session's name, for messages.
        names: Values for the placeholders in the act's resources and texts.

    Raises:
        ApiError: With the act's code and what AWS says; with IAM's text where AWS would say nothing.
    """
    if not iam.enforced():
        return
    principal = iam.assumed(role, session)
    known = {"region": get_region(), "account": get_account_id(), **names}
    for action, resource in act.needs:
        try:
            iam.require_of(principal, action, resource.format(**known), act.keys)
        except ApiError as error:
            _log.warning("%s: %s", role, error.message)
            raise refusal(act, role, error.message, operation=action.partition(":")[2], **names) from error


def refusal(act: Act, role: str, denial: str, **names: str) -> ApiError:
    """Makes the error by which AWS says that a role may not do something.

    Args:
        act: A row of the table.
        role: The role's ARN.
        denial: Why, in the words of IAM or of the service that refused it.
        names: Values for the placeholders in the act's text.
    """
    text = act.refusal or "{denial}"
    return ApiError(act.code, text.format(role=role, denial=denial, region=get_region(), **names))


def may(act: Act, role: str, session: str = "SageMaker", **names: str) -> bool:
    """Tells whether a role may do all that an act needs; `unseen` lists a refusal, of which AWS tells nobody."""
    try:
        require(act, role, session, **names)
    except ApiError as error:
        note(role, error.message)
        return False
    return True


def note(role: str, refusal: str) -> None:
    """Keeps a refusal that AWS tells nobody about."""
    _unseen.append({"role": role, "refusal": refusal})


def unseen() -> list[dict[str, str]]:
    """Lists the refusals that AWS tells nobody about, each with the role and what it lacks."""
    return list(_unseen)
