"""google-cloud-compute with everything that waits or retries by itself left out. It blocks.

Only the `*_unary` methods are used, with operation clients of our own: the operation objects of
the other methods poll the public endpoint whatever endpoint they were made with. Reads would
retry for ten minutes unless they are told not to.
"""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal

from steersman.clients import gce_errors
from steersman.clients.http import USER_AGENT, unreadable
from steersman.model.errors import ErrorClass, OutsideError, UnreachableError
from steersman.model.observed import Instance, Operation
from steersman.model.ports import InstanceList

PAGE_INSTANCES = 500
PAGES_MAX = 100
SCOPES = ("https://www.googleapis.com/auth/compute",)
UNREACHABLE = "UNREACHABLE"

Verb = Literal["start", "reset", "stop", "delete"]


class Wire:
    """Deadlines are on the clock of `time.monotonic`."""

    def __init__(self, project: str, endpoint: str | None, credentials: str) -> None:
        from google.cloud import compute_v1  # takes a second and 140 MB

        self._project = project
        options = {"api_endpoint": endpoint.rstrip("/")} if endpoint else None
        key = _credentials(credentials)
        self._api = compute_v1
        self._instances = compute_v1.InstancesClient(credentials=key, client_options=options)
        self._operations = compute_v1.ZoneOperationsClient(credentials=key, client_options=options)

    def list_instances(self, deadline: float) -> InstanceList:
        instances: list[Instance] = []
        unreachable: set[str] = set()
        for page in self._pages(deadline):
            if page.warning.code == UNREACHABLE:  # and no word of which zone
                raise unreadable("listing instances: an incomplete page")
            unreachable.update(_last_segment(name) for name in page.unreachables)
            for scope, listed in page.items.items():
                instances += map(_instance, listed.instances)
                if listed.warning.code == UNREACHABLE:
                    unreachable.add(_last_segment(scope))
        return InstanceList(tuple(instances), frozenset(unreachable))

    def get_instance(self, zone: str, instance: str, deadline: float) -> Instance | None:
        request = self._in_zone(zone, instance=instance)
        found = self._unless_absent(self._instances.get, request, deadline)
        return None if found is None else _instance(found)

    def get_operation(self, zone: str, name: str, deadline: float) -> Operation | None:
        request = self._in_zone(zone, operation=name)
        found = self._unless_absent(self._operations.get, request, deadline)
        return None if found is None else self._operation(found)

    def insert(
        self, zone: str, body: Mapping[str, Any], request_id: str, deadline: float
    ) -> Operation:
        resource = self._resource(body)
        request = self._in_zone(zone, instance_resource=resource, request_id=request_id)
        return self._operation(self._call(self._instances.insert_unary, request, deadline))

    def change(
        self, verb: Verb, zone: str, instance: str, request_id: str, deadline: float
    ) -> Operation:
        method = getattr(self._instances, f"{verb}_unary")
        request = self._in_zone(zone, instance=instance, request_id=request_id)
        operation = self._unless_absent(method, request, deadline)
        if operation is None:
            message = f"{verb} {zone}/{instance}: there is no such instance"
            raise OutsideError(ErrorClass.CONFLICT, gce_errors.ABSENT, message)
        return self._operation(operation)

    def close(self) -> None:
        for client in (self._instances, self._operations):
            client.transport.close()

    def _in_zone(self, zone: str, **fields: Any) -> dict[str, Any]:
        return {"project": self._project, "zone": zone, **fields}

    def _pages(self, deadline: float) -> Iterator[Any]:
        request: dict[str, Any] = {"project": self._project, "max_results": PAGE_INSTANCES}
        for _ in range(PAGES_MAX):
            page = next(self._call(self._instances.aggregated_list, request, deadline).pages)
            yield page
            if not page.next_page_token:
                return
            request["page_token"] = page.next_page_token
        message = f"listing instances: more than {PAGES_MAX} pages"
        raise unreadable(message)

    def _unless_absent(self, method: Callable[..., Any], request: Any, deadline: float) -> Any:
        """None only when the API itself says that there is no such thing."""
        from google.api_core.exceptions import NotFound

        try:
            return self._call(method, request, deadline)
        except NotFound as error:
            if gce_errors.reason(error) != gce_errors.ABSENT:
                raise
            return None

    def _call(self, method: Callable[..., Any], request: Any, deadline: float) -> Any:
        left_seconds = deadline - time.monotonic()
        if left_seconds <= 0:
            raise UnreachableError("too late to be sent", code="timeout", applied=False)
        try:
            return method(
                request=request,
                retry=None,
                timeout=left_seconds,
                metadata=(("user-agent", USER_AGENT),),  # the transport makes headers of it
            )
        except AttributeError as error:  # the library trips over an error body of another shape
            from google.protobuf.json_format import ParseError

            message = f"an answer of no known shape: {error}"
            raise ParseError(message) from error

    def _resource(self, body: Mapping[str, Any]) -> Any:
        from google.protobuf.json_format import ParseError

        try:
            return self._api.Instance.from_json(json.dumps(body))
        except (ParseError, TypeError) as error:
            message = f"the instance to insert: {gce_errors.shown(str(error))}"
            raise OutsideError(ErrorClass.INVALID, "body", message) from error

    def _operation(self, body: Any) -> Operation:
        code, message = _first_error(body)
        return Operation(
            name=body.name,
            zone=_last_segment(body.zone),
            done=body.status == self._api.Operation.Status.DONE,
            target_id=str(body.target_id) if body.target_id else None,
            error=gce_errors.operation_error(code, message) if code else None,
        )


def _credentials(which: str) -> Any:
    """`default`: what the library finds; `anonymous`; else the file of a service account's key."""
    if which == "default":
        return None
    if which == "anonymous":
        from google.auth.credentials import AnonymousCredentials

        return AnonymousCredentials()
    from google.oauth2 import service_account

    try:
        return service_account.Credentials.from_service_account_file(which, scopes=SCOPES)
    except (OSError, ValueError) as error:
        message = f"{which} is not the key of a service account: {type(error).__name__}"
        raise OutsideError(ErrorClass.DENIED, "credentials", message) from error


def _instance(body: Any) -> Instance:
    interfaces = body.network_interfaces
    return Instance(
        id=str(body.id),
        name=body.name,
        zone=_last_segment(body.zone),
        status=body.status,
        machine_type=_last_segment(body.machine_type),
        ip=(interfaces[0].network_i_p or None) if interfaces else None,
        labels=dict(sorted(body.labels.items())),
        tags=tuple(sorted(body.tags.items)),
    )


def _first_error(operation: Any) -> tuple[str | None, str]:
    """Failed operations do not always carry an HTTP status, nor always a list of errors."""
    if errors := operation.error.errors:
        return errors[0].code, errors[0].message
    if operation.http_error_status_code:
        return str(operation.http_error_status_code), operation.http_error_message
    return None, ""


def _last_segment(link: str) -> str:
    return link.rpartition("/")[2]
