"""google-cloud-compute with everything that waits or retries by itself left out. It blocks.

Only the `*_unary` methods are used, with operation clients of our own: the operation objects of
the other methods poll the public endpoint whatever endpoint they were made with. Reads would
retry for ten minutes unless they are told not to.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Literal

from steersman.clients.gce import errors
from steersman.clients.gce.credentials import Identity
from steersman.clients.gce.deadline import seconds_left
from steersman.clients.gce.edits import method_of, replaces_all, request_of
from steersman.clients.gce.instances import last_segment
from steersman.clients.gce.reads import Reads
from steersman.clients.http import USER_AGENT
from steersman.clients.unreadable import unreadable
from steersman.model.errors import ErrorClass, OutsideError
from steersman.model.observed import Instance, Operation
from steersman.model.ports import Edit, InstanceList

ROOMY = "zonesAvailable"  # where a stockout says that there is room

Verb = Literal["start", "reset", "stop", "delete"]


def open_wire(project: str, endpoint: str | None, credentials: str) -> "Wire":
    """Takes a second and 140 MB, and longer where the credentials are asked for."""
    try:
        return Wire(project, endpoint, Identity(credentials))
    except OutsideError:
        raise
    except Exception as error:
        raise errors.raised(error, "loading", write=False) from error


class Wire:
    """Deadlines are on the clock of `time.monotonic`."""

    def __init__(self, project: str, endpoint: str | None, identity: Identity) -> None:
        from google.cloud import compute_v1

        from steersman.clients.gce.whole import transport

        options = {"api_endpoint": endpoint.rstrip("/")} if endpoint else None
        made_with = {"credentials": identity.credentials, "client_options": options}
        self._project, self._identity = project, identity
        self._api = compute_v1
        self._instances, self._operations = (
            client(transport=transport(client), **made_with)
            for client in (compute_v1.InstancesClient, compute_v1.ZoneOperationsClient)
        )
        host = self._instances.api_endpoint
        self._reads = Reads(project, host if "://" in host else f"https://{host}", identity)

    def list_instances(self, deadline: float) -> InstanceList:
        return self._reads.list_instances(deadline)

    def get_instance(self, zone: str, instance: str, deadline: float) -> Instance | None:
        return self._reads.get_instance(zone, instance, deadline)

    def get_operation(self, zone: str, name: str, deadline: float) -> Operation | None:
        request = self._in_zone(zone, operation=name)
        doing = f"getting {zone}/{name}"
        try:
            found = self._call(self._operations.get, request, doing, deadline, write=False)
        except OutsideError as error:
            if error.code == errors.ABSENT:
                return None
            raise
        return self._operation(found, zone, doing, write=False)

    def insert(
        self, zone: str, body: Mapping[str, Any], request_id: str, deadline: float
    ) -> Operation:
        resource = self._resource(body)
        request = self._in_zone(zone, instance_resource=resource, request_id=request_id)
        doing = f"inserting {zone}/{resource.name}"
        begun = self._call(self._instances.insert_unary, request, doing, deadline, write=True)
        return self._operation(begun, zone, doing, write=True)

    def change(
        self, verb: Verb, zone: str, instance: str, request_id: str, deadline: float
    ) -> Operation:
        request = self._in_zone(zone, instance=instance, request_id=request_id)
        return self._changed(f"{verb}_unary", request, f"{verb} {zone}/{instance}", deadline)

    def edit(
        self, edit: Edit, zone: str, instance: str, request_id: str, deadline: float
    ) -> Operation:
        doing = f"{method_of(edit)} {zone}/{instance}"
        there = self._metadata(zone, instance, doing, deadline) if replaces_all(edit) else None
        method, part = request_of(edit, there)
        request = self._in_zone(zone, instance=instance, request_id=request_id, **part)
        return self._changed(method, request, doing, deadline)

    def close(self) -> None:
        for client in (self._instances, self._operations):
            client.transport.close()
        self._reads.close()
        self._identity.close()

    def _metadata(self, zone: str, instance: str, doing: str, deadline: float) -> Any:
        request = self._in_zone(zone, instance=instance)
        with _conflict_if_absent():
            found = self._call(self._instances.get, request, doing, deadline, write=False)
        return found.metadata

    def _changed(
        self, method: str, request: Mapping[str, Any], doing: str, deadline: float
    ) -> Operation:
        call = getattr(self._instances, method)
        with _conflict_if_absent():
            begun = self._call(call, request, doing, deadline, write=True)
        return self._operation(begun, request["zone"], doing, write=True)

    def _in_zone(self, zone: str, **fields: Any) -> dict[str, Any]:
        return {"project": self._project, "zone": zone, **fields}

    def _call(
        self, method: Callable[..., Any], request: Any, doing: str, deadline: float, *, write: bool
    ) -> Any:
        self._identity.ready(self._instances.api_endpoint, doing, deadline)
        try:
            return method(
                request=request,
                retry=None,
                timeout=seconds_left(doing, deadline),
                metadata=(("user-agent", USER_AGENT),),  # the transport makes headers of it
            )
        except OutsideError:
            raise
        except Exception as error:
            raise errors.raised(error, doing, write=write) from error

    def _resource(self, body: Mapping[str, Any]) -> Any:
        from google.protobuf.json_format import ParseError

        try:
            return self._api.Instance.from_json(json.dumps(body))
        except (ParseError, TypeError) as error:
            message = f"the instance to insert: {errors.shown(str(error))}"
            raise OutsideError(ErrorClass.INVALID, "body", message) from error

    def _operation(self, body: Any, zone: str, doing: str, *, write: bool) -> Operation:
        if not body.name:
            message = f"{doing}: an answer that is no operation"
            raise unreadable(message, applied=None if write else False)
        return Operation(
            name=body.name,
            zone=last_segment(body.zone) or zone,
            done=body.status == self._api.Operation.Status.DONE,
            target_id=str(body.target_id) if body.target_id else None,
            error=_failure(body),
        )


@contextmanager
def _conflict_if_absent() -> Iterator[None]:
    """It was there when this was decided."""
    try:
        yield
    except OutsideError as error:
        if error.code == errors.ABSENT:
            raise OutsideError(ErrorClass.CONFLICT, error.code, error.message) from error
        raise


def _failure(operation: Any) -> OutsideError | None:
    """Failed operations do not always carry an HTTP status, nor always a list of errors."""
    status, listed = operation.http_error_status_code, operation.error.errors
    if not listed and not status:
        return None
    code = errors.telling((each.code for each in listed), status)
    told = next((each for each in listed if each.code == code), None)
    message = told.message if told else operation.http_error_message
    shown = errors.shown(message) + _room(told)
    return OutsideError(errors.classify(code, status), code, shown)


def _room(error: Any) -> str:
    """The zones that a stockout names in its place."""
    details = error.error_details if error else ()
    zones = (each.error_info.metadatas.get(ROOMY) for each in details)
    return "".join(f" ({ROOMY}: {errors.shown(each)})" for each in zones if each)
