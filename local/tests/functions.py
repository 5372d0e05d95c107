"""Lambda functions of tests."""

from __future__ import annotations

import io
import zipfile

import emulator as e


def create(emulator: e.Emulator, name: str, code: str) -> str:
    """Makes a Node.js function of one file, whose role may write its log and nothing else; returns its ARN."""
    log = f"arn:aws:logs:{e.REGION}:{e.ACCOUNT}:log-group:/aws/lambda/{name}:*"
    grants = [(action, log) for action in ("logs:CreateLogStream", "logs:PutLogEvents")]
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("index.js", code)
    arn: str = emulator.client("lambda").create_function(
        FunctionName=name,
        Runtime="nodejs22.x",
        Handler="index.handler",
        Role=e.role(emulator, f"{name}-function", "lambda.amazonaws.com", *grants),
        Code={"ZipFile": archive.getvalue()},
    )["FunctionArn"]
    return arn
