from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import emulator as e
import pytest
from vwt_local import processes

# For this process, before it loads XGBoost, and for the programs that it starts: threads that spin while they wait for
# each other take ten times as long on cores that are busy.
os.environ["OMP_WAIT_POLICY"] = "passive"
# For this process alone: what it trains and predicts is too small to be worth a second thread.
os.environ["OMP_NUM_THREADS"] = "1"


def pytest_collection_finish() -> None:
    """Spares the collector what all tests share: modules, and AWS's models."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[e.Emulator]:
    """One emulator with AUTH for all tests that do not end it, with a bucket."""
    started = e.Emulator(tmp_path_factory.mktemp("state"), "--auth")
    started.client("s3").create_bucket(Bucket=e.BUCKET, CreateBucketConfiguration={"LocationConstraint": e.REGION})
    yield started
    started.stop()


@pytest.fixture(scope="session")
def ml_role(emulator: e.Emulator) -> str:
    """A role with which SageMaker reads and writes the bucket."""
    return e.role(emulator, "ml", "sagemaker.amazonaws.com", *e.ml_grants())


@pytest.fixture(scope="session", autouse=True)
def containers() -> Iterator[None]:
    """Ends what the tests' own process has started."""
    yield
    processes.kill_all()


@pytest.fixture
def ml_root(tmp_path: Path) -> Path:
    """An empty `/opt/ml`."""
    return tmp_path
