from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import samples  # noqa: F401  # before anything loads XGBoost
from vwt_evaluate import resampling
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


@pytest.fixture
def all_resamples() -> None:
    """Has an evaluation resample as often as it does in production."""


@pytest.fixture(autouse=True)
def _few_resamples(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Has it resample a twentieth as often where a test does not judge intervals."""
    if "all_resamples" not in request.fixturenames:
        monkeypatch.setattr(resampling, "_RESAMPLES", 50)
        monkeypatch.setattr(resampling, "_LEAST_RESAMPLES", 50)
