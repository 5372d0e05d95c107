"""What the emulator refuses before anything looks at it: requests of pages, and of who does not know its token."""

from __future__ import annotations

import base64
import stat
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from botocore.auth import S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from ministack.core import iam_evaluator

import emulator as e
from vwt_local.__main__ import _token
from vwt_local.guard import Guard

TOKEN = "known"
API = "/_aws/execute-api/abc/v1/predictions"
FOREIGN = "answers no pages of other origins"
NO_TOKEN = "needs this emulator's token in the header x-vwt-token"
NO_SIGNATURE = "has no signature"
SCOPE = "test/20261126/eu-west-1/s3/aws4_request"
SIGNED = {"authorization": f"AWS4-HMAC-SHA256 Credential={SCOPE}, SignedHeaders=host, Signature=0"}
PRESIGNED = f"X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={SCOPE}&X-Amz-Signature=0"
TARGET = "x-amz-target"


@pytest.fixture(autouse=True)
def _installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Has the root user's signatures count in this process, too."""
    monkeypatch.setattr(iam_evaluator, "_is_root_key", lambda _key: False)


def refusal(method: str, url: str, headers: dict[str, str], *, auth: bool = True) -> str | None:
    path, _, query = url.partition("?")
    everything = {"host": "127.0.0.1:4566", **headers}
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": [(name.encode(), value.encode()) for name, value in everything.items()],
    }
    refused = Guard(TOKEN, auth=auth).refusal(scope)
    return refused and f"{refused.status} {refused.message}"


@pytest.mark.parametrize(
    ("method", "url", "headers", "words"),
    [
        # The request, and what else a page of another origin may send without being asked.
        ("POST", "/_ministack/reset", {"origin": "https://evil.example", "content-type": "text/plain"}, FOREIGN),
        ("POST", "/_ministack/reset", {"origin": "null"}, FOREIGN),
        ("POST", API, {"origin": "http://127.0.0.1.evil.example"}, FOREIGN),
        ("POST", API, {"origin": "http://localhost.evil.example:4566"}, FOREIGN),
        ("POST", API, {"origin": ""}, FOREIGN),
        ("OPTIONS", API, {"origin": "https://evil.example"}, FOREIGN),
        ("GET", "/_vwt/health", {"sec-fetch-site": "cross-site"}, FOREIGN),
        ("GET", f"/bucket/key?{PRESIGNED}", {"sec-fetch-site": "cross-site"}, FOREIGN),
        # A name of the page's owner that points to this machine.
        ("POST", "/_ministack/reset", {"host": "evil.example:4566"}, "not to 'evil.example:4566'"),
        ("GET", "/_vwt/health", {"host": "127.0.0.1.evil.example"}, "names of this machine only"),
        ("GET", "/_vwt/health", {"host": ""}, "names of this machine only"),
        ("GET", "/_vwt/health", {"host": "localhost:4566@evil.example"}, "names of this machine only"),
        # Administration, signed or not.
        ("POST", "/_ministack/reset", {}, NO_TOKEN),
        ("POST", "/_ministack/reset", SIGNED, NO_TOKEN),
        ("POST", "/_ministack/reset", {"x-vwt-token": ""}, NO_TOKEN),
        ("POST", "/_ministack/reset", {"x-vwt-token": "guessed"}, NO_TOKEN),
        ("POST", "/_ministack/config", {}, NO_TOKEN),
        ("GET", "/_ministack/lambda-code/filter", {}, NO_TOKEN),
        ("PUT", "/_vwt/capacity", {}, NO_TOKEN),
        ("GET", "/_localstack/init", {}, NO_TOKEN),
        # A command that takes another emulator for its own.
        ("GET", "/_vwt/health", {"x-vwt-token": "of another one"}, NO_TOKEN),
        # AWS without a signature.
        ("DELETE", "/bucket/key", {}, NO_SIGNATURE),
        ("GET", "/bucket", {}, NO_SIGNATURE),
        ("DELETE", "/bucket/key", {"authorization": "Bearer x"}, NO_SIGNATURE),
        ("POST", "/", {TARGET: "AmazonSSM.GetParameter"}, NO_SIGNATURE),
        ("GET", "/?Action=DeleteTopic", {}, NO_SIGNATURE),
        ("POST", "/endpoints/model/invocations", {}, NO_SIGNATURE),
        ("POST", "/", {TARGET: "AWSCognitoIdentityProviderService.AdminCreateUser"}, NO_SIGNATURE),
        ("POST", "/", {TARGET: "InitiateAuth"}, NO_SIGNATURE),
        ("GET", "/v2/", {}, "401 Log in"),
        ("GET", "/v2/", {"authorization": "Basic Åsa"}, "401 Log in"),
        ("POST", "/_ministack/reset", {"x-vwt-token": "Åsa"}, NO_TOKEN),
        ("DELETE", "/v2/model/manifests/1", {"authorization": "Basic QVdTOm1pbmlzdGFjaw=="}, "401 Log in"),
    ],
)  # fmt: skip
def test_is_refused(method: str, url: str, headers: dict[str, str], words: str) -> None:
    assert words in (refusal(method, url, headers) or "it went on")


@pytest.mark.parametrize(
    ("method", "url", "headers"),
    [
        ("GET", "/_vwt/health", {}),
        ("GET", "/_ministack/health", {"host": "localhost"}),
        ("GET", "/health", {"host": "[::1]:4566"}),
        ("GET", "/_vwt/health", {"x-vwt-token": TOKEN}),
        ("POST", "/_ministack/reset", {"x-vwt-token": TOKEN}),
        # The API answers for itself; a page of this machine may call it.
        ("POST", API, {}),
        ("POST", API, {"origin": "http://localhost:5173", "sec-fetch-site": "cross-site"}),
        ("POST", API, {"authorization": "eyJ.a.b"}),
        ("OPTIONS", API, {"origin": "http://127.0.0.1:5173"}),
        # Signed ones, whose signature MiniStack checks.
        ("PUT", "/bucket/key", SIGNED),
        ("GET", f"/bucket/key?{PRESIGNED}", {}),
        # People who label sign in without credentials of AWS.
        ("POST", "/", {TARGET: "AWSCognitoIdentityProviderService.InitiateAuth"}),
        ("GET", "/eu-west-1_aB3/.well-known/jwks.json", {}),
        ("GET", "/v2/", {"authorization": f"Basic {base64.b64encode(b'AWS:known').decode()}"}),
    ],
)
def test_goes_on(method: str, url: str, headers: dict[str, str]) -> None:
    assert refusal(method, url, headers) is None


def test_without_auth_calls_need_no_signature_and_pages_stay_out() -> None:
    assert refusal("GET", "/bucket", {}, auth=False) is None
    assert FOREIGN in (refusal("GET", "/bucket", {"origin": "https://evil.example"}, auth=False) or "")
    assert NO_TOKEN in (refusal("POST", "/_ministack/reset", {}, auth=False) or "")


def status_of(emulator: e.Emulator, method: str, path: str, headers: dict[str, str] | None = None) -> int:
    request = urllib.request.Request(emulator.url + path, headers=headers or {}, method=method)
    try:
        with urllib.request.urlopen(request) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def test_nothing_is_emptied_by_a_page(emulator: e.Emulator) -> None:
    headers = {"Origin": "https://evil.example", "Content-Type": "text/plain"}
    assert status_of(emulator, "POST", "/_ministack/reset", headers) == 403
    assert status_of(emulator, "DELETE", f"/{e.BUCKET}") == 403
    emulator.client("s3").head_bucket(Bucket=e.BUCKET)


def test_the_root_user_signs_with_the_token(emulator: e.Emulator) -> None:
    for service, call in (("s3", "list_buckets"), ("ssm", "describe_parameters"), ("sts", "get_caller_identity")):
        guessed = emulator.client(service, secret="test")
        assert e.error_of(getattr(guessed, call))[0] in ("SignatureDoesNotMatch", "InvalidSignatureException"), service
        getattr(emulator.client(service), call)()


@pytest.mark.parametrize("key", ["test", e.ACCOUNT])
def test_a_presigned_link_needs_the_token(emulator: e.Emulator, key: str) -> None:
    emulator.client("s3").put_object(Bucket=e.BUCKET, Key="linked", Body=b"held")
    for secret, status in ((emulator.token, 200), ("test", 403)):
        link = AWSRequest("GET", f"{emulator.url}/{e.BUCKET}/linked")
        S3SigV4QueryAuth(Credentials(key, secret), "s3", e.REGION, expires=60).add_auth(link)
        assert status_of(emulator, "GET", link.url.removeprefix(emulator.url)) == status


def test_an_image_registry_lets_in_who_asked_for_a_token(emulator: e.Emulator) -> None:
    (told,) = emulator.client("ecr").get_authorization_token()["authorizationData"]
    login = {"Authorization": f"Basic {told['authorizationToken']}"}
    assert status_of(emulator, "GET", "/v2/", login) == 200


def test_the_token_is_its_owners_alone_and_lasts_with_the_state(tmp_path: Path) -> None:
    first = _token(tmp_path)
    assert stat.S_IMODE((tmp_path / "token").stat().st_mode) == 0o600
    assert (_token(tmp_path), len(first)) == (first, 40)
    (tmp_path / "token").chmod(0o644)
    assert _token(tmp_path) != first
