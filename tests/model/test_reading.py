"""Reading documents under their keys: what is filled in, what is refused, and where it stands."""

from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from steersman.kinds import KINDS
from steersman.kinds.configkey.spec import ConfigKey
from steersman.model.document import DocumentError, bodies, body
from steersman.model.reading import Read, key_in, key_of, read
from steersman.model.resource import Key, Metadata, Policy
from steersman.model.window import Window

MANIFESTS = Path(__file__).parents[2] / "manifests" / "post"
POOL = """\
spec:
  zones: [europe-west1-b]
  machineType: g1-small
  image:
    project: coreos-cloud
    name: coreos-alpha-423-0-0-v20140828
"""

UNKNOWN = "no annotation of the operator's; those are steersman/author, steersman/protect"


def parse(text: str, key: str = "nodepool/core") -> Read:
    return read(Key.parse(key), body(text.encode()), KINDS)


def refusal(text: str, key: str = "nodepool/core") -> DocumentError:
    with pytest.raises(DocumentError) as refused:
        parse(text, key)
    return refused.value


def test_what_the_key_says_may_be_left_out() -> None:
    found = parse("spec: {value: x}", "configkey/es")
    assert found.key == Key("configkey", "es")
    assert found.metadata == Metadata(labels={}, annotations={})
    assert isinstance(found.spec, ConfigKey)
    assert found.spec.key == "/configs/es"


def test_the_whole_envelope_is_read() -> None:
    found = parse(
        "apiVersion: steersman/v1\n"
        "kind: ConfigKey\n"
        "metadata:\n"
        "  name: es\n"
        "  labels: {team: search}\n"
        "  annotations: {steersman/protect: 'true'}\n"
        "  dependsOn: [nodepool/core, Unit/jenkins]\n"
        "  policy: {approval: ask}\n"
        "spec: {value: x}\n",
        "configkey/es",
    )
    depends_on = (Key("nodepool", "core"), Key("unit", "jenkins"))
    assert found.metadata == Metadata(
        {"team": "search"}, {"steersman/protect": "true"}, depends_on, Policy("ask")
    )
    assert found.references == depends_on


def test_a_window_is_read_with_its_zone() -> None:
    window = "{cron: '0 2 * * SAT', zone: Europe/Paris, minutes: 90}"
    found = parse(POOL + f"metadata:\n  policy:\n    window: {window}\n")

    assert found.metadata.policy.window == Window("0 2 * * SAT", ZoneInfo("Europe/Paris"), 90)


BAD = [
    pytest.param(
        POOL + "metadata:\n  policy:\n    window: {cron: often, minutes: 90}\n",
        [
            (
                9,
                "metadata.policy.window.cron",
                "'often' is no cron expression: Wrong number of fields",
                None,
            )
        ],
        id="a window's cron is checked",
    ),
    pytest.param(
        POOL + "metadata:\n  policy:\n    window: {cron: 0 2 * * *, zone: Paris, minutes: 90}\n",
        [
            (
                9,
                "metadata.policy.window.zone",
                "'Paris' is no time zone, as Europe/Paris is one",
                None,
            )
        ],
        id="and its zone",
    ),
    pytest.param("{}", [(1, "spec", "required, but missing", None)], id="a document has a spec"),
    pytest.param(
        "spec: 3", [(1, "spec", "a mapping is expected here", None)], id="a spec is a mapping"
    ),
    pytest.param(
        POOL + "metadta: {}\n",
        [(7, "metadta", "unknown field", "metadata")],
        id="an unknown field of the envelope is told with the nearest name",
    ),
    pytest.param(
        POOL + "  machinetype: g1-small\n",
        [(7, "spec.machinetype", "unknown field", "machineType")],
        id="an unknown field of the spec is told with the nearest name",
    ),
    pytest.param(
        POOL + "    famly: coreos-alpha\n",
        [(7, "spec.image.famly", "unknown field", "family")],
        id="so is one deep inside",
    ),
    pytest.param(
        POOL + "  disks:\n  - {boot: true}\n  - {size: 10}\n",
        [(9, "spec.disks[1].size", "unknown field", "sizeGb")],
        id="and one in a list",
    ),
    pytest.param(
        POOL + "  xyz: red\n",
        [(7, "spec.xyz", "unknown field", None)],
        id="nothing is offered when nothing is near",
    ),
    pytest.param(
        POOL + "apiVersion: steersman/v2\n",
        [
            (
                7,
                "apiVersion",
                "'steersman/v2' is not known; this release reads steersman/v1",
                None,
            )
        ],
        id="another version is not guessed at",
    ),
    pytest.param(
        POOL + "kind: unit\n",
        [(7, "kind", "'unit' contradicts the key, which says nodepool", None)],
        id="the kind may not contradict the key",
    ),
    pytest.param(
        POOL + "metadata: {name: cor}\n",
        [(7, "metadata.name", "'cor' contradicts the key, which says core", None)],
        id="the name may not contradict the key",
    ),
    pytest.param(
        POOL + "metadata:\n  dependsOn: [nodepool/discovery, core]\n",
        [(8, "metadata.dependsOn[1]", "'core' is not of the form kind/name", None)],
        id="a dependency is a kind and a name",
    ),
    pytest.param(
        POOL + "metadata:\n  dependsOn:\n  - nodepools/discovery\n",
        [(9, "metadata.dependsOn[0]", "unknown kind 'nodepools'", "nodepool")],
        id="a dependency's kind is known",
    ),
    pytest.param(
        POOL + f"metadata: {{dependsOn: [{'np/a, ' * 101}]}}\n",
        [(7, "metadata.dependsOn", "no more than 100 are expected here", None)],
        id="dependencies are not without end",
    ),
    pytest.param(
        POOL + "metadata:\n",
        [(7, "metadata", "a mapping is expected here", None)],
        id="what holds fields is called a mapping",
    ),
    pytest.param(
        POOL + "  tags: core\n",
        [(7, "spec.tags", "a list is expected here", None)],
        id="what holds several is called a list",
    ),
    pytest.param(
        POOL + "  disks: []\n",
        [(7, "spec.disks", "1 or more are expected here", None)],
        id="too few are told",
    ),
    pytest.param(
        POOL + "  disks: [{boot: true, sizeGb: 5}]\n",
        [(7, "spec.disks[0].sizeGb", "Input should be greater than or equal to 10", None)],
        id="what is wrong with one is not told as one too few",
    ),
    pytest.param(
        POOL + "metadata:\n  annotations:\n    team: search\n    steersman/protetc: 'true'\n",
        [(10, "metadata.annotations.steersman/protetc", UNKNOWN, "steersman/protect")],
        id="a switch that is misspelt is not off",
    ),
    pytest.param(
        POOL + "metadata:\n  annotations: {Steersmann/Protect: 'true'}\n",
        [(8, "metadata.annotations.Steersmann/Protect", UNKNOWN, "steersman/protect")],
        id="nor one whose owner is",
    ),
    pytest.param(
        POOL + "metadata:\n  annotations: {steersman/x: ''}\n",
        [(8, "metadata.annotations.steersman/x", UNKNOWN, None)],
        id="an annotation that the operator does not know is not the document's own",
    ),
    pytest.param(
        POOL + "metadata:\n  annotations: {steersman/protect: 'True'}\n",
        [
            (
                8,
                "metadata.annotations.steersman/protect",
                '"true" or "false" is expected here',
                None,
            )
        ],
        id="a switch is on or off",
    ),
    pytest.param(
        POOL + "metadata:\n  depends_on: [nodepool/discovery]\n",
        [(8, "metadata.depends_on", "unknown field", "dependsOn")],
        id="fields are spelled in one way only",
    ),
    pytest.param(
        POOL + "  replicas: three\n  health:\n    fleet: perhaps\n",
        [
            (7, "spec.replicas", "a whole number is expected here, without quotes", None),
            (9, "spec.health.fleet", "true or false is expected here, without quotes", None),
        ],
        id="every problem is told, not only the first",
    ),
]


@pytest.mark.parametrize(("text", "problems"), BAD)
def test_refuses(text: str, problems: list[tuple[Any, ...]]) -> None:
    found = refusal(text).problems
    assert [(at.line, at.path, at.message, at.did_you_mean) for at in found] == problems


def test_a_document_may_ask_to_be_taken_down() -> None:
    assert parse(POOL + "metadata: {deleting: true}\n").metadata.deleting
    assert not parse(POOL).metadata.deleting


def test_a_missing_spec_is_told_where_its_document_begins() -> None:
    _, second = bodies(b"spec: {value: x}\n---\n# another\nkind: configkey\n")
    with pytest.raises(DocumentError) as refused:
        read(Key("configkey", "es"), second, KINDS)
    assert [(each.path, each.line) for each in refused.value.problems] == [("spec", 4)]


def test_a_dependency_may_be_named_by_its_short_kind() -> None:
    found = parse(POOL + "metadata: {dependsOn: [np/discovery, CFG/es]}\n")
    assert found.references == (Key("nodepool", "discovery"), Key("configkey", "es"))


def test_a_mistake_in_one_alternative_is_told_once() -> None:
    text = POOL + "  userData:\n    template: '{{ t }}'\n    variables:\n      t: <TOKEN>\n"
    [problem] = refusal(text).problems
    assert (problem.line, problem.path) == (10, "spec.userData.variables.t")


@pytest.mark.parametrize(
    ("path", "key"),
    [
        ("/desired/nodepool/core", Key("nodepool", "core")),
        ("/desired/configkey/es.prod-1", Key("configkey", "es.prod-1")),
        ("/desired/configkey/" + "x" * 63, Key("configkey", "x" * 63)),
    ],
)
def test_a_path_is_a_key(path: str, key: Key) -> None:
    assert key_of(path, KINDS) == key


@pytest.mark.parametrize(
    ("path", "message"),
    [
        pytest.param("/desired/core", "a document's key is", id="a path without a kind"),
        pytest.param(
            "/desired/nodepools/core",
            "unknown kind 'nodepools' (did you mean nodepool?)",
            id="an unknown kind is told with the nearest",
        ),
        pytest.param(
            "/desired/NodePool/core", "did you mean nodepool?", id="a key's kind is lower case"
        ),
        pytest.param("/desired/nodepool/Core", "'Core' is no name", id="a capital in a name"),
        pytest.param(
            "/desired/cfg/x",
            "unknown kind 'cfg' (did you mean configkey?)",
            id="a short kind is for people, not for keys",
        ),
        pytest.param("/desired/nodepool/a/b", "a document's key is", id="a path that goes on"),
        pytest.param("/desired/a/b/c/d", "a document's key is", id="the shape is told first"),
        pytest.param("/desired/nodepool/", "'' is no name", id="no name"),
        pytest.param("/desired/nodepool/-a", "'-a' is no name", id="a dash first"),
        pytest.param("/desired/nodepool/" + "x" * 64, "is no name", id="a name too long"),
    ],
)
def test_a_path_is_no_key(path: str, message: str) -> None:
    with pytest.raises(DocumentError) as refused:
        key_of(path, KINDS)
    assert message in str(refused.value)


def test_a_document_in_a_file_says_its_own_key() -> None:
    text = b"kind: NodePool\nmetadata: {name: core}\nspec: {}\n"
    assert key_in(body(text), KINDS) == Key("nodepool", "core")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("metadata: {name: core}", "line 1: kind: a document in a file needs it"),
        ("kind: unit", "line 1: metadata.name: a document in a file needs it"),
        ("kind: unit\nmetadata: core", "line 2: metadata.name: a document in a file needs it"),
        ("kind: unt\nmetadata: {name: core}", "unknown kind 'unt'"),
        ("kind: np\nmetadata: {name: core}", "did you mean nodepool?"),
    ],
)
def test_a_document_in_a_file_without_a_key_is_refused(text: str, message: str) -> None:
    with pytest.raises(DocumentError) as refused:
        key_in(body(text.encode()), KINDS)
    assert message in str(refused.value)


@pytest.mark.parametrize("name", ["discovery", "core", "elasticsearch-config"])
def test_an_example_is_one_document_that_is_accepted(name: str) -> None:
    [document] = bodies((MANIFESTS / f"{name}.yaml").read_bytes())
    assert read(key_in(document, KINDS), document, KINDS).spec
