"""Pages of a hundred, by offset."""

import pytest

from localcloud.fleet.api.paging import page_number, page_of
from localcloud.fleet.records import ApiError

SECOND = "ZAACAA=="


@pytest.mark.parametrize(
    ("count", "tokens", "first", "length", "next_token"),
    [
        pytest.param(99, [], 0, 99, None, id="one page"),
        pytest.param(100, [], 0, 100, SECOND, id="a full last page names a next one"),
        pytest.param(100, [SECOND], None, 0, None, id="which is empty"),
        pytest.param(101, [], 0, 100, SECOND, id="two pages"),
        pytest.param(101, [SECOND], 100, 1, None, id="the rest"),
        pytest.param(0, [], None, 0, None, id="nothing"),
    ],
)
def test_page(
    count: int, tokens: list[str], first: int | None, length: int, next_token: str | None
) -> None:
    page = page_of(list(range(count)), page_number(tokens))
    assert (next(iter(page.items), None), len(page.items)) == (first, length)
    assert page.next_token == next_token


@pytest.mark.parametrize(
    ("tokens", "message"),
    [
        ([SECOND, SECOND], "too many values for page token"),
        (["!!!"], "illegal base64 data at input byte 0"),
        (["ZAACAA"], "illegal base64 data at input byte 6"),
        (["AAAA"], "unexpected EOF"),
        ([""], "EOF"),
        (["CgABAA=="], "token limit must be 100"),
        (["ZAAAAA=="], "token page must be greater than zero"),
    ],
)
def test_bad_token(tokens: list[str], message: str) -> None:
    with pytest.raises(ApiError) as caught:
        page_number(tokens)
    assert (caught.value.status, caught.value.message) == (400, message)


def test_page_numbers_overflow_at_16_bits() -> None:
    """Page 657 begins at 65,600, which is 64."""
    assert list(page_of(list(range(200)), 657).items) == list(range(64, 164))
