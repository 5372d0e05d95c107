"""Runs a program as a SageMaker processing job: its arguments, its folders, and where its failure is told."""

from __future__ import annotations

import argparse
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from vwt_common import failure
from vwt_common.paths import Paths

from .values import JobError

# "ExitMessage contains the first 1 KB of this file": Build Your Own Processing Container, metadata.
_MESSAGE_LIMIT = 1024


class Parser(argparse.ArgumentParser):
    """A parser whose complaints end up where other failures do."""

    def error(self, message: str) -> NoReturn:
        raise JobError(f"The arguments are wrong: {message}.")


def whole(least: int, needed: str) -> Callable[[str], int]:
    """Makes a reader of arguments that are whole numbers of at least `least`; `needed` says so of others."""

    def read(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = least - 1
        if value < least:
            raise argparse.ArgumentTypeError(needed)
        return value

    return read


def start(run: Callable[[Path, list[str]], None]) -> int:
    """Runs a program; returns the exit code, and leaves the cause of a failure where SageMaker looks for it.

    Args:
        run: Gets the folder that stands for `/opt/ml`, and the arguments of the command line.
    """
    paths = Paths.from_environment()
    try:
        run(paths.root, sys.argv[1:])
    except JobError as error:
        cause = str(error)
    except Exception as error:
        traceback.print_exc()
        cause = f"Internal error: {error}"
    else:
        return 0
    return failure.tell(cause, paths.message, _MESSAGE_LIMIT)
