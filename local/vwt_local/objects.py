"""S3 as the execution role of a job or a model sees it."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlparse

from ministack.core.responses import get_account_id, get_region
from ministack.services import s3

from . import iam
from .errors import ApiError
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


def put_object(location: Location, body: bytes) -> None:
    """Writes an object without asking for a permission; versions, notifications and encryption apply. Blocks.

    Raises:
        ApiError: S3's refusal, such as a bucket that is not there.
    """
    status, _, answer = on_loop(lambda: s3._put_object(location.bucket, location.key, body, {}))
    if status >= 300:
        raise ApiError("S3Error", answer.decode())


def exists(location: Location) -> bool:
    """Whether there is such an object, whoever may read it."""
    return location.key in s3._buckets.get(location.bucket, {"objects": {}})["objects"]


@dataclass(frozen=True)
class RoleStore:
    """Reads and writes objects with a role's permissions, enforced with `AUTH=true`. Blocks: call it from threads.

    Every method raises ApiError: AccessDeniedException, NoSuchBucket or NoSuchKey.
    """

    role_arn: str

    def _require(self, action: str, resource: str, **keys: object) -> None:
        iam.require(self.role_arn, "SageMaker", action, f"arn:aws:s3:::{resource}", keys)

    def _require_key(self, bucket: str, action: str) -> None:
        """With a customer's key on the bucket, S3 also asks KMS in the role's name."""
        if key := _bucket_key(bucket):
            iam.require(self.role_arn, "SageMaker", action, key)

    def list(self, prefix: Location) -> list[str]:
        """Keys below a prefix, sorted, without the markers of folders."""
        self._require("s3:ListBucket", prefix.bucket, **{"s3:prefix": [prefix.key]})
        bucket = s3._buckets.get(prefix.bucket)
        if bucket is None:
            raise ApiError("NoSuchBucket", f"The specified bucket does not exist: {prefix.bucket}")
        keys = list(bucket["objects"])
        return sorted(key for key in keys if key.startswith(prefix.key) and not key.endswith("/"))

    def check_readable(self, location: Location) -> None:
        """Refuses an object that is not there or may not be read, without reading it. Does not block."""
        self._require("s3:GetObject", f"{location.bucket}/{location.key}")
        self._require_key(location.bucket, "kms:Decrypt")
        if not exists(location):
            raise ApiError("NoSuchKey", f"The specified key does not exist: {location}")

    def get(self, location: Location) -> bytes:
        """The bytes of an object."""
        self.check_readable(location)
        return bytes(s3._get_object_data(location.bucket, location.key))

    def put(self, location: Location, body: bytes) -> None:
        """Writes an object."""
        self._require("s3:PutObject", f"{location.bucket}/{location.key}")
        self._require_key(location.bucket, "kms:GenerateDataKey")
        put_object(location, body)


def _bucket_key(bucket: str) -> str | None:
    """The ARN of the KMS key that a bucket encrypts with by default, if any."""
    key: str | None = s3._bucket_default_sse_headers(bucket).get("x-amz-server-side-encryption-aws-kms-key-id")
    if key is None or key.startswith("arn:"):
        return key
    return f"arn:aws:kms:{get_region()}:{get_account_id()}:key/{key}"
