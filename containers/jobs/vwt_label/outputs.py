"""Collects what the labelling writes: parts of training rows, and the lines for people."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from pathlib import Path

from vwt_common import contract
from vwt_evaluate.values import Floats


class Parts:
    """Files `<name>-0.csv`, `<name>-1.csv`, … of at most `PART_BYTES`, as long as no line is longer; none is empty."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder, self._name = folder, name
        self._written = 0
        self._part = bytearray()

    def add(self, line: str) -> None:
        """Adds a line, given without its end."""
        content = f"{line}\n".encode()
        if len(self._part) + len(content) > contract.PART_BYTES:
            self.flush()
        self._part += content

    def flush(self) -> None:
        """Writes what was added since the last part."""
        if self._part:
            (self._folder / f"{self._name}-{self._written}.csv").write_bytes(self._part)
            self._written += 1
            self._part.clear()


class MostUncertain:
    """The lines that people should look at first, of however many are offered; memory holds no others."""

    def __init__(self, maximum: int) -> None:
        self._maximum = maximum
        self._offered = 0
        # The most certain first: certainty and place turned round, because heapq keeps the least at hand.
        self._heap: list[tuple[float, int, bytes]] = []

    @property
    def left(self) -> int:
        """The number of lines that were offered and not chosen."""
        return self._offered - len(self._heap)

    def offer(self, lines: Sequence[bytes], certainties: Floats) -> None:
        """Keeps the lines that are among the most uncertain so far; of equal ones the first."""
        for place, (line, certainty) in enumerate(zip(lines, certainties.tolist(), strict=True), self._offered):
            entry = (-certainty, -place, line)
            if len(self._heap) < self._maximum:
                heapq.heappush(self._heap, entry)
            elif self._heap and entry > self._heap[0]:
                heapq.heapreplace(self._heap, entry)
        self._offered += len(lines)

    def lines(self) -> list[bytes]:
        """Returns the chosen lines, the most uncertain first."""
        return [line for _, _, line in sorted(self._heap, reverse=True)]
