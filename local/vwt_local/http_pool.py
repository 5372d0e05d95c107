"""Calls containers by HTTP over connections that stay open; the runtime's latency is made here."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Answer:
    """A container's answer; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class HttpPool:
    """Connections to one port of this machine. Used on the event loop only."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._idle: list[Connection] = []

    async def post(self, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Sends one request.

        Raises:
            OSError: Nobody listens, or the connection broke.
            asyncio.IncompleteReadError: The answer was cut off.
        """
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        request = (
            f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(body)}\r\n{head}\r\n".encode() + body
        )
        while self._idle:
            connection = self._idle.pop()
            try:
                return await self._send(connection, request)
            except (OSError, asyncio.IncompleteReadError) as error:
                # The container may close an idle connection just as it is used; anything after the first byte is real.
                if getattr(error, "partial", b""):
                    raise
        return await self._send(await asyncio.open_connection("127.0.0.1", self.port), request)

    async def _send(self, connection: Connection, request: bytes) -> Answer:
        reader, writer = connection
        try:
            writer.write(request)
            await writer.drain()
            lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            pairs = (line.partition(":") for line in lines[1:] if line)
            headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
            body = await reader.readexactly(int(headers["content-length"]))
        except BaseException:
            # Cancelled ones too: the answer to this request must not meet the next one.
            writer.close()
            raise
        if headers.get("connection", "").lower() == "close":
            writer.close()
        else:
            self._idle.append(connection)
        return Answer(int(lines[0].split(" ")[1]), headers, body)

    def close(self) -> None:
        """Closes the idle connections."""
        while self._idle:
            self._idle.pop()[1].close()
