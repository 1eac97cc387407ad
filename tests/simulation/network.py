"""The network of a simulation: a line from each party to each system, which may be slow, cut, or
gone with its party; what has been sent arrives even when nobody waits for the answer any more."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from steersman.model.errors import UnreachableError

GIVE_UP_SECONDS = 8.0  # without an answer

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Write:
    """What a system was asked to change. `value` is the new content, where there is one."""

    system: str
    action: str
    target: str
    value: str = ""

    def __str__(self) -> str:
        return f"{self.system} {self.action} {self.target}"

    @property
    def reaches_nobody(self) -> bool:
        """It names an instance by an id that is no more, or never was."""
        return self.system == "compute" and self.target.isdigit()


@dataclass(frozen=True, slots=True)
class Delivery:
    """A write as it arrives. `sent_at` is the loop's time."""

    write: Write
    party: str
    sent_at: float


class ReplyLostError(Exception):
    """What a request raises that was applied and will not be answered."""


class Witness(Protocol):
    """Sees every request at the system's end of the line."""

    def sends(self, delivery: Delivery) -> None:
        """A write leaves its sender."""
        ...

    def arrives(self, delivery: Delivery) -> None:
        """A write, a moment before it is applied or refused."""
        ...

    def applied(self, delivery: Delivery) -> None: ...

    def answered(self, delivery: Delivery) -> None:
        """Its sender knows that it was applied."""
        ...

    def read(self, party: str, system: str, sent_at: float) -> None:
        """The answer to a read has come back to its sender."""
        ...


@dataclass(slots=True)
class Way:
    """How it is to get from a party to a system at the moment; it outlives the party's lives."""

    latency_seconds: float
    extra_seconds: float = 0.0  # it is slow
    cuts: int = 0  # so many faults let nothing through, and nobody says so
    blinds: int = 0  # so many faults make reads fail; writes pass


class Line:
    """What one life of a party has to one system. `before_send` is called with every request
    that is about to be sent, with what it writes, if it does; `after_answer` with every write
    that was answered, before its sender goes on."""

    def __init__(
        self,
        party: str,
        system: str,
        way: Way,
        witnesses: tuple[Witness, ...] = (),
        before_send: Callable[[Write | None], None] = lambda _write: None,
        after_answer: Callable[[Write], None] = lambda _write: None,
    ) -> None:
        self.party, self.system, self.way = party, system, way
        self.severed = False  # the party is dead: for it there is no world any more
        self._witnesses = witnesses
        self._before_send, self._after_answer = before_send, after_answer

    async def carry(self, request: Callable[[], T], write: Write | None = None) -> T:
        """Deliver a request and bring back its answer. UnreachableError: nobody knows."""
        self._before_send(write)
        if self.severed:
            raise UnreachableError("this party is dead", applied=False)
        if self.way.blinds and write is None:
            await asyncio.sleep(self.way.latency_seconds)
            raise UnreachableError("the read failed")
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[T] = loop.create_future()
        journey = _Journey(self, request, answer, write, loop.time())
        journey.leave()
        if not self.way.cuts:
            loop.call_later(self._half(), journey.arrive)
        try:
            async with asyncio.timeout(GIVE_UP_SECONDS):
                result = await answer
        except TimeoutError:
            raise UnreachableError("no answer") from None
        self._tell_answered(journey)
        if write is not None:
            self._after_answer(write)
        return result

    def _tell_answered(self, journey: "_Journey") -> None:
        if delivery := journey.delivery:
            self.tell(lambda witness: witness.answered(delivery))
        else:
            self.tell(lambda witness: witness.read(self.party, self.system, journey.sent_at))

    def tell(self, what: Callable[[Witness], None]) -> None:
        for witness in self._witnesses:
            what(witness)

    def half_way_back(self, deliver: Callable[[], None]) -> None:
        if not (self.way.cuts or self.severed):
            asyncio.get_running_loop().call_later(self._half(), deliver)

    def _half(self) -> float:
        return (self.way.latency_seconds + self.way.extra_seconds) / 2


class _Journey:
    """One request under way: it lives in the network, not in the task that sent it."""

    def __init__(
        self,
        line: Line,
        request: Callable[[], T],
        answer: "asyncio.Future[T]",
        write: Write | None,
        sent_at: float,
    ) -> None:
        self._line, self._request, self._answer = line, request, answer
        self.sent_at = sent_at
        self.delivery = Delivery(write, line.party, sent_at) if write else None

    def leave(self) -> None:
        if delivery := self.delivery:
            self._line.tell(lambda witness: witness.sends(delivery))

    def arrive(self) -> None:
        if delivery := self.delivery:
            self._line.tell(lambda witness: witness.arrives(delivery))
        try:
            result = self._request()
        except ReplyLostError:
            self._tell_applied()
            lost = UnreachableError("the answer got lost")
            self._line.half_way_back(lambda: self._refuse(lost))
            return
        except Exception as error:  # whatever it is, it is the answer
            failure = error
            self._line.half_way_back(lambda: self._refuse(failure))
            return
        self._tell_applied()
        self._line.half_way_back(lambda: self._answer_with(result))

    def _tell_applied(self) -> None:
        if delivery := self.delivery:
            self._line.tell(lambda witness: witness.applied(delivery))

    def _answer_with(self, result: object) -> None:
        if self._answer.done() or self._line.severed:
            return
        self._answer.set_result(result)  # type: ignore[arg-type]  # the request's own

    def _refuse(self, error: Exception) -> None:
        if not self._answer.done():
            self._answer.set_exception(error)
