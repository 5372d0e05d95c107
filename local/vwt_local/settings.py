"""Settings of this run of the emulator."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .containers import Image


@dataclass(frozen=True)
class Settings:
    """The choices of the command line.

    Attributes:
        port: The port of 127.0.0.1.
        state: The folder that everything lives in.
        auth: Whether signatures and IAM are enforced.
        token: The secret that callers of this run know; empty until the state folder is ours.
        images: The container images that can run; none until the state folder is ours.
    """

    port: int
    state: Path
    auth: bool
    token: str = ""
    images: tuple[Image, ...] = ()

    @property
    def endpoints(self) -> Path:
        """A folder for each deployment, `<endpoint>/<deployment>/<variant>`, shaped like `/opt/ml`."""
        return self.state / "endpoints"

    @property
    def training(self) -> Path:
        """A folder for each running training job, shaped like `/opt/ml`."""
        return self.state / "training"

    @property
    def processing(self) -> Path:
        """A folder for each running processing job, shaped like `/opt/ml`."""
        return self.state / "processing"

    @property
    def transform(self) -> Path:
        """A folder for each running transform job, shaped like `/opt/ml`."""
        return self.state / "transform"


_current: Settings | None = None


def use(settings: Settings) -> None:
    """Sets the settings; once, at the start."""
    global _current
    _current = settings


def current() -> Settings:
    """Returns the settings of this run."""
    if _current is None:
        raise RuntimeError("The emulator has not been started.")
    return _current
