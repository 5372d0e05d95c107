"""Supervises one instance behind an endpoint: a `serve` process that is started again when it dies."""

from __future__ import annotations

import http.client
import logging
import socket
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from .http_pool import HttpPool
from .processes import Container
from .threads import start

_log = logging.getLogger(__name__)

# SageMaker waits minutes for the first /ping, and so does a machine that has much else to do.
_START_SECONDS = 300.0
_PING_INTERVAL = 0.02
# A model that dies at every start must not keep a core busy.
_RESTART_SECONDS = (0.1, 0.5, 1.0, 3.0, 5.0)
_STOP_GRACE = 3.0
# A request lasts at most 60 seconds, as on AWS; a little more lets the last one finish.
_DRAIN_SECONDS = 65.0


class StartError(Exception):
    """Tells that a container did not come up; the text is the last line it printed."""


class Replica:
    """A supervised `serve`.

    Attributes:
        pool: Connections to the process that runs now, None while there is none. Read on the event loop.
        in_flight: Requests it is answering. Changed on the event loop only.
    """

    def __init__(
        self, program: Path, ml_root: Path, environment: Mapping[str, str], write_log: Callable[[str], None]
    ) -> None:
        """Starts nothing yet; see `Container` for the arguments."""
        self._program = program
        self._ml_root = ml_root
        self._environment = environment
        self._write_log = write_log
        self._container: Container | None = None
        self._stopped = threading.Event()
        self.pool: HttpPool | None = None
        self.in_flight = 0

    @property
    def pid(self) -> int | None:
        """The id of the process that runs now."""
        return self._container.pid if self._container and self._container.alive else None

    def start(self) -> None:
        """Starts the process and waits for its first good /ping.

        Raises:
            StartError: It ended or was silent.
        """
        container = self._launch()
        start(self._supervise, container)

    def _launch(self) -> Container:
        port = _free_port()
        container = Container(
            self._program,
            self._ml_root,
            {**self._environment, "SAGEMAKER_BIND_TO_PORT": str(port), "SM_BIND_HOST": "127.0.0.1"},
            self._write_log,
        )
        self._container = container
        deadline = time.monotonic() + _START_SECONDS
        while not _answers_ping(port):
            if not container.alive or self._stopped.is_set() or time.monotonic() > deadline:
                container.stop(0)
                raise StartError(container.last_line)
            time.sleep(_PING_INTERVAL)
        if self._stopped.is_set():
            container.stop(0)
            raise StartError("It was stopped while it started.")
        self.pool = HttpPool(port)
        return container

    def _supervise(self, container: Container) -> None:
        attempt = 0
        while True:
            started = time.monotonic()
            code = container.wait()
            self.pool = None
            if time.monotonic() - started > _RESTART_SECONDS[-1]:
                attempt = 0
            while not self._stopped.wait(_RESTART_SECONDS[min(attempt, len(_RESTART_SECONDS) - 1)]):
                attempt += 1
                self._write_log(f"The container ended with code {code} and is started again.")
                try:
                    container = self._launch()
                    break
                except StartError as error:
                    _log.warning("A replica did not come up again: %s", error)
            else:
                return

    def drain(self) -> None:
        """Waits until the requests in flight are answered. Blocks."""
        deadline = time.monotonic() + _DRAIN_SECONDS
        while self.in_flight and self.pid and time.monotonic() < deadline:
            time.sleep(0.02)

    def stop(self) -> None:
        """Ends the process and does not start it again. Blocks."""
        self._stopped.set()
        if self._container:
            self._container.stop(_STOP_GRACE)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _answers_ping(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
    try:
        connection.request("GET", "/ping")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()
