"""A local cloud as a person runs it: the process, and what is typed beside it."""

import base64
import json
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from steersman.local.places import NETWORK_MARK_PORT, Marks
from tests.scenarios.looking import get_json, until

PROGRAMS = Path(sys.executable).parent
POST = Path(__file__).parents[2] / "manifests" / "post"
START_SECONDS = 120.0  # until its programs answer
PATIENCE_SECONDS = 400.0  # from the start to `ready`, on a machine that is busy with much else
STOP_SECONDS = 60.0
COMMAND_SECONDS = 120.0
READY = "ready"
# Beyond those that clouds choose by themselves, who could take one from a cloud that is stopped.
NETWORKS = range(121, 250)


class LocalCloud:
    """`steersman local` with a state dir of its own. Its output is kept beside the state."""

    def __init__(self, state_dir: Path, *options: str, settings: Mapping[str, str] | None = None):
        self.state_dir = state_dir
        self._options = options
        self._settings = settings or {}
        self._env_file = state_dir / "env"
        self._output = state_dir.with_suffix(".out")
        self._process: subprocess.Popen[bytes] | None = None
        self._started_at = 0.0
        self.env: Mapping[str, str] = {}
        self._marks = Marks()
        state_dir.mkdir(parents=True)
        (state_dir / "network").write_text(_own_network(self._marks))

    # the process

    def start(self) -> None:
        """Returns when its programs answer: a cloud that starts now finds other ports free."""
        command = (str(PROGRAMS / "steersman"), "local", "--state-dir", str(self.state_dir))
        self._env_file.unlink(missing_ok=True)  # that of the start before
        self._started_at = time.monotonic()
        with self._output.open("wb") as output:
            self._process = subprocess.Popen(
                [*command, *self._options],
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, **self._settings},
                start_new_session=True,  # a Ctrl-C for the tests is theirs alone
            )
        until(self._answers, START_SECONDS, self.told)
        self.env = _sourced(self._env_file)

    def until_ready(self) -> None:
        """TimeoutError when it has not said so in time, counted from its start."""
        left = self._started_at + PATIENCE_SECONDS - time.monotonic()
        until(self._said_ready, left, self.told)

    def runs(self) -> bool:
        """AssertionError with what it printed, when it has ended."""
        assert self._process is not None
        assert self._process.poll() is None, f"it ended:\n{self.told()}"
        return True

    def interrupt(self) -> int:
        """Ctrl-C. The exit code; TimeoutExpired when it does not end in time."""
        assert self._process is not None
        self._process.send_signal(signal.SIGINT)
        return self._process.wait(STOP_SECONDS)

    def end(self) -> None:
        """However the test went."""
        with self._marks:
            if self._process is None or self._process.poll() is not None:
                return
            try:
                self.interrupt()
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait(STOP_SECONDS)

    def pids(self) -> dict[str, int]:
        found: dict[str, int] = json.loads((self.state_dir / "pids.json").read_text())
        return found

    def told(self) -> str:
        """Everything that it printed."""
        return self._output.read_text()

    # what people type

    def run(self, *command: str, given: str | None = None) -> "subprocess.CompletedProcess[str]":
        """In a shell that has sourced the env file."""
        return subprocess.run(
            command,
            input=given,
            env=self.env,
            capture_output=True,
            text=True,
            check=False,
            timeout=COMMAND_SECONDS,
        )

    def steersman(self, *words: str, given: str | None = None) -> Any:
        """What `-o json` prints. The command has to succeed."""
        return json.loads(_printed(self.run("steersman", *words, "-o", "json", given=given)))

    def apply(self, document: str | Path) -> list[str]:
        """The lines that `steersman apply` prints; a text is applied from standard input."""
        file, given = (str(document), None) if isinstance(document, Path) else ("-", document)
        return _printed(self.run("steersman", "apply", "-f", file, given=given)).splitlines()

    def etcdctl(self, *words: str, given: str | None = None) -> str:
        """As `etcdctl` is today."""
        return _printed(self.run("env", "ETCDCTL_API=3", "etcdctl", *words, given=given))

    def etcdctl2(self, *words: str) -> str:
        """As `etcdctl` was for the post."""
        return _printed(self.run("env", "ETCDCTL_API=2", "etcdctl", *words))

    def fault(self, kind: str, name: str) -> None:
        _printed(self.run("localcloud", "fault", kind, name))

    # what is seen

    def not_ready(self) -> dict[str, str]:
        """Why each resource is not ready; that there is none yet is a reason, too."""
        items = get_json(f"{self.env['STEERSMAN_API']}/api/v1/resources")["items"]
        if not items:
            return {"all": "no resource"}
        return {
            f"{item['kind']}/{item['metadata']['name']}": message
            for item in items
            for message in [condition(item, "Ready")]
            if message is not None
        }

    def ready(self) -> bool:
        return self.not_ready() == {}

    def summary(self, ref: str) -> Any:
        return self.steersman("get", ref)["status"]["summary"]

    def journal(self) -> list[dict[str, Any]]:
        printed = _printed(self.run("localcloud", "journal", "-o", "json"))
        return [json.loads(line) for line in printed.splitlines()]

    def events(self) -> list[dict[str, Any]]:
        printed = _printed(self.run("steersman", "events", "-o", "json"))
        return [json.loads(line) for line in printed.splitlines()]

    def state(self) -> Any:
        """What exists in the cloud; cheap enough to be asked often."""
        return get_json(f"{self.env['LOCALCLOUD_URL']}/v1/state")

    def revisions(self) -> dict[str, int]:
        """When each key of home was written last."""
        listing = json.loads(self.etcdctl("get", "--prefix", "/", "--write-out=json"))
        return {
            base64.b64decode(item["key"]).decode(): item["mod_revision"] for item in listing["kvs"]
        }

    def keys(self, folder: str) -> dict[str, Mapping[str, Any]]:
        """The nodes of etcd v2 under a folder: value, createdIndex, ttl."""
        top = get_json(f"{self.env['ETCD_URL']}/v2/keys{folder}")["node"]
        return {node["key"]: node for node in top.get("nodes", [])}

    def _answers(self) -> bool:
        return self.runs() and self._env_file.exists() and self._env_file.read_text() != ""

    def _said_ready(self) -> bool:
        return self.runs() and READY in self.told().splitlines()


def condition(resource: Mapping[str, Any], type_: str) -> str | None:
    """Why the condition does not hold; None: it does."""
    conditions = {each["type"]: each for each in resource["status"].get("conditions", ())}
    found = conditions.get(type_)
    if found is None:
        return f"{type_} is not told"
    return None if found["status"] == "True" else str(found["message"] or found["reason"])


def _own_network(marks: Marks) -> str:
    """Of this test for as long as the mark is held, whether its cloud runs or not."""
    numbers = (each for each in NETWORKS if marks.take(f"127.{each}.255.253", NETWORK_MARK_PORT))
    return f"127.{next(numbers)}.0.0/16"


def _printed(ended: "subprocess.CompletedProcess[str]") -> str:
    told = f"{shlex.join(ended.args)} exits {ended.returncode}: {ended.stderr}{ended.stdout}"
    assert ended.returncode == 0, told
    return ended.stdout


def _sourced(file: Path) -> Mapping[str, str]:
    """The environment of a shell that has sourced the file."""
    shell = ("bash", "-c", 'set -a; . "$1"; env -0', "bash", str(file))
    printed = subprocess.run(shell, capture_output=True, check=True, timeout=COMMAND_SECONDS).stdout
    lines = (line.partition("=") for line in printed.decode().split("\0") if line)
    return {name: value for name, _, value in lines}
