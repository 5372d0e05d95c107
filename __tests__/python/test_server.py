from __future__ import annotations

import socket

import emulator as e

# One that needs no signature.
TARGET = "AWSCognitoIdentityProviderService.InitiateAuth"
REQUEST = f"POST / HTTP/1.1\r\nHost: {{}}\r\nX-Amz-Target: {TARGET}\r\nContent-Length: 2\r\n\r\n"


def test_head_and_body_of_an_answer_arrive_together(emulator: e.Emulator) -> None:
    """Terraform's provider loses a body that comes after the head: see `vwt_local/one_write.py`."""
    host, port = emulator.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=300) as connection:
        for _ in range(50):
            connection.sendall(REQUEST.format(host).encode())
            connection.sendall(b"{}")
            head, _, body = connection.recv(65536).decode().lower().partition("\r\n\r\n")
            (length,) = (line.split(": ")[1] for line in head.split("\r\n") if line.startswith("content-length"))
            assert len(body) == int(length) > 0
