"""fleetd 1.0.0 as its authors wrote it. Go fetches it and what it needs, and builds it."""

import os
import shutil
import subprocess
from pathlib import Path

VERSION = "1.0.0"
BUILD_SECONDS = 240.0
MODULE = Path(__file__).parent / "fleetd"
NEEDED = {
    "systemd-nspawn": "systemd-container",
    "dbus-daemon": "dbus",
    "nsenter": "util-linux",
    "go": "go 1.21 or later",
}


class UnavailableError(Exception):
    """There can be no real fleet here."""


def fleetd() -> Path:
    """The program. Raises UnavailableError, also for what would be missed when it runs."""
    if os.geteuid() != 0:
        raise UnavailableError("machines with a systemd of their own need root")
    for program, package in NEEDED.items():
        if shutil.which(program) is None:
            msg = f"no {program} on this machine: install {package}"
            raise UnavailableError(msg)
    return _built()


def _built() -> Path:
    target = Path.home() / ".cache" / "steersman" / f"fleetd-{VERSION}" / "fleetd"
    version = f"-X github.com/coreos/fleet/version.Version={VERSION}"
    command = ["go", "build", "-mod=readonly", f"-ldflags={version}", "-o", str(target)]
    try:
        done = subprocess.run(
            [*command, "github.com/coreos/fleet"],
            cwd=MODULE,
            capture_output=True,
            text=True,
            timeout=BUILD_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        msg = f"go did not end within {BUILD_SECONDS:.0f} s"
        raise UnavailableError(msg) from error
    if done.returncode:
        msg = f"go does not build it: {done.stderr.strip()[-300:]}"
        raise UnavailableError(msg)
    return target
