"""Reads and writes S3 as the execution role of a job or a model."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlparse

from ministack.services import s3

from . import iam
from .errors import ApiError
from .roles import key_uses
from .threads import on_loop


@dataclass(frozen=True)
class Location:
    """`s3://bucket/key`; the key may be a prefix or empty."""

    bucket: str
    key: str

    @classmethod
    def parse(cls, uri: str) -> Location:
        """Reads a URI of S3.

        Raises:
            ApiError: ValidationException when it is none.
        """
        parsed = urlparse(uri)
        if parsed.scheme != "s3" or not parsed.netloc:
            raise ApiError("ValidationException", f"'{uri}' is no S3 URI; write s3://bucket/key.")
        return cls(parsed.netloc, parsed.path.lstrip("/"))

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.key}"


def put_object(location: Location, body: bytes, key_id: str | None = None) -> None:
    """Writes an object without asking for a permission; versions, notifications and encryption apply. Blocks.

    Args:
        location: Where the object is.
        body: Its bytes.
        key_id: The KMS key to encrypt with; else the bucket says how.

    Raises:
        ApiError: S3's refusal, such as a bucket that is not there.
    """
    headers = {"x-amz-server-side-encryption": "aws:kms", "x-amz-server-side-encryption-aws-kms-key-id": key_id}
    chosen = headers if key_id else {}
    status, _, answer = on_loop(lambda: s3._put_object(location.bucket, location.key, body, chosen))
    if status >= 300:
        raise ApiError("S3Error", answer.decode())


def exists(location: Location) -> bool:
    """Tells whether there is such an object, whoever may read it."""
    return location.key in s3._buckets.get(location.bucket, {"objects": {}})["objects"]


@dataclass(frozen=True)
class RoleStore:
    """Reads and writes objects with a role's permissions, enforced with `AUTH=true`. Blocks: call it from threads.

    Every method raises ApiError: AccessDeniedException, NoSuchBucket or NoSuchKey.
    """

    role_arn: str

    def _require(self, action: str, resource: str, **keys: object) -> None:
        iam.require(self.role_arn, "SageMaker", action, f"arn:aws:s3:::{resource}", keys)

    def _require_object(self, action: str, location: Location, key_id: str | None = None) -> None:
        """Asks KMS in the role's name too, as S3 does when the object has a customer's key."""
        self._require(action, f"{location.bucket}/{location.key}")
        request = {"Bucket": location.bucket, "Key": location.key, "SSEKMSKeyId": key_id}
        for needed, key, context in key_uses.needs(action, request):
            iam.require(self.role_arn, "SageMaker", needed, key, context)

    def list(self, prefix: Location) -> list[str]:
        """Lists the keys below a prefix, sorted, without the markers of folders."""
        self._require("s3:ListBucket", prefix.bucket, **{"s3:prefix": [prefix.key]})
        bucket = s3._buckets.get(prefix.bucket)
        if bucket is None:
            raise ApiError("NoSuchBucket", f"The specified bucket does not exist: {prefix.bucket}")
        keys = list(bucket["objects"])
        return sorted(key for key in keys if key.startswith(prefix.key) and not key.endswith("/"))

    def check_readable(self, location: Location) -> None:
        """Refuses an object that is not there or may not be read, without reading it. Does not block."""
        self._require_object("s3:GetObject", location)
        if not exists(location):
            raise ApiError("NoSuchKey", f"The specified key does not exist: {location}")

    def get(self, location: Location) -> bytes:
        """Returns the bytes of an object."""
        self.check_readable(location)
        return bytes(s3._get_object_data(location.bucket, location.key))

    def put(self, location: Location, body: bytes, key_id: str | None = None) -> None:
        """Writes an object, with a KMS key of its own or as the bucket says."""
        self._require_object("s3:PutObject", location, key_id)
        put_object(location, body, key_id)
