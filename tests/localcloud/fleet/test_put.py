"""The decision table of PUT, for what exists and what is sent."""

import pytest

from localcloud.fleet.parts.decisions import Change, check_name, decide_delete, decide_put
from localcloud.fleet.records import ApiError, Job, UnitBody
from localcloud.fleet.units.unitfile import parse
from localcloud.fleet.versions import LATEST
from localcloud.seams import Option
from tests.localcloud.fleet.support import SLEEPER

OPTIONS = parse(SLEEPER)
CHANGED = parse("[Service]\nExecStart=/bin/sleep 2000\n")
THERE = Job("a.service", SLEEPER, "launched", "m1")
TEMPLATE = Job("a@.service", SLEEPER, "inactive")
BRICKED = Job("a.service", SLEEPER, "bogus", "m1")


@pytest.mark.parametrize(
    ("existing", "body", "change", "desired"),
    [
        pytest.param(
            None, UnitBody(options=OPTIONS), Change.SUBMITTED, "inactive", id="new, no state"
        ),
        pytest.param(
            None, UnitBody("", "loaded", OPTIONS), Change.SUBMITTED, "loaded", id="new, a state"
        ),
        pytest.param(
            THERE, UnitBody("", "inactive"), Change.UPDATED, "inactive", id="no options: the state"
        ),
        pytest.param(
            THERE, UnitBody("", "loaded", OPTIONS), Change.UPDATED, "loaded", id="same options"
        ),
        pytest.param(
            THERE, UnitBody("", "Launched"), Change.UPDATED, "Launched", id="a wrong word is stored"
        ),
        pytest.param(
            THERE, UnitBody("", "launched", CHANGED), Change.REPLACED, "launched", id="replaced"
        ),
        pytest.param(
            THERE,
            UnitBody(options=CHANGED),
            Change.REPLACED,
            "inactive",
            id="replaced without a state becomes inactive",
        ),
    ],
)
def test_taken(existing: Job | None, body: UnitBody, change: Change, desired: str) -> None:
    put = decide_put("a.service", body, existing, LATEST)
    assert (put.change, put.job.desired) == (change, desired)
    assert put.job.options == (body.options or OPTIONS)
    assert put.job.target == (existing.target if existing else None)


@pytest.mark.parametrize(
    ("existing", "body", "status", "message"),
    [
        pytest.param(
            None,
            UnitBody(desired="launched"),
            409,
            "unit does not exist and options field empty",
            id="new without options",
        ),
        pytest.param(None, UnitBody("", "bogus", OPTIONS), 500, "", id="new, a wrong word"),
        pytest.param(
            None,
            UnitBody(options=(Option("Service", "Environment", "x" * 2048),)),
            400,
            "line too long (max 2048 bytes)",
            id="a line that systemd would not read",
        ),
        pytest.param(
            None,
            UnitBody(
                options=(Option("X-Fleet", "Global", "1"), Option("X-Fleet", "MachineID", "a"))
            ),
            400,
            "MachineID cannot be used with Global",
            id="requirements that exclude each other",
        ),
        pytest.param(
            THERE,
            UnitBody(options=OPTIONS),
            409,
            "must provide DesiredState to update existing unit",
            id="same options without a state",
        ),
        pytest.param(
            TEMPLATE,
            UnitBody(desired="loaded"),
            400,
            'cannot activate template "a@.service"',
            id="a template cannot be activated later",
        ),
        pytest.param(BRICKED, UnitBody(desired="launched"), 500, "", id="a wrong word is final"),
    ],
)
def test_refused(existing: Job | None, body: UnitBody, status: int, message: str) -> None:
    name = existing.name if existing else "a.service"
    with pytest.raises(ApiError) as caught:
        decide_put(name, body, existing, LATEST)
    assert (caught.value.status, caught.value.message) == (status, message)


def test_two_names_are_refused() -> None:
    with pytest.raises(ApiError) as caught:
        check_name("a.service", UnitBody("b.service", "launched"))
    assert caught.value.message == (
        'name in URL "a.service" differs from unit name in request body "b.service"'
    )


def test_a_new_template_may_be_launched() -> None:
    put = decide_put("a@.service", UnitBody("", "launched", OPTIONS), None, LATEST)
    assert put.job.desired == "launched"


def test_a_replacement_is_not_checked() -> None:
    options = (Option("X-Fleet", "Global", "1"), Option("X-Fleet", "MachineID", "a"))
    put = decide_put("a.service", UnitBody("", "loaded", options), THERE, LATEST)
    assert put.change is Change.REPLACED


def test_before_0_13_new_options_are_silently_ignored() -> None:
    put = decide_put("a.service", UnitBody("", "loaded", CHANGED), THERE, "0.12.0")
    assert (put.change, put.job.options) == (Change.UPDATED, OPTIONS)


@pytest.mark.parametrize(("existing", "status"), [(None, 404), (BRICKED, 500)])
def test_delete_refused(existing: Job | None, status: int) -> None:
    with pytest.raises(ApiError) as caught:
        decide_delete(existing)
    assert caught.value.status == status
