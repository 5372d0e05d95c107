from __future__ import annotations

import asyncio

import pytest

from vwt_local.deadlines import within


def test_what_comes_in_time_is_returned() -> None:
    assert asyncio.run(within(300, asyncio.sleep(0, "in time"))) == "in time"


def test_what_does_not_is_cancelled() -> None:
    async def wait() -> bool:
        work = asyncio.ensure_future(asyncio.Event().wait())
        with pytest.raises(TimeoutError):
            await within(0, work)
        return work.cancelled()

    assert asyncio.run(wait())


def test_a_waiter_that_is_cancelled_is_not_late() -> None:
    async def cancel() -> None:
        waiter = asyncio.create_task(within(300, asyncio.Event().wait()))
        await asyncio.sleep(0)
        waiter.cancel()
        await waiter

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(cancel())
