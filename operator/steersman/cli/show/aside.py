"""Words aside: they stand on standard error, so that the answer stays what programs expect."""

import sys

from steersman.cli.show.escaping import words


def aside(text: str) -> None:
    print(words(text), file=sys.stderr, flush=True)
