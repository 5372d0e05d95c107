from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import samples  # noqa: F401  # before anything loads XGBoost
from vwt_local import processes


@pytest.fixture(scope="session", autouse=True)
def programs() -> Iterator[None]:
    """Ends the programs that the tests' own process has started."""
    yield
    processes.kill_all()


@pytest.fixture
def ml_root(tmp_path: Path) -> Path:
    """Returns an empty `/opt/ml`."""
    return tmp_path
