"""Where the contract of a store is kept: every cell that there is, and what a cell has not.

Every case runs in every cell. A cell passes a case over only when `GAPS` says why.
"""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cell:
    """`secured`: TLS, a client certificate and a password. Of three nodes, the one in use dies."""

    api: str
    secured: bool = False
    nodes: int = 1

    def __str__(self) -> str:
        if self.api == "model":
            return self.api
        secured = "TLS and password" if self.secured else "plain"
        return f"{self.api}, {secured}, {self.nodes} node{'s' if self.nodes > 1 else ''}"

    @property
    def quick(self) -> bool:
        return self.nodes == 1 and not self.secured


CELLS = (
    *(
        Cell(api, secured, nodes)
        for api in ("v3", "v2")
        for secured in (False, True)
        for nodes in (1, 3)
    ),
    Cell("model"),
)


@dataclass(frozen=True, slots=True)
class Gap:
    """Cases that have no meaning in some cells."""

    reason: str
    cells: Callable[[Cell], bool]
    cases: frozenset[str]


def gap(cell: Cell, case: str) -> Gap | None:
    return next((gap for gap in GAPS if gap.cells(cell) and case in gap.cases), None)


GAPS = (
    Gap(
        "v2 compares only the key that it writes, so it can hold no fence",
        lambda cell: cell.api == "v2",
        frozenset(
            {
                "test_a_fence_that_holds_lets_writes_through",
                "test_a_fence_that_does_not_hold_stops_every_write",
                "test_a_leader_whose_lease_was_revoked_writes_nothing_more",
            }
        ),
    ),
    Gap(
        "it has fences",
        lambda cell: cell.api != "v2",
        frozenset({"test_a_store_without_fences_refuses_them"}),
    ),
    Gap(
        "v2 keeps text",
        lambda cell: cell.api == "v2",
        frozenset({"test_bytes_that_are_no_text_are_kept_whole"}),
    ),
    Gap(
        "it keeps any bytes",
        lambda cell: cell.api != "v2",
        frozenset({"test_a_store_of_text_refuses_bytes_that_are_none"}),
    ),
    Gap(
        "only v2 has directories, hidden keys, and a history that counts events of everybody",
        lambda cell: cell.api != "v2",
        frozenset(
            {
                "test_a_directory_that_expires_is_a_deletion_of_each_key",
                "test_hidden_keys_are_hidden_from_a_watch_that_begins_in_the_past",
                "test_a_watch_is_lost_when_foreign_keys_have_cleared_the_history",
                "test_a_watch_is_lost_when_refreshes_have_cleared_the_history",
                "test_a_quiet_watch_outlives_any_number_of_refreshes_elsewhere",
            }
        ),
    ),
    Gap(
        "v2 remembers 1000 events, so nobody can catch up with more",
        lambda cell: cell.api == "v2",
        frozenset({"test_a_long_catch_up_over_a_kill_misses_nothing_and_tells_nothing_twice"}),
    ),
    Gap(
        "only v3 has a quota of space and the alarm for it",
        lambda cell: cell.api != "v3",
        frozenset({"test_an_etcd_without_space_takes_no_writes_and_does_all_else"}),
    ),
    Gap(
        "only v3 lists by pages",
        lambda cell: cell.api != "v3",
        frozenset({"test_a_list_that_was_compacted_between_two_pages_fails_whole"}),
    ),
    Gap(
        "only v3 logs in for a while: v2 is given the password with every request",
        lambda cell: cell.api != "v3" or not cell.secured,
        frozenset({"test_a_login_that_ran_out_is_made_again"}),
    ),
    Gap(
        "it lets everybody in",
        lambda cell: not cell.secured,
        frozenset(
            {
                "test_what_the_user_may_not_touch_is_denied",
                "test_who_is_not_let_in_is_denied",
                "test_without_a_client_certificate_nothing_is_answered",
                "test_a_server_of_another_authority_is_not_spoken_to",
            }
        ),
    ),
    Gap(
        "a single member is its own leader",
        lambda cell: cell.nodes == 1,
        frozenset(
            {
                "test_a_member_without_a_leader_does_not_pass_for_alive",
                "test_the_other_members_take_over_from_a_dead_one",
            }
        ),
    ),
    Gap(
        "the model has no wire, no processes and no size",
        lambda cell: cell.api == "model",
        frozenset(
            {
                "test_a_frozen_connection_is_noticed_in_time",
                "test_a_mirror_of_a_backup_that_is_further_by_now_shows_what_stands_there",
                "test_a_write_whose_answer_was_lost_is_not_sent_again",
                "test_closing_the_store_fails_the_calls_under_way",
                "test_a_list_of_more_than_4_mib_is_whole",
                "test_a_leader_whose_lease_was_revoked_writes_nothing_more",
                "test_a_long_catch_up_over_a_kill_misses_nothing_and_tells_nothing_twice",
                "test_a_kill_under_load_loses_no_event_and_tells_none_twice",
            }
        ),
    ),
)
