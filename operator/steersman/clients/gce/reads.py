"""Reads of instances as plain JSON, over the library's own authorised transport. They block.

The library makes a message of every field of every instance, user data included, though we use
eight; that costs ten times the CPU of reading the JSON.
"""

from collections.abc import Iterator, Mapping
from http.client import NOT_FOUND, OK, UNAUTHORIZED
from urllib.parse import quote

import structlog

from steersman.clients.gce import errors, instances
from steersman.clients.gce.credentials import Identity
from steersman.clients.gce.deadline import seconds_left
from steersman.clients.gce.instances import OddShapeError, Page
from steersman.clients.http import USER_AGENT, Answer
from steersman.clients.unreadable import unreadable
from steersman.model.errors import OutsideError
from steersman.model.observed import Instance
from steersman.model.ports import InstanceList

PAGES_MAX = 100

log = structlog.get_logger()


class Reads:
    """`url` is the API's, without a path. Deadlines are on the clock of `time.monotonic`."""

    def __init__(self, project: str, url: str, identity: Identity) -> None:
        from steersman.clients.gce.whole import PAGE_INSTANCES_MAX, authorised

        self._url = f"{url}/compute/v1/projects/{project}"
        self._identity = identity
        self._session = authorised(identity.credentials)
        self._page_instances = str(PAGE_INSTANCES_MAX)

    def list_instances(self, deadline: float) -> InstanceList:
        """Whole, or an OutsideError; the deadline is that of all pages together."""
        pages = tuple(self._pages("listing instances", deadline))
        unknown = {zone: why for page in pages for zone, why in page.unknown.items()}
        for zone, why in sorted(unknown.items()):
            log.warning("zone unknown", zone=zone, reason=errors.shown(why))
        found = (each for page in pages for each in page.instances)
        return InstanceList(tuple(found), frozenset(unknown))

    def get_instance(self, zone: str, instance: str, deadline: float) -> Instance | None:
        """None only when the API itself says that there is no such thing."""
        doing = f"getting {zone}/{instance}"
        path = f"/zones/{quote(zone, safe='')}/instances/{quote(instance, safe='')}"
        answer = self._get(path, {}, doing, deadline)
        if answer.status != OK:
            error = _refusal(answer, doing)
            if answer.status == NOT_FOUND and error.code == errors.ABSENT:
                return None
            raise error
        try:
            return instances.instance(answer.object(), zone)
        except OddShapeError as error:
            raise _no_answer(doing, error) from error

    def close(self) -> None:
        self._session.close()

    def _pages(self, doing: str, deadline: float) -> Iterator[Page]:
        query: dict[str, str] = {"maxResults": self._page_instances}
        for _ in range(PAGES_MAX):
            page = self._page(query, doing, deadline)
            yield page
            if not page.next_token:
                return
            query["pageToken"] = page.next_token
        message = f"{doing}: more than {PAGES_MAX} pages"
        raise unreadable(message)

    def _page(self, query: Mapping[str, str], doing: str, deadline: float) -> Page:
        answer = self._get("/aggregated/instances", query, doing, deadline)
        if answer.status != OK:
            raise _refusal(answer, doing)
        try:
            return instances.page(answer.object())
        except OddShapeError as error:
            raise _no_answer(doing, error) from error

    def _get(self, path: str, query: Mapping[str, str], doing: str, deadline: float) -> Answer:
        self._identity.ready(self._url, doing, deadline)
        try:
            answer = self._answer(self._url + path, query, doing, deadline)
        except OutsideError:
            raise
        except Exception as error:
            raise errors.raised(error, doing, write=False) from error
        if answer.status == UNAUTHORIZED:
            self._identity.renew(doing, deadline)  # for the next call
        return answer

    def _answer(self, url: str, query: Mapping[str, str], doing: str, deadline: float) -> Answer:
        response = self._session.get(
            url,
            params=query,
            headers={"User-Agent": USER_AGENT},
            timeout=seconds_left(doing, deadline),
            allow_redirects=False,
        )
        return Answer(response.status_code, response.content, asked=doing)


def _refusal(answer: Answer, doing: str) -> OutsideError:
    return errors.refusal(answer.status, answer.body, doing, write=False)


def _no_answer(doing: str, error: OddShapeError) -> OutsideError:
    return unreadable(f"{doing}: {errors.shown(str(error))}")
