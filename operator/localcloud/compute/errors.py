"""Errors as the API words them: refusals of a request, and failures of an accepted operation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from localcloud.compute.links import ANY_PROJECT, in_project, singular

_STOCKOUT_HELP = "https://cloud.google.com/compute/docs/resource-error"


class ApiError(Exception):
    """The request is refused: nothing has changed."""

    def __init__(
        self, status: int, reason: str, message: str, domain: str = "global", location: str = ""
    ) -> None:
        super().__init__(message)
        self.status = status
        self.reason = reason
        self.message = message
        self.domain = domain
        self.location = location

    def body(self, project: str) -> dict[str, Any]:
        message = in_project(self.message, project)
        detail = {"message": message, "domain": self.domain, "reason": self.reason}
        if self.location:
            detail |= {"location": self.location, "locationType": "header"}
        return {"error": {"code": self.status, "message": message, "errors": [detail]}}


def not_found(path: str, project: str = "-") -> ApiError:
    return ApiError(404, "notFound", f"The resource 'projects/{project}/{path}' was not found")


def already_exists(path: str) -> ApiError:
    return ApiError(409, "alreadyExists", f"The resource '{ANY_PROJECT}{path}' already exists")


def invalid(field: str, value: object, why: str) -> ApiError:
    return ApiError(400, "invalid", f"Invalid value for field '{field}': '{value}'. {why}")


def required(field: str) -> ApiError:
    return ApiError(400, "required", f"Required field '{field}' not specified")


def stale_fingerprint(what: str) -> ApiError:
    message = f"Supplied fingerprint does not match current {what} fingerprint."
    if what == "labels":
        message = "Labels fingerprint either invalid or resource labels have changed"
    return ApiError(412, "conditionNotMet", message, location="If-Match")


def not_ready(path: str) -> ApiError:
    return ApiError(400, "resourceNotReady", f"The resource '{ANY_PROJECT}{path}' is not ready")


def in_use(path: str, user: str) -> ApiError:
    kind = singular(path.split("/")[-2])
    return ApiError(
        400,
        "resourceInUseByAnotherResource",
        f"The {kind} resource '{ANY_PROJECT}{path}' is already being used by '{ANY_PROJECT}{user}'",
    )


def protected() -> ApiError:
    return ApiError(
        400,
        "invalidUsage",
        "Invalid resource usage: 'Resource cannot be deleted if it's protected against deletion.'",
    )


def quota_exceeded(metric: str, limit: float, region: str = "") -> ApiError:
    where = f"in region {region}" if region else "globally"
    return ApiError(
        403, "quotaExceeded", f"Quota '{metric}' exceeded.  Limit: {limit:.1f} {where}."
    )


def rate_limited(group: str) -> ApiError:
    """Compute Engine answers 403, not 429, to a caller that asks too often."""
    return ApiError(
        403,
        "rateLimitExceeded",
        f"Quota exceeded for quota group '{group}' and limit 'Requests per minute' of service "
        "'compute.googleapis.com'.",
        domain="usageLimits",
    )


def unavailable() -> ApiError:
    return ApiError(503, "backendError", "Backend Error")


@dataclass(frozen=True, slots=True)
class Failure:
    """How an accepted operation ended badly: it is DONE, with HTTP 200 and an error inside. Not
    every failure has a status; then the client finds out from the error alone."""

    code: str
    message: str
    http_status: int | None = None
    http_message: str = ""
    details: tuple[Mapping[str, Any], ...] = ()


UNEXPLAINED = Failure("INTERNAL_ERROR", "Internal error. Please try again or contact support.")


def stocked_out(zone: str, machine_type: str, available: Sequence[str]) -> Failure:
    """`available`: the zones of the region that would have room."""
    metadatas = {"zone": zone, "vmType": machine_type, "attachment": ""}
    if available:
        metadatas["zonesAvailable"] = ",".join(available)
    message = f"A {machine_type} VM instance is currently unavailable in the {zone} zone."
    info = {
        "domain": "compute.googleapis.com",
        "reason": "resource_availability",
        "metadatas": metadatas,
    }
    return Failure(
        "ZONE_RESOURCE_POOL_EXHAUSTED",
        f"The zone '{ANY_PROJECT}zones/{zone}' does not have enough resources available to "
        "fulfill the request.  Try a different zone, or try again later.",
        503,
        "SERVICE UNAVAILABLE",
        (
            {"help": {"links": [{"description": "Troubleshooting", "url": _STOCKOUT_HELP}]}},
            {"localizedMessage": {"locale": "en-US", "message": message}},
            {"errorInfo": info},
        ),
    )


def over_quota(metric: str, limit: float, region: str) -> Failure:
    where = f"in region {region}" if region else "globally"
    return Failure(
        "QUOTA_EXCEEDED",
        f"Quota '{metric}' exceeded.  Limit: {limit:.1f} {where}.",
        403,
        "FORBIDDEN",
        ({"quotaInfo": _quota_info(metric, limit, region)},),
    )


def _quota_info(metric: str, limit: float, region: str) -> dict[str, Any]:
    return {
        "metricName": f"compute.googleapis.com/{metric.lower()}",
        "limitName": f"{metric}-per-project{'-region' if region else ''}",
        "dimensions": {"region": region or "global"},
        "limit": limit,
    }


def must_be_stopped(path: str) -> Failure:
    return Failure(
        "RESOURCE_NOT_READY",
        f"The resource '{ANY_PROJECT}{path}' is not ready",
        400,
        "BAD REQUEST",
    )
