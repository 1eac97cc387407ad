"""Labels, tags and metadata of an instance of the local cloud, edited by the client."""

from collections.abc import AsyncIterator
from hashlib import sha256

import pytest

from steersman.model.errors import ErrorClass, OutsideError
from steersman.model.ports import Edit, Labels, Metadata, Tags
from tests.clients.gce.project import Project, served_project

ITEMS = {"ssh-keys": "ana:ssh-rsa AAAA"}
WITH_USER_DATA = {**ITEMS, "user-data": "#cloud-config"}
METADATA = {"items": [{"key": key, "value": value} for key, value in WITH_USER_DATA.items()]}


@pytest.fixture
async def project() -> AsyncIterator[Project]:
    """With one instance, which runs."""
    async with served_project() as project:
        await project.insert(metadata=METADATA)
        project.advance()
        yield project


async def test_labels_are_replaced(project: Project) -> None:
    there = await project.seen()
    await project.edit(Labels({"role": "core"}, there.labels_fingerprint), there.id)
    found = await project.seen()
    assert (found.labels, found.tags) == ({"role": "core"}, there.tags)


async def test_tags_are_replaced(project: Project) -> None:
    there = await project.seen()
    await project.edit(Tags(("etcd", "ssh"), there.tags_fingerprint), there.id)
    found = await project.seen()
    assert (found.tags, found.labels) == (("etcd", "ssh"), there.labels)


async def test_items_of_the_metadata_are_set_beside_those_that_are_there(project: Project) -> None:
    there = await project.seen()
    before = project.stored().metadata
    await project.edit(Metadata({"role": "core"}), there.id)
    assert project.stored().metadata == {**before, "role": "core"}

    found = await project.seen()
    told = {key: sha256(value.encode()).hexdigest() for key, value in ITEMS.items()}
    assert found.metadata_sha256 == {**told, "role": sha256(b"core").hexdigest()}


async def test_an_edit_of_what_is_gone_is_a_conflict(project: Project) -> None:
    with pytest.raises(OutsideError) as refused:
        await project.edit(Metadata({"role": "core"}), "4711")
    assert refused.value.kind is ErrorClass.CONFLICT


@pytest.mark.parametrize("edit", [Labels({"a": "b"}, "stale=="), Tags(("a",), "stale==")])
async def test_what_somebody_else_has_edited_since_is_a_conflict(
    project: Project, edit: Edit
) -> None:
    there = await project.seen()
    with pytest.raises(OutsideError) as refused:
        await project.edit(edit, there.id)
    assert refused.value.kind is ErrorClass.CONFLICT
    assert await project.seen() == there
