"""The command as a process: one that serves a cloud, and others that talk to it."""

import signal
import subprocess
import sys
from pathlib import Path

from tests.support.etcd import free_ports

COMMAND = (sys.executable, "-c", "from localcloud.cli import main; main()")
START_SECONDS = 60.0
STOP_SECONDS = 30.0


class Cloud:
    """A `localcloud serve`, and the commands that find it."""

    def __init__(self, directory: Path, etcd_url: str) -> None:
        self.gce, self.fleet, self.control = free_ports(3)
        self.serve = (
            *("serve", "--state-dir", str(directory), "--etcd-url", etcd_url),
            *("--gce-port", str(self.gce), "--fleet-port", str(self.fleet)),
            *("--control-port", str(self.control), "--network", "127.93.0.0/16"),
        )

    def start(self) -> subprocess.Popen[str]:
        """Returns when it says that it is ready."""
        process = subprocess.Popen(
            [*COMMAND, *self.serve], stdout=subprocess.PIPE, text=True, env=environment()
        )
        assert process.stdout is not None
        assert process.stdout.readline().startswith("ready:")
        return process

    def run(self, *arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
        return run(*arguments, url=f"http://127.0.0.1:{self.control}", **variables)


def environment(url: str = "") -> dict[str, str]:
    path = ":".join(path for path in sys.path if path)
    return {"PYTHONPATH": path, "LOCALCLOUD_URL": url, "TERM": "dumb"}


def run(
    *arguments: str, url: str = "http://127.0.0.1:1", **variables: str
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [*COMMAND, *arguments],
        capture_output=True,
        text=True,
        timeout=START_SECONDS,
        env=environment(url) | variables,
        check=False,
    )


def stop(process: subprocess.Popen[str], how: signal.Signals) -> int:
    process.send_signal(how)
    try:
        process.communicate(timeout=STOP_SECONDS)
    finally:
        process.kill()
    return process.returncode
