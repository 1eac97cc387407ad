"""Commands that read nothing but files do not pay for what the others need."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = ("aiohttp", "grpc", "google", "prometheus_client")
DEADLINE_SECONDS = 90
PROGRAM = """
import json, sys
from steersman.cli.main import app
try:
    app(sys.argv[1:])
except SystemExit as end:
    print("\\n" + json.dumps({"code": end.code, "modules": sorted(sys.modules)}))
"""


@pytest.mark.parametrize(
    "command", ["--help", "version", "get --help", "validate", "render", "schema np"]
)
def test_stays_quick(command: str, tmp_path: Path) -> None:
    document = tmp_path / "document.yaml"
    document.write_text("kind: configkey\nmetadata: {name: a}\nspec: {value: x}\n")
    args = command.split() + ([str(document)] if command in ("validate", "render") else [])
    operator = Path(__file__).parents[2] / "operator"
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM, *args],
        env={**os.environ, "PYTHONPATH": str(operator)},
        capture_output=True,
        text=True,
        timeout=DEADLINE_SECONDS,
        check=True,
    )
    told = json.loads(ended.stdout.splitlines()[-1])
    assert told["code"] == 0
    assert [each for each in HEAVY if each in told["modules"]] == []
