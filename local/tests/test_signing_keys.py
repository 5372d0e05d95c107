"""Keys that sign for a chain: on secp256k1, of digests, by whom they let sign."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.serialization import load_der_public_key
from ministack.core import persistence
from ministack.core.responses import AccountRegionScopedDict, request_scope
from ministack.services import kms

import emulator as e

DIGEST = hashlib.sha256(b"a transaction").digest()
REQUEST = {"Message": DIGEST, "MessageType": "DIGEST", "SigningAlgorithm": "ECDSA_SHA_256"}


def verified(public: bytes, signature: bytes, digest: bytes = DIGEST) -> bool:
    key = load_der_public_key(public)
    assert isinstance(key, ec.EllipticCurvePublicKey)
    assert isinstance(key.curve, ec.SECP256K1)
    try:
        key.verify(signature, digest, ec.ECDSA(Prehashed(hashes.SHA256())))
    except InvalidSignature:
        return False
    return True


@pytest.fixture(scope="module")
def key(emulator: e.Emulator) -> str:
    made = emulator.client("kms").create_key(KeySpec="ECC_SECG_P256K1", KeyUsage="SIGN_VERIFY")
    arn: str = made["KeyMetadata"]["Arn"]
    return arn


def test_a_signature_of_a_digest_is_the_keys(emulator: e.Emulator, key: str) -> None:
    client = emulator.client("kms")
    public = client.get_public_key(KeyId=key)
    assert (public["KeySpec"], public["SigningAlgorithms"]) == ("ECC_SECG_P256K1", ["ECDSA_SHA_256"])
    signature = client.sign(KeyId=key, **REQUEST)["Signature"]
    assert verified(public["PublicKey"], signature)
    assert not verified(public["PublicKey"], signature, hashlib.sha256(b"another").digest())


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"Message": DIGEST[1:]}, "ValidationException"),
        ({"SigningAlgorithm": "ECDSA_SHA_384"}, "InvalidKeyUsageException"),
        ({"SigningAlgorithm": "none"}, "ValidationException"),
    ],
)
def test_what_cannot_be_signed(emulator: e.Emulator, key: str, changes: dict[str, Any], code: str) -> None:
    found, message = e.error_of(lambda: emulator.client("kms").sign(KeyId=key, **{**REQUEST, **changes}))
    assert found == code, message


def test_nobody_signs_without_leave(emulator: e.Emulator, key: str) -> None:
    iam = emulator.client("iam")
    iam.create_user(UserName="signer")
    access = iam.create_access_key(UserName="signer")["AccessKey"]
    client = emulator.client("kms", access["AccessKeyId"], access["SecretAccessKey"])
    calls = {
        "kms:Sign": lambda: client.sign(KeyId=key, **REQUEST),
        "kms:GetPublicKey": lambda: client.get_public_key(KeyId=key),
    }
    for action, call in calls.items():
        code, message = e.error_of(call)
        assert (code, f"perform: {action} " in message) == ("AccessDeniedException", True), message
    statement = {"Effect": "Allow", "Action": list(calls), "Resource": key}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_user_policy(UserName="signer", PolicyName="p", PolicyDocument=policy)
    for call in calls.values():
        call()


def test_a_key_signs_the_same_after_a_restart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kms, "_keys", AccountRegionScopedDict())
    with request_scope(e.ACCOUNT, e.REGION):
        kms._create_key({"KeySpec": "ECC_SECG_P256K1", "KeyUsage": "SIGN_VERIFY"})
        (number,) = kms._keys
        public = kms._keys[number]["_public_key_der"]
        text = json.dumps(kms.get_state(), default=persistence._json_default)
        monkeypatch.setattr(kms, "_keys", AccountRegionScopedDict())
        kms.load_persisted_state(json.loads(text, object_hook=persistence._json_object_hook))
        answer = json.loads(kms._sign({"KeyId": number, **REQUEST, "Message": DIGEST})[2])
        assert verified(public, kms.base64.b64decode(answer["Signature"]))
