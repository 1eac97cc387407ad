"""The composition root: the only room that knows clients, informers, kinds and engine at once."""

from steersman.app.assembly import Operator, assemble
from steersman.app.daemon import run
from steersman.app.outside import Outside

__all__ = ["Operator", "Outside", "assemble", "run"]
