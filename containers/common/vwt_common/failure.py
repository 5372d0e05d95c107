"""Follows the protocol by which a SageMaker program says why it failed."""

from __future__ import annotations

import sys
from pathlib import Path


def tell(cause: str, file: Path, limit: int | None = None) -> int:
    """Prints the cause of a failure, and leaves it where SageMaker looks for it.

    Args:
        cause: One sentence, or a traceback.
        file: `Paths.failure` of a training, `Paths.message` of a processing job.
        limit: The bytes of UTF-8 that SageMaker reads; a character that would be cut is left out.

    Returns:
        The exit code of the program.
    """
    print(cause, file=sys.stderr)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(cause.encode()[:limit].decode(errors="ignore"), encoding="utf-8")
    return 1
