"""The machine's clocks, as the daemon reads them."""

import time

import pytest

from steersman.app.daemon import SystemClock

AWAKE_SECONDS, SINCE_BOOT_SECONDS = 100.0, 3700.0


@pytest.mark.skipif(not hasattr(time, "CLOCK_BOOTTIME"), reason="no such clock here")
def test_time_in_which_the_machine_was_suspended_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    clocks = {time.CLOCK_MONOTONIC: AWAKE_SECONDS, time.CLOCK_BOOTTIME: SINCE_BOOT_SECONDS}
    monkeypatch.setattr(time, "clock_gettime", clocks.__getitem__)
    monkeypatch.setattr(time, "monotonic", lambda: AWAKE_SECONDS)

    assert SystemClock().monotonic() == SINCE_BOOT_SECONDS
