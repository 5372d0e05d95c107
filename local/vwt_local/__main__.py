"""`python -m vwt_local`: the emulator's command line.

Exit codes:
    0: Stopped by SIGINT or SIGTERM.
    2: Wrong arguments.
    3: The port is taken.
    4: MiniStack is missing or of another version.
    5: The state folder cannot be used, or another emulator uses it.
    6: The container images cannot be built.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import secrets
import socket
import stat
import sys
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import IO

from . import MINISTACK_VERSION, containers, settings

_OWNER_ONLY = 0o600
_PORT_TAKEN, _WRONG_MINISTACK, _STATE_UNUSABLE, _NO_IMAGES = 3, 4, 5, 6

# MiniStack's names of the services that the framework deploys to. Others would open ports of their own.
_SERVICES = (
    "apigateway", "cloudtrail", "cognito-idp", "dynamodb", "dynamodbstreams", "ecr", "events", "firehose", "glue",
    "iam", "kms", "lambda", "logs", "monitoring", "resource-groups", "s3", "scheduler", "secretsmanager", "sns",
    "sqs", "ssm", "states", "sts", "tagging", "wafv2",
)  # fmt: skip


class StartError(Exception):
    """Refuses a start; carries the message and the exit code."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code


def _arguments() -> tuple[settings.Settings, Path]:
    """Reads the command line: the settings, and the table of container images."""
    parser = argparse.ArgumentParser(
        prog="vwt_local", description="The local emulator of AWS for the VWT ML framework."
    )
    environment = os.environ
    parser.add_argument(
        "--port", type=int, default=int(environment.get("VWT_LOCAL_PORT", "4566")), help="0: a free one"
    )
    parser.add_argument("--state-dir", type=Path, default=Path(environment.get("VWT_LOCAL_STATE", ".local")))
    auth = environment.get("VWT_LOCAL_AUTH", "true") == "true"
    parser.add_argument(
        "--auth", action=argparse.BooleanOptionalAction, default=auth, help="enforce signatures and IAM"
    )
    parser.add_argument("--containers", type=Path, required=True, help="the table of container images, a JSON file")
    given = parser.parse_args()
    chosen = settings.Settings(port=given.port, state=given.state_dir.resolve(), auth=given.auth)
    return chosen, given.containers.resolve()


def _check_ministack() -> None:
    try:
        found = version("ministack")
    except PackageNotFoundError:
        found = "none"
    if found != MINISTACK_VERSION:
        raise StartError(
            f"MiniStack {MINISTACK_VERSION} is needed, found {found}: install local/requirements.txt.", _WRONG_MINISTACK
        )


def _lock(state: Path) -> IO[str]:
    """Claims the state folder for this process; the file must stay open."""
    try:
        state.mkdir(parents=True, exist_ok=True)
        # It holds what players did, keys of clients, and the token.
        state.chmod(0o700)
        lock = (state / "lock").open("w")
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise StartError(f"The state folder {state} cannot be used or is in use: {error}", _STATE_UNUSABLE) from error
    return lock


def _token(state: Path) -> str:
    """Reads the secret of the state folder from a file for its owner alone; makes one when there is none."""
    file = state / "token"
    try:
        held = file.read_text()
        if stat.S_IMODE(file.stat().st_mode) == _OWNER_ONLY and held:
            return held
        file.unlink()  # others may have read it
    except FileNotFoundError:
        pass
    made = secrets.token_hex(20)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY), "w") as opened:
        opened.write(made)
    return made


def _images(table: Path, state: Path) -> tuple[containers.Image, ...]:
    try:
        return containers.build_all(table, state / "images")
    except ValueError as error:
        raise StartError(str(error), _NO_IMAGES) from error


def _bind(port: int) -> socket.socket:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
    except OSError as error:
        raise StartError(f"Port {port} of 127.0.0.1 cannot be used: {error.strerror}.", _PORT_TAKEN) from error
    return listener


def _configure_ministack(chosen: settings.Settings) -> None:
    """Sets the variables that MiniStack reads when it is imported. Lambda functions inherit all of them."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        # A developer's credentials, region or endpoint are none of the emulator's business.
        del os.environ[name]
    os.environ.update(
        AUTH="true" if chosen.auth else "false",
        AWS_ACCESS_KEY_ID="test",  # the emulator's root user
        AWS_SECRET_ACCESS_KEY=chosen.token,
        AWS_ENDPOINT_URL=f"http://127.0.0.1:{chosen.port}",
        BIND_HOST="127.0.0.1",
        GATEWAY_PORT=str(chosen.port),
        IOT_MTLS_ENABLED="0",
        MINISTACK_HOST="127.0.0.1",
        PERSIST_STATE="1",
        S3_DATA_DIR=str(chosen.state / "s3"),
        S3_PERSIST="1",
        SERVICES=",".join(_SERVICES),
        SFTP_ENABLED="0",
        STATE_DIR=str(chosen.state / "ministack"),
    )
    os.environ.setdefault("LOG_LEVEL", "WARNING")


def main() -> int:
    """Starts the emulator; returns its exit code."""
    chosen, table = _arguments()
    try:
        _check_ministack()
        lock = _lock(chosen.state)
        listener = _bind(chosen.port)
        token = _token(chosen.state)
        images = _images(table, chosen.state)
    except StartError as error:
        print(f"vwt_local: {error}", file=sys.stderr)
        return error.code
    chosen = replace(chosen, port=listener.getsockname()[1], token=token, images=images)
    settings.use(chosen)
    _configure_ministack(chosen)
    from . import server  # imports MiniStack, which reads the variables set above

    with lock:
        print(f"vwt_local: http://127.0.0.1:{chosen.port}, auth {chosen.auth}, state {chosen.state}", flush=True)
        server.run(chosen, listener)
    return 0


if __name__ == "__main__":
    sys.exit(main())
