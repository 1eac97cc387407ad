"""Whatever is put under /desired, into either store: the daemon lives, says what is wrong with it,
and goes on with everything else."""

from itertools import count

import pytest

from tests.documents.bad import BAD, GOOD, MEBIBYTE, Bad
from tests.documents.daemon import LiveDaemon, until

pytestmark = pytest.mark.timeout(600)

STORES = ("home", "unit")
VERSIONS = count(1)


def the_daemon_goes_on(daemon: LiveDaemon, store: str) -> None:
    """It is healthy, and carries out a new version of a good document."""
    value = b"version %d" % next(VERSIONS)
    daemon.put(store, f"/desired/configkey/good-{store}", b"spec: {value: %s}" % value)
    until(lambda: daemon.value("unit", f"/configs/good-{store}") == value)
    assert daemon.healthy()


@pytest.mark.parametrize("store", STORES)
@pytest.mark.parametrize("bad", BAD, ids=lambda bad: bad.id)
def test_a_bad_document_is_told_and_hurts_nothing(daemon: LiveDaemon, store: str, bad: Bad) -> None:
    key = f"/desired/{bad.key}"
    assert daemon.put(store, key, bad.body) in (200, 201)
    try:
        until(lambda: daemon.told_of(bad.key) is not None)
        told = daemon.told_of(bad.key)
        assert told is not None
        assert [part for part in bad.says if part not in told] == [], told
        assert len(told) < 5000
        the_daemon_goes_on(daemon, store)
    finally:
        daemon.remove(store, key)
    until(lambda: daemon.told_of(bad.key) is None)
    assert daemon.value("unit", "/configs/bad") is None


@pytest.mark.parametrize("store", STORES)
@pytest.mark.parametrize("body", GOOD.values(), ids=GOOD.keys())
def test_what_only_looks_odd_is_a_document(daemon: LiveDaemon, store: str, body: bytes) -> None:
    value = b"odd-%d" % next(VERSIONS)
    name = f"odd-{store}"
    daemon.put(store, f"/desired/configkey/{name}", body % value)
    until(lambda: daemon.value("unit", f"/configs/{name}") == value)
    assert daemon.told_of(f"configkey/{name}") is None


def test_a_key_that_climbs_is_a_key_like_another(daemon: LiveDaemon) -> None:
    key = "configkey/../../steersman/leader"  # etcd v2 would follow it itself
    daemon.put("home", f"/desired/{key}", b"spec: {value: x}")
    until(lambda: "<kind>/<name>" in (daemon.told_of(key) or ""))
    the_daemon_goes_on(daemon, "home")
    daemon.remove("home", f"/desired/{key}")


@pytest.mark.parametrize("store", STORES)
def test_two_mebibytes_are_refused_by_the_store_or_by_the_daemon(
    daemon: LiveDaemon, store: str
) -> None:
    body = b"spec: {value: " + b"x" * 2 * MEBIBYTE + b"}"
    answer = daemon.put(store, "/desired/configkey/huge", body)
    if answer in (200, 201):
        until(lambda: "at most 262144" in (daemon.told_of("configkey/huge") or ""))
    else:
        assert (store, answer) == ("home", 429)  # how its HTTP face puts RESOURCE_EXHAUSTED
    the_daemon_goes_on(daemon, store)
    daemon.remove(store, "/desired/configkey/huge")
