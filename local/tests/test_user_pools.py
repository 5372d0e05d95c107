from __future__ import annotations

import base64
import functools
import hmac
import json
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import botocore
from botocore.config import Config
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key

import emulator as e
import functions

PASSWORD = "Correct-horse-7"
ANSWER = (
    "exports.handler = async (event) => ({ statusCode: 200, body: JSON.stringify(event.requestContext.authorizer) });"
)


@functools.cache
def browser(emulator: e.Emulator) -> Any:
    """Returns a client that has no credentials, as a browser has none."""
    config = Config(signature_version=botocore.UNSIGNED, retries={"total_max_attempts": 1})
    return e.session.create_client("cognito-idp", region_name=e.REGION, endpoint_url=emulator.url, config=config)


def make_pool(emulator: e.Emulator) -> tuple[str, str]:
    """Makes a pool whose users an administrator makes, with a client without a secret; returns the ids of both."""
    pools = emulator.client("cognito-idp")
    pool = pools.create_user_pool(
        PoolName="labellers",
        AdminCreateUserConfig={"AllowAdminCreateUserOnly": True},
        Policies={"PasswordPolicy": {"MinimumLength": 12, "RequireNumbers": True}},
        Schema=[{"Name": "operator_id", "AttributeDataType": "String", "Mutable": False}],
    )["UserPool"]["Id"]
    client = pools.create_user_pool_client(
        UserPoolId=pool,
        ClientName="page",
        ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH", "ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
        WriteAttributes=["name"],
        IdTokenValidity=5,
        TokenValidityUnits={"IdToken": "minutes"},
    )["UserPoolClient"]["ClientId"]
    pools.create_group(UserPoolId=pool, GroupName="labellers")
    group = pools.update_group(UserPoolId=pool, GroupName="labellers", Description="May label")["Group"]
    assert group["Description"] == "May label"
    return pool, client


def make_user(emulator: e.Emulator, pool: str) -> None:
    pools = emulator.client("cognito-idp")
    attributes = [{"Name": "custom:operator_id", "Value": "operator-1"}]
    pools.admin_create_user(
        UserPoolId=pool,
        Username="anna",
        UserAttributes=attributes,
        MessageAction="SUPPRESS",
        TemporaryPassword=PASSWORD,
    )
    pools.admin_set_user_password(UserPoolId=pool, Username="anna", Password=PASSWORD, Permanent=True)
    pools.admin_add_user_to_group(UserPoolId=pool, Username="anna", GroupName="labellers")


def sign_in(emulator: e.Emulator, client: str, password: str = PASSWORD) -> dict[str, Any]:
    answer: dict[str, Any] = browser(emulator).initiate_auth(
        ClientId=client, AuthFlow="USER_PASSWORD_AUTH", AuthParameters={"USERNAME": "anna", "PASSWORD": password}
    )["AuthenticationResult"]
    return answer


def make_api(emulator: e.Emulator, pool: str) -> str:
    """Makes a REST API whose root answers what its authorizer found; returns its path."""
    function = functions.create(emulator, "answer", ANSWER)
    api = emulator.client("apigateway")
    rest_api = api.create_rest_api(name="labelling")["id"]
    root = api.get_resources(restApiId=rest_api)["items"][0]["id"]
    arn = emulator.client("cognito-idp").describe_user_pool(UserPoolId=pool)["UserPool"]["Arn"]
    authorizer = api.create_authorizer(
        restApiId=rest_api,
        name="labellers",
        type="COGNITO_USER_POOLS",
        providerARNs=[arn],
        identitySource="method.request.header.Authorization",
    )["id"]
    method = {"restApiId": rest_api, "resourceId": root, "httpMethod": "GET"}
    api.put_method(**method, authorizationType="COGNITO_USER_POOLS", authorizerId=authorizer)
    uri = f"arn:aws:apigateway:{e.REGION}:lambda:path/2015-03-31/functions/{function}/invocations"
    api.put_integration(**method, type="AWS_PROXY", integrationHttpMethod="POST", uri=uri)
    api.put_gateway_response(
        restApiId=rest_api,
        responseType="UNAUTHORIZED",
        responseTemplates={"application/json": '{"title": "Sign in"}'},
        responseParameters={"gatewayresponse.header.WWW-Authenticate": "'Bearer'"},
    )
    api.create_deployment(restApiId=rest_api, stageName="v1")
    emulator.client("lambda").add_permission(
        FunctionName="answer",
        StatementId="api",
        Action="lambda:InvokeFunction",
        Principal="apigateway.amazonaws.com",
        SourceArn=f"arn:aws:execute-api:{e.REGION}:{e.ACCOUNT}:{rest_api}/*",
    )
    return f"/_aws/execute-api/{rest_api}/v1/"


def call(emulator: e.Emulator, path: str, token: str | None) -> tuple[int, dict[str, str], Any]:
    headers = {"Authorization": token} if token else {}
    try:
        with urllib.request.urlopen(urllib.request.Request(emulator.url + path, headers=headers)) as answer:
            return answer.status, dict(answer.headers), json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, dict(error.headers), json.load(error)


def claims_of(token: str) -> dict[str, Any]:
    body = token.split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return claims


def changed(token: str, **claims: object) -> str:
    """Returns the token with other claims under the same signature."""
    head, _, signature = token.split(".")
    body = base64.urlsafe_b64encode(json.dumps({**claims_of(token), **claims}).encode()).rstrip(b"=").decode()
    return f"{head}.{body}.{signature}"


def encoded(data: bytes | dict[str, Any]) -> str:
    text = data if isinstance(data, bytes) else json.dumps(data).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


class Signer:
    """Signs tokens as a pool does, by a key and the id that the pool gives it."""

    def __init__(self, key: rsa.RSAPrivateKey, kid: str) -> None:
        self.key, self.kid = key, kid

    @property
    def modulus(self) -> bytes:
        return self.key.public_key().public_numbers().n.to_bytes(256, "big")

    def signed(self, claims: dict[str, Any], **header: object) -> str:
        """Returns a token of these claims; right but for what is wrong in claims, header or key."""
        unsigned = f"{encoded({'alg': 'RS256', 'kid': self.kid, **header})}.{encoded(claims)}"
        return f"{unsigned}.{encoded(self.key.sign(unsigned.encode(), padding.PKCS1v15(), hashes.SHA256()))}"

    def signed_by_secret(self, claims: dict[str, Any]) -> str:
        """Returns a token that takes what everybody may know, the public key, for a secret that two share."""
        unsigned = f"{encoded({'alg': 'HS256', 'kid': self.kid})}.{encoded(claims)}"
        return f"{unsigned}.{encoded(hmac.digest(self.modulus, unsigned.encode(), 'sha256'))}"


def signer_of(state: Path, pool: str, token: str) -> Signer:
    """Returns the signer of a pool's ID tokens, by the key in the state folder and the id in a token."""
    key = load_pem_private_key((state / "ministack" / "cognito-pool-keys" / f"{pool}-id.pem").read_bytes(), None)
    assert isinstance(key, rsa.RSAPrivateKey)
    return Signer(key, json.loads(base64.urlsafe_b64decode(token.partition(".")[0] + "=="))["kid"])


def wrong_tokens(signer: Signer, claims: dict[str, Any], tokens: dict[str, Any]) -> dict[str, str | None]:
    """Returns tokens of every wrong kind, by what is wrong with them."""
    right, signed = tokens["IdToken"], signer.signed
    stranger = Signer(rsa.generate_private_key(65537, 2048), signer.kid)
    issuer, _, pool = claims["iss"].rpartition("/")
    return {
        "none": None,
        "an access token": tokens["AccessToken"],
        "a refresh token": tokens["RefreshToken"],
        "other claims": changed(right, **{"custom:operator_id": "operator-2"}),
        "a longer life": changed(right, exp=2**40),
        "no signature": right.rpartition(".")[0] + ".",
        "no signature and no dot": right.rpartition(".")[0],
        "a cut signature": right[:-8],
        "algorithm none": f"{encoded({'alg': 'none'})}.{encoded(claims)}.",
        "algorithm None with our key's id": signed(claims, alg="None"),
        "another algorithm's name": signed(claims, alg="RS512"),
        "the public key as a secret": signer.signed_by_secret(claims),
        "another key's id": signed(claims, kid="other"),
        "a stranger's key": stranger.signed(claims),
        "a stranger's key that it brings along": stranger.signed(
            claims, jwk={"kty": "RSA", "n": encoded(stranger.modulus), "e": "AQAB"}
        ),
        "expired": signed({**claims, "iat": 1_700_000_000, "exp": 1_700_000_300}),
        "without an end": signed({name: value for name, value in claims.items() if name != "exp"}),
        "another pool": signed({**claims, "iss": f"{issuer}/{pool}0"}),
        "another issuer": signed({**claims, "iss": "https://evil.example/"}),
        "without an issuer": signed({name: value for name, value in claims.items() if name != "iss"}),
        "an access token's use": signed({**claims, "token_use": "access"}),
        "no use": signed({name: value for name, value in claims.items() if name != "token_use"}),
        "nonsense": "nonsense",
        "dots": "..",
        "many parts": f"{right}.{right}",
        "no JSON": f"{encoded(b'{')}.{encoded(b'[]')}.{encoded(b'x')}",
        "a list of claims": f"{right.partition('.')[0]}.{encoded(b'[]')}.{right.rpartition('.')[2]}",
        "nested claims": f"{right.partition('.')[0]}.{encoded(b'[' * 5000)}.{right.rpartition('.')[2]}",
    }


def refuses(emulator: e.Emulator, pool: str, client: str, token: str) -> None:
    """Tries what nobody may do who has not the rights of an administrator."""
    user = browser(emulator)
    operator = [{"Name": "custom:operator_id", "Value": "operator-2"}]
    refused = {
        "NotAuthorizedException": (
            lambda: sign_in(emulator, client, "wrong"),
            lambda: user.sign_up(ClientId=client, Username="eve", Password=PASSWORD),
            lambda: user.get_user(AccessToken=changed(token, exp=2**40)),
            lambda: user.update_user_attributes(AccessToken=token, UserAttributes=operator),
        ),
        "MissingAuthenticationTokenException": (lambda: user.admin_get_user(UserPoolId=pool, Username="anna"),),
        "InvalidParameterException": (
            lambda: emulator.client("cognito-idp").admin_update_user_attributes(
                UserPoolId=pool, Username="anna", UserAttributes=operator
            ),
        ),
    }
    for code, calls in refused.items():
        for refused_call in calls:
            assert e.error_of(refused_call)[0] == code
    user.update_user_attributes(AccessToken=token, UserAttributes=[{"Name": "name", "Value": "Anna"}])
    found = user.get_user(AccessToken=token)
    assert {each["Name"]: each["Value"] for each in found["UserAttributes"]}["name"] == "Anna"


def test_a_rest_api_asks_a_user_pool_and_users_survive(tmp_path: Path) -> None:
    first = e.Emulator(tmp_path, "--auth")
    pool, client = make_pool(first)
    make_user(first, pool)
    path = make_api(first, pool)
    tokens = sign_in(first, client)
    claims = claims_of(tokens["IdToken"])
    assert claims["exp"] - claims["iat"] == 300

    status, _, found = call(first, path, tokens["IdToken"])
    assert status == 200, found
    assert found["claims"]["sub"] == claims["sub"]
    assert found["claims"]["custom:operator_id"] == "operator-1"
    assert found["claims"]["cognito:groups"] == "labellers"

    signer = signer_of(tmp_path, pool, tokens["IdToken"])
    assert call(first, path, signer.signed(claims))[0] == 200
    for kind, token in wrong_tokens(signer, claims, tokens).items():
        status, headers, problem = call(first, path, token)
        assert (kind, status, problem) == (kind, 401, {"title": "Sign in"})
        assert headers["WWW-Authenticate"] == "Bearer"

    refuses(first, pool, client, tokens["AccessToken"])
    first.stop()

    second = e.Emulator(tmp_path, "--auth")
    assert call(second, path, tokens["IdToken"])[0] == 200
    assert call(second, path, sign_in(second, client)["IdToken"])[0] == 200
    admin = second.client("cognito-idp").admin_initiate_auth(
        UserPoolId=pool,
        ClientId=client,
        AuthFlow="ADMIN_USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "anna", "PASSWORD": PASSWORD},
    )
    assert admin["AuthenticationResult"]["RefreshToken"]
    refreshed = browser(second).initiate_auth(
        ClientId=client,
        AuthFlow="REFRESH_TOKEN_AUTH",
        AuthParameters={"REFRESH_TOKEN": tokens["RefreshToken"]},
    )
    assert call(second, path, refreshed["AuthenticationResult"]["IdToken"])[0] == 200
    second.stop()
