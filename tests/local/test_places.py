"""Places: ports give way, the network is kept, two local clouds never share one."""

import json
import shutil
import socket
import subprocess
from pathlib import Path

import pytest

from steersman.local import places
from steersman.local.places import Marks, Places, write_pids
from tests.support.etcd import free_ports

HANDED_OUT_PORTS = 32_768  # what Linux gives to whoever wants any port begins there
# While a cloud is stopped, another one may choose its network, if it is a usual one.
UNUSUAL_NETWORKS = range(250, 255)


def ports_of(found: Places) -> set[int]:
    return {found.etcd, found.etcd_peer, found.daemon, found.gce, found.fleet, found.control}


def test_a_taken_port_gives_way_to_one_that_nobody_is_handed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as taken, Marks() as marks:
        (port,) = free_ports(1)
        taken.bind(("127.0.0.1", port))
        monkeypatch.setitem(places.ORDINARY_PORTS, "daemon", port)
        found = Places.of(tmp_path, marks)
    assert found.daemon > port
    assert len(ports_of(found)) == 6
    assert max(ports_of(found)) < HANDED_OUT_PORTS


def test_without_a_free_port_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (port,) = free_ports(1)
    monkeypatch.setattr(places, "HANDED_OUT_PORTS", port + 1)
    monkeypatch.setattr(places, "ORDINARY_PORTS", {"etcd": port})
    with socket.socket() as taken, Marks() as marks:
        taken.bind(("127.0.0.1", port))
        with pytest.raises(OSError, match=f"every port from {port} to {port} is in use"):
            Places.of(tmp_path, marks)


def test_two_local_clouds_that_start_at_once_share_nothing_and_keep_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "NETWORKS", UNUSUAL_NETWORKS)
    one, other = tmp_path / "one", tmp_path / "other"
    one.mkdir()
    other.mkdir()
    with Marks() as other_marks:
        with Marks() as marks:
            first, second = Places.of(one, marks), Places.of(other, other_marks)
            assert first.network != second.network
            assert ports_of(first).isdisjoint(ports_of(second))
        with Marks() as marks:
            assert Places.of(one, marks).network == first.network


def test_a_second_start_in_the_same_state_dir_is_refused(tmp_path: Path) -> None:
    with Marks() as marks, Marks() as others:
        network = Places.of(tmp_path, marks).network
        with pytest.raises(OSError, match=network):
            Places.of(tmp_path, others)


def place(state_dir: Path) -> Places:
    with Marks() as marks:
        return Places.of(state_dir, marks)


def test_the_env_file_can_be_sourced(tmp_path: Path) -> None:
    found = place(tmp_path)
    found.write_env()
    shell = shutil.which("sh")
    assert shell is not None
    said = subprocess.run(
        [shell, "-c", f'. {found.env_file}; echo "$STEERSMAN_API $LOCALCLOUD_URL"'],
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout.split() == [found.url(found.daemon), found.url(found.control)]


def test_the_pids_file_is_replaced_at_once(tmp_path: Path) -> None:
    found = place(tmp_path)
    write_pids(found, {"etcd": 1})
    write_pids(found, {"etcd": 1, "daemon": 2})
    assert json.loads(found.pids_file.read_text()) == {"etcd": 1, "daemon": 2}
    assert not found.pids_file.with_suffix(".new").exists()


@pytest.mark.parametrize("text", ["", "127.x.0.0/16", "127.20", "\udcff"])
def test_a_network_that_nobody_can_read_is_told_with_its_file(tmp_path: Path, text: str) -> None:
    (tmp_path / "network").write_text(text, errors="surrogateescape")
    with Marks() as marks, pytest.raises(OSError, match=f"{tmp_path}/network names no network"):
        Places.of(tmp_path, marks)
