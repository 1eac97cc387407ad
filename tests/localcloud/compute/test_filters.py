"""The filter language of lists."""

import pytest

from localcloud.compute.api.filters import parse
from localcloud.compute.errors import ApiError

CORE1 = {
    "name": "core1",
    "status": "RUNNING",
    "labels": {"role": "core", "owner": "me"},
    "scheduling": {"preemptible": False},
    "tags": {"items": ["core", "public"]},
    "sizeGb": "100",
    "creationTimestamp": "2014-05-13T09:53:20.000-07:00",
    "zone": "https://www.googleapis.com/compute/v1/projects/p/zones/europe-west1-b",
}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "name=core1",
        'name = "core1"',
        "name!=core2",
        "labels.role=core",
        "labels.role=core AND labels.owner=me",
        "labels.role=core labels.owner=me",
        "(labels.role=core)(status=RUNNING)",
        "labels.role=other OR status=RUNNING",
        "status=RUNNING AND name=other OR name=core1",
        "NOT labels.role=other",
        "labels.nothing!=core",
        "labels.role:*",
        "name:core*",
        "zone:europe-west1-b",
        "scheduling.preemptible=false",
        "name eq core[0-9]",
        'name eq "core.*"',
        "name ne core",
        "name eq 'core.'",
        "(name eq core1) (status ne TERMINATED)",
        "tags.items=public",
        "tags.items!=private",
        "sizeGb>99",
        "sizeGb<=100",
        "name<core2",
        'creationTimestamp>="2014-05-13"',
        'creationTimestamp>"2014-05-13T16:53:19Z"',
        'creationTimestamp<"2014-05-13T16:53:21Z"',
        "creationTimestamp>2014-05-13T18:53:19.999+02:00",
        "creationTimestamp<=2014-05-13T16:53:20Z AND name=core1",
        'creationTimestamp="2014-05-13T16:53:20Z"',
        "zone=https://www.googleapis.com/compute/v1/projects/p/zones/europe-west1-b",
        "(zone eq https://.*/zones/europe-west1-b)",
        "-labels.role=other",
    ],
)
def test_core1_matches(text: str) -> None:
    assert parse(text)(CORE1)


@pytest.mark.parametrize(
    "text",
    [
        "name=core",
        "name!=core1",
        "labels.role=other",
        "labels.role=core AND status=TERMINATED",
        "labels.role=core labels.owner=you",
        "labels.nothing=core",
        "labels.nothing:*",
        "NOT (labels.role=core OR labels.role=other)",
        "name eq core",
        "name:other*",
        "description=x",
        "tags.items=private",
        "sizeGb<20",
        "description>a",
        "-labels.role:*",
        'creationTimestamp>"2014-05-13T16:53:21Z"',
        'creationTimestamp<"2014-05-13T10:00:00Z"',
        "creationTimestamp!=2014-05-13T16:53:20Z",
        "zone=https://www.googleapis.com/compute/v1/projects/p/zones/europe-west1-c",
    ],
)
def test_core1_does_not_match(text: str) -> None:
    assert not parse(text)(CORE1)


@pytest.mark.parametrize(
    "text",
    [
        "name",
        "name=",
        "name=core1 (name eq core.)",
        "name>",
        "name=core1 AND",
        "(name=core1",
        "name=core1)",
        "nmae=core1",
        "metadat.items=x",
        "name eq [",
        "name eq a{99999999999}",
        'name eq "' + "(" * 1500 + ")" * 1500 + '"',
        "name=core1 OR OR name=core2",
        '"',
        "creationTimestamp>yesterday",
        "creationTimestamp<12",
        "name= =core1",
        "name:",
        "(" * 25 + "name=x" + ")" * 25,
        "name=" + "x" * 5000,
    ],
)
def test_what_is_not_understood_is_refused(text: str) -> None:
    with pytest.raises(ApiError) as refused:
        parse(text)
    assert (refused.value.status, refused.value.reason) == (400, "invalid")
