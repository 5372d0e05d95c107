"""The local emulator: MiniStack plus SageMaker and Application Auto Scaling, in one process."""

from __future__ import annotations

VERSION = "0.1.0"

# `hooks.py` uses internals of this release, and of no other.
MINISTACK_VERSION = "1.5.33"
