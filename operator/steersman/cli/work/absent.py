"""What is not there by its name, told with what may have been meant."""

from collections.abc import Iterable

from steersman.cli.exits import NotFoundError
from steersman.cli.show.members import names
from steersman.cli.show.several import several
from steersman.model.document import nearest
from steersman.model.requests import Scope
from steersman.model.resource import Key
from steersman.model.views import JSON

NOTHING = "nothing"


def no_resource(key: Key, others: Iterable[str]) -> NotFoundError:
    """`others`: the names that there are of its kind."""
    meant = nearest(key.name, sorted(others))
    hint = f" (did you mean {key.kind}/{meant}?)" if meant else ""
    return NotFoundError(f"{key} is not there{hint}")


def no_member(member: Scope, status: JSON) -> NotFoundError:
    """`status`: that of the resource, which tells of its members."""
    known = several(sorted(set(names(status)))) or NOTHING
    return NotFoundError(f"{member} is not there: {member.kind}/{member.name} has {known}")
