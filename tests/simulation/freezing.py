"""Daemons that stand still, as under SIGSTOP: their tasks run no further, while time, the network
and everybody else go on."""

import asyncio
from collections.abc import Callable
from contextvars import Context, ContextVar, copy_context
from typing import TypeVarTuple

from tests.support.virtual import VirtualLoop

_Ts = TypeVarTuple("_Ts")

STEPS_AT_ONCE_MAX = 20_000  # a busy moment has hundreds

_FROST: ContextVar["Frost | None"] = ContextVar("frost", default=None)


class Frost:
    """Of one daemon: what it would have done since it stands still."""

    def __init__(self) -> None:
        self.frozen = False
        self._held: list[Callable[[], object]] = []

    def context(self) -> Context:
        """For the daemon's first task; all that comes of it inherits it."""
        context = copy_context()
        context.run(_FROST.set, self)
        return context

    def hold(self, callback: Callable[[], object]) -> None:
        self._held.append(callback)

    def thaw(self) -> None:
        self.frozen, held, self._held = False, self._held, []
        for callback in held:
            callback()


class FreezingLoop(VirtualLoop):
    """A task takes each of its steps through `call_soon`, in its own context. `spins` is called
    when tasks keep each other busy while no time passes: virtual time would stand still."""

    def __init__(self, limit_seconds: float) -> None:
        self.spins: Callable[[], None] = lambda: None
        self._steps, self._steps_at = 0, 0.0
        super().__init__(limit_seconds)

    def skip(self, seconds: float) -> None:
        """Time passes in which nothing happens to anybody; what was due meanwhile is late."""
        self._now += seconds

    def call_soon(
        self, callback: Callable[[*_Ts], object], *args: *_Ts, context: Context | None = None
    ) -> asyncio.Handle:
        self._count()
        frost = (context or copy_context()).get(_FROST)
        if frost is None or not frost.frozen:
            return super().call_soon(callback, *args, context=context)
        frost.hold(lambda: self.call_soon(callback, *args, context=context))
        return asyncio.Handle(callback, args, self, context)

    def _count(self) -> None:
        if self.time() != self._steps_at:
            self._steps, self._steps_at = 0, self.time()
        self._steps += 1
        if self._steps == STEPS_AT_ONCE_MAX:
            self.spins()
