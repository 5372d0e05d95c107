"""Sends the head of an answer together with its body.

Terraform's provider calls AWS through a smithy-go that closes a request's body as soon as the answer's head is there.
When that comes before Go's own writer has looked for the end of the body, the writer takes the closed body for a
failure and closes the connection. An answer whose body is still on its way is lost then, and the SDK repeats a request
that has already been carried out: a second CreateAlias, for one, is refused. AWS is never near enough for that.
"""

from __future__ import annotations

from typing import Any

import h11
from hypercorn.events import RawData

_HEAD = "_vwt_head"
# Copying a longer body costs more than a second write.
_LONGEST_MERGED = 64 * 1024


async def send_h11_event(protocol: Any, event: Any) -> None:
    """Writes an event at once, as Hypercorn's method does, but for a head that a body of known length follows."""
    try:
        data = protocol.connection.send(event)
    except h11.LocalProtocolError:
        if protocol.connection.their_state != h11.ERROR:
            raise
        return
    head = protocol.__dict__.pop(_HEAD, b"")
    if isinstance(event, h11.Response) and any(name == b"content-length" for name, _ in event.headers):
        setattr(protocol, _HEAD, data)
        return
    if head and len(data) > _LONGEST_MERGED:
        await protocol.send(RawData(data=head))
        head = b""
    await protocol.send(RawData(data=head + data))
