"""The faults that can be turned on while the cloud runs, of all its models, by their words."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from localcloud import fault
from localcloud.compute import faults as compute_faults
from localcloud.compute.errors import ApiError
from localcloud.elasticsearch import faults as elasticsearch_faults
from localcloud.fault import Arguments, BadFaultError, Fault, Standing
from localcloud.fleet import faults as fleet_faults

if TYPE_CHECKING:  # the command lists the faults, and must not load the models for that
    from localcloud.cloud import Cloud

AWAY = frozenset({"notFound", "resourceNotReady"})  # there is none, or it does not run

M = TypeVar("M")


class UnknownNameError(LookupError):
    """There is no such fault, instance, unit, zone or type, or it does not run."""


def parse(word: str, body: Mapping[str, Any]) -> Arguments:
    """Raises UnknownNameError or BadFaultError."""
    return fault.parse(_known(word).parameters, body)


def inject(cloud: "Cloud", word: str, arguments: Arguments) -> None:
    """Raises UnknownNameError or BadFaultError; then nothing has changed."""
    known = _known(word)
    try:
        known.inject(cloud, arguments)
    except LookupError as error:
        raise UnknownNameError(str(error)) from error
    except ApiError as error:
        refusal = UnknownNameError if error.reason in AWAY else BadFaultError
        raise refusal(str(error)) from error


def told(word: str, arguments: Arguments) -> str:
    return fault.told(_known(word).parameters, arguments)


def standing(cloud: "Cloud") -> Iterator[Standing]:
    """The faults that are on; one that struck and left its mark is none of them."""
    yield from cloud.compute.mishaps.standing()
    for fleet in cloud.fleets:
        yield from fleet.mishaps.standing()
    yield from cloud.elasticsearch.mishaps.standing()


def _known(word: str) -> Fault["Cloud"]:
    if word not in FAULTS:
        msg = f"no fault {word!r}; there are {', '.join(sorted(FAULTS))}"
        raise UnknownNameError(msg)
    return FAULTS[word]


def _of(part: Callable[["Cloud"], M], faults: Iterable[Fault[M]]) -> Iterator[Fault["Cloud"]]:
    """The faults of a model as faults of the cloud that it is part of."""
    for one in faults:
        yield Fault(one.word, one.help, one.parameters, _through(part, one.inject))


def _through(
    part: Callable[["Cloud"], M], inject: Callable[[M, Arguments], None]
) -> Callable[["Cloud", Arguments], None]:
    return lambda cloud, arguments: inject(part(cloud), arguments)


_CLEAR: Fault["Cloud"] = Fault(
    "clear",
    "End the faults that last; what has crashed or was deleted stays so.",
    (),
    lambda cloud, _: cloud.clear_faults(),
)

FAULTS: Mapping[str, Fault["Cloud"]] = {
    one.word: one
    for one in (
        *_of(lambda cloud: cloud.compute, compute_faults.FAULTS),
        *_of(lambda cloud: cloud.fleet, fleet_faults.FAULTS),
        *_of(lambda cloud: cloud.elasticsearch, elasticsearch_faults.FAULTS),
        _CLEAR,
    )
}
