"""How an input is tried: many of them, each for a bounded time, and only the declared errors."""

import gzip
import os
import time
from base64 import b64encode
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, example, given, note, settings
from hypothesis import strategies as st

from tests.fuzz.corpus import folder, found

EXAMPLES = "FUZZ_EXAMPLES"  # in the environment: how many inputs a test tries, other ones each time
QUICK_EXAMPLES = 40  # without it, the same ones each time
CPU_SECONDS_MAX = 5.0  # for one input, of a slow machine; the good ones take milliseconds

# hypothesis warns of an input that is long to print, where it reports the failure itself
LONG_INPUTS = pytest.mark.filterwarnings("ignore::hypothesis.errors.HypothesisWarning")

T = TypeVar("T")
E = TypeVar("E", bound=Exception)
Test = Callable[..., None]


def fuzzed(family: str, inputs: st.SearchStrategy[bytes]) -> Callable[[Test], Test]:
    """The test gets `body`: first all that once broke something, then what is drawn."""

    def decorate(test: Test) -> Test:
        tried = _limited(test, family)
        for body in found(family):
            tried = example(body=body)(tried)
        chosen: Test = _settings()(given(body=inputs)(tried))
        return LONG_INPUTS(chosen)

    return decorate


def outcome(parse: Callable[[], T], *declared: type[Exception]) -> T | None:
    """What the parser makes of it; None: it was refused as declared."""
    try:
        return parse()
    except declared:
        return None


def refusal(parse: Callable[[], object], declared: type[E]) -> E | None:
    """What is said against it; None: it was read."""
    try:
        parse()
    except declared as error:
        return error
    return None


def _limited(test: Test, family: str) -> Test:
    @wraps(test)
    def limited(*, body: bytes, **fixtures: Any) -> None:
        kept = b64encode(gzip.compress(body, mtime=0)).decode()
        note(f"to keep it: echo {kept} | base64 -d | gunzip > {folder(family)}/NAME")
        began = time.process_time()
        test(body=body, **fixtures)
        took = time.process_time() - began
        assert took < CPU_SECONDS_MAX, f"{took:.1f} s of CPU for {len(body)} bytes"

    return limited


def _settings() -> Any:
    examples = os.environ.get(EXAMPLES)
    return settings(
        max_examples=int(examples or QUICK_EXAMPLES),
        derandomize=examples is None,
        database=None,  # what was found is kept in the corpus, where people see it
        deadline=None,  # of wall-clock time, which a busy machine uses up: see CPU_SECONDS_MAX
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
        print_blob=True,
    )
