"""`steersman local`: a whole local cloud and the daemon as processes, started and supervised."""

from steersman.local.run import run

__all__ = ["run"]
