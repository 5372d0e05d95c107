from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

import emulator as e
from vwt_local import processes


def pytest_collection_finish() -> None:
    """Spares the collector what all tests share, modules and AWS's models, and has it look at the rest less often.

    By itself it looks after every 700 new objects, which takes a tenth of the tests' CPU time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000)


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[e.Emulator]:
    """Returns one emulator with AUTH for all tests that do not end it, with a bucket."""
    started = e.Emulator(tmp_path_factory.mktemp("state"), "--auth")
    started.client("s3").create_bucket(Bucket=e.BUCKET, CreateBucketConfiguration={"LocationConstraint": e.REGION})
    yield started
    started.stop()


@pytest.fixture(scope="session")
def ml_role(emulator: e.Emulator) -> str:
    """Returns a role with which SageMaker reads and writes the bucket."""
    return e.role(emulator, "ml", "sagemaker.amazonaws.com", *e.ml_grants())


@pytest.fixture(scope="session", autouse=True)
def containers() -> Iterator[None]:
    """Ends what the tests' own process has started."""
    yield
    processes.kill_all()
