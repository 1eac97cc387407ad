"""What a unit's document may ask for: names, instances, content, and what is refused."""

from typing import Any

import pytest

from steersman.kinds.unit import KIND
from steersman.kinds.unit.spec import UnitSpec
from steersman.model.document import DocumentError, body
from steersman.model.reading import Read, read
from steersman.model.resource import Key
from steersman.model.unitfile import fleet_hash, parse
from tests.kinds.unit.support import CONTENT, ONESHOT

SERVICE = "[Service]\nExecStart=/usr/bin/x\n"
INDENTED = "\n".join(f"    {line}" for line in CONTENT.splitlines())


def document(text: str) -> Read:
    return read(Key("unit", "web"), body(text.encode()), {"unit": KIND})


def spec(**fields: Any) -> UnitSpec:
    given = {**UnitSpec.defaults("web"), "content": SERVICE, **fields}
    return UnitSpec.model_validate(given)


def problems(text: str) -> str:
    with pytest.raises(DocumentError) as caught:
        document(text)
    return str(caught.value)


@pytest.mark.parametrize(
    ("fields", "units"),
    [
        pytest.param({}, {"": "web.service"}, id="without a name it is called like its document"),
        pytest.param(
            {"instances": 2},
            {"1": "web@1.service", "2": "web@2.service"},
            id="with instances the document's name becomes a template's",
        ),
        pytest.param({"instances": 0}, {}, id="no instances are none"),
        pytest.param(
            {"name": "app@.service", "instances": ["blue", 7]},
            {"blue": "app@blue.service", "7": "app@7.service"},
            id="a list names what follows the @",
        ),
        pytest.param(
            {"name": "app@x.service"},
            {"": "app@x.service"},
            id="one instance of a template may be named whole",
        ),
    ],
)
def test_units(fields: dict[str, Any], units: dict[str, str]) -> None:
    assert dict(spec(**fields).units) == units


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        pytest.param(
            "name: web.service, instances: 2",
            "spec.instances: web.service is no template",
            id="a name that is no template cannot have instances",
        ),
        pytest.param(
            "name: web@.service", "web@.service is a template", id="a template needs them"
        ),
        pytest.param("instances: -1", "0 to 1000 instances", id="none is the least"),
        pytest.param("instances: 1001", "0 to 1000 instances", id="1001 instances are too many"),
        pytest.param("instances: []", "1 to 1000 instances", id="an empty list is too short"),
        pytest.param("instances: [1, '1']", "1 is listed twice", id="1 and '1' are the same"),
        pytest.param("instances: [a/b]", "'a/b' cannot be a part", id="no slash in an instance"),
        pytest.param("instances: ['']", "'' cannot be a part", id="no empty instance"),
        pytest.param("instances: yes", "expected a number of instances", id="true is no number"),
        pytest.param("name: web", "a unit name ends in one of", id="a unit name has a type"),
        pytest.param("name: web.target", "a unit name ends in", id="agents ignore targets"),
        pytest.param(
            "reads: [nodepool/a]", "expected configkey/NAME", id="only configkeys are read"
        ),
        pytest.param("boundTo: a", "not of the form kind/name", id="boundTo is a reference"),
        pytest.param("desiredState: Launched", "'launched', 'loaded' or", id="three words only"),
        pytest.param("restrat: {}", "did you mean restart?", id="unknown fields name the nearest"),
        pytest.param("restart: {maxRestarts: -1}", "restart.maxRestarts", id="no negative numbers"),
        pytest.param(
            "contentFile: web.service",
            "spec.contentFile: a stored document holds the unit file itself",
            id="contentFile is apply's to inline",
        ),
        pytest.param("variables: {a: 1}", "variables.a", id="variables are text"),
    ],
)
def test_refused(fields: str, complaint: str) -> None:
    found = problems(f'spec: {{content: "[Service]\\nExecStart=/usr/bin/x", {fields}}}')
    assert complaint in found


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        pytest.param(
            "[Service]\nExecStart\n", "line 2: expected", id="a line that assigns nothing"
        ),
        pytest.param("A=b\n", "fleet would keep nothing", id="an option outside of sections"),
        pytest.param("[Service\nA=b\n", "line 1: a section header", id="a broken section header"),
        pytest.param("# nothing\n", "fleet would keep nothing", id="a file without options"),
        pytest.param("[X-Fleet]\nGlobal=yes\n", "a global unit", id="a unit for every machine"),
        pytest.param(
            "[X-Fleet]\nMachineID=a\nConflicts=b.service\n",
            "fleet would refuse it: MachineID and Conflicts",
            id="requirements that fleet does not take together",
        ),
        pytest.param(
            "[Service]\n" + "Environment=A=b\n" * 1001,
            "1001 options; a unit has at most 1000",
            id="options without end",
        ),
        pytest.param(
            f"[X-Fleet]\nMachineOf=a.service\nConflicts={'b ' * 100}\n",
            "101 values in [X-Fleet]; a unit has at most 100",
            id="requirements without end, though on few lines",
        ),
    ],
)
def test_content_that_is_no_unit_file_is_refused_with_its_line(
    content: str, complaint: str
) -> None:
    with pytest.raises(ValueError, match="content") as caught:
        spec(content=content)
    assert complaint in str(caught.value)


def test_the_hash_is_that_of_the_content_as_fleet_keeps_it() -> None:
    assert spec(content=f"# comment\n{SERVICE}").hash == fleet_hash(parse(SERVICE))


def test_without_variables_braces_stay_as_they_are() -> None:
    content = "[Service]\nExecStart=/usr/bin/docker ps --format '{{ .Names }} {{ x }}'\n"
    assert spec(content=content).options[0].value.endswith("'{{ .Names }} {{ x }}'")


def test_with_variables_placeholders_are_rendered() -> None:
    rendered = spec(
        content="[Service]\nExecStart=/bin/{{ what }} {{what}}\n", variables={"what": "w"}
    )
    assert rendered.options[0].value == "/bin/w w"


def test_a_placeholder_that_no_variable_fills_is_refused() -> None:
    with pytest.raises(ValueError, match=r"\{\{ what \}\} is not among the variables"):
        spec(content="[Service]\nExecStart=/bin/{{ what }}\n", variables={"other": "w"})


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        pytest.param({}, "running", id="a service is expected to run"),
        pytest.param({"content": ONESHOT}, "completed", id="a oneshot is expected to complete"),
        pytest.param(
            {"content": ONESHOT, "expect": "running"}, "running", id="the document's word wins"
        ),
        pytest.param(
            {"content": "[Service]\nType=oneshot\nType=simple\nExecStart=/x\n"},
            "running",
            id="of several types the last counts",
        ),
    ],
)
def test_expected(fields: dict[str, Any], expected: str) -> None:
    assert spec(**fields).expected == expected


def test_it_references_what_it_reads_and_what_it_is_bound_to() -> None:
    text = f"spec:\n  reads: [configkey/c]\n  boundTo: unit/main\n  content: |\n{INDENTED}\n"
    assert document(text).references == (Key("configkey", "c"), Key("unit", "main"))


def test_the_schema_does_not_ask_for_what_has_a_default() -> None:
    assert UnitSpec.model_json_schema()["required"] == ["content"]
