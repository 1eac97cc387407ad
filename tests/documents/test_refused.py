"""A document that was never accepted, as people meet it beside a living daemon."""

import pytest

from tests.documents.daemon import LiveDaemon, until

pytestmark = pytest.mark.timeout(600)

NAME = "configkey/refused"
STATUS = f"/status/{NAME}"


def test_a_refused_document_says_why_wherever_it_is_asked_for(daemon: LiveDaemon) -> None:
    daemon.put("home", f"/desired/{NAME}", b"spec: {valeu: x}")
    until(lambda: b"did you mean value?" in (daemon.value("home", STATUS) or b""))

    for command in (("get", NAME), ("describe", NAME), ("wait", NAME, "--timeout", "60")):
        ended = daemon.steersman(*command)
        assert (ended.returncode, ended.stdout) == (5, ""), ended
        assert "did you mean value?" in ended.stderr

    daemon.remove("home", f"/desired/{NAME}")
    until(lambda: daemon.value("home", STATUS) is None)
    assert daemon.steersman("get", NAME).returncode == 4
