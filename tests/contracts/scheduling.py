"""Of several workers one takes a whole cell, as its etcd is started once."""

from xdist.scheduler.loadscope import LoadScopeScheduling  # type: ignore[import-untyped]

from tests.contracts.matrix import CELLS


class CellScheduling(LoadScopeScheduling):  # type: ignore[misc]
    """As xdist's own groups, which it writes where pytest 9.2 does not look."""

    def _split_scope(self, nodeid: str) -> str:
        return next((str(cell) for cell in CELLS if str(cell) in nodeid), nodeid)
