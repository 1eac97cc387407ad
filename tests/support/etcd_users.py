"""Makes an etcd ask who is there: one user for the store, with a role that ends at a prefix."""

from base64 import b64encode
from collections.abc import Mapping
from typing import Any

from tests.support.etcd_cluster import EtcdCluster

USERNAME = "steersman"
PASSWORD = "letmein"
_ROOT_PASSWORD = "secret"
_CREDENTIALS = {"name": "root", "password": _ROOT_PASSWORD}
_V2_BASIC = "Basic " + b64encode(f"root:{_ROOT_PASSWORD}".encode()).decode()


def secure_v3(cluster: EtcdCluster, *prefixes: str) -> None:
    user = {"name": USERNAME, "password": PASSWORD}
    for each in (_CREDENTIALS, user):
        cluster.send("POST", "/v3/auth/user/add", each)
    for name, role in (("root", "root"), (USERNAME, "contract")):
        cluster.send("POST", "/v3/auth/role/add", {"name": role})
        cluster.send("POST", "/v3/auth/user/grant", {"user": name, "role": role})
    for prefix in prefixes:
        permission = {"permType": "READWRITE", **v3_range(prefix)}
        cluster.send("POST", "/v3/auth/role/grant", {"name": "contract", "perm": permission})
    cluster.send("POST", "/v3/auth/enable", {})


def v3_range(prefix: str) -> dict[str, str]:
    """All keys that begin with the prefix, as the JSON face of v3 says it."""
    start = prefix.encode()
    end = start[:-1] + bytes([start[-1] + 1])
    return {"key": b64encode(start).decode(), "range_end": b64encode(end).decode()}


def v3_root_token(cluster: EtcdCluster) -> str:
    return str(cluster.send("POST", "/v3/auth/authenticate", _CREDENTIALS)["token"])


def secure_v2(cluster: EtcdCluster, prefix: str, elsewhere: str) -> None:
    """Guests may write elsewhere. A look at a password takes v2 60 ms, so strangers have none."""
    cluster.send("PUT", "/v2/auth/users/root", {"user": "root", "password": _ROOT_PASSWORD})
    role = {"role": USERNAME, "permissions": _v2_permissions(prefix)}
    cluster.send("PUT", f"/v2/auth/roles/{USERNAME}", role)
    login = {"user": USERNAME, "password": PASSWORD, "roles": [USERNAME]}
    cluster.send("PUT", f"/v2/auth/users/{USERNAME}", login)
    cluster.send("PUT", "/v2/auth/enable")
    grants = {"revoke": _v2_permissions("/"), "grant": _v2_permissions(elsewhere)}
    v2_root_send(cluster, "PUT", "/v2/auth/roles/guest", {"role": "guest", **grants})


def _v2_permissions(prefix: str) -> dict[str, Any]:
    return {"kv": {"read": [f"{prefix}*"], "write": [f"{prefix}*"]}}


def v2_root_send(
    cluster: EtcdCluster, method: str, path: str, body: Mapping[str, Any] | None = None
) -> Any:
    return cluster.send(method, path, body, _V2_BASIC)
