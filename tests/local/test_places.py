"""Places: ports give way, the network is kept, two local clouds never share one."""

import json
import shutil
import socket
import subprocess
from pathlib import Path

import pytest

from steersman.local import places
from steersman.local.places import Places, claim_network, write_pids


def test_a_taken_port_gives_way_to_a_free_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        monkeypatch.setitem(places.ORDINARY_PORTS, "daemon", port)
        found = Places.of(tmp_path, "127.20.0.0/16")
    ports = {found.etcd, found.etcd_peer, found.daemon, found.gce, found.fleet, found.control}
    assert port not in ports
    assert len(ports) == 6


def test_two_local_clouds_get_two_networks_and_each_keeps_its_own(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    one.mkdir()
    other.mkdir()
    network, mark = claim_network(one)
    other_network, other_mark = claim_network(other)
    with other_mark:
        assert network != other_network
        mark.close()
        again, mark = claim_network(one)
        with mark:
            assert again == network


def test_a_second_start_in_the_same_state_dir_is_refused(tmp_path: Path) -> None:
    network, mark = claim_network(tmp_path)
    with mark, pytest.raises(OSError, match=network):
        claim_network(tmp_path)


def test_the_env_file_can_be_sourced(tmp_path: Path) -> None:
    found = Places.of(tmp_path, "127.20.0.0/16")
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
    found = Places.of(tmp_path, "127.20.0.0/16")
    write_pids(found, {"etcd": 1})
    write_pids(found, {"etcd": 1, "daemon": 2})
    assert json.loads(found.pids_file.read_text()) == {"etcd": 1, "daemon": 2}
    assert list(tmp_path.iterdir()) == [found.pids_file]
