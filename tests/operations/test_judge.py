"""When incidents open, come back and end, and what is told: pure decisions."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forecourt.kit.ids import new_id
from forecourt.operations.judge import Open, Reopen, Resolve, judge, what_to_tell
from forecourt.operations.rule_kinds import Observation

NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)
SUBJECT, PLACE = new_id(), new_id()


@dataclass
class Rule:
    enabled: bool = True
    delay_minutes: int = 10
    reopen_minutes: int = 15
    location_ids: list[str] | None = None


@dataclass
class Course:
    state: str = "open"
    resolved_at: datetime | None = None
    resolve_cause: str | None = None
    told_state: str | None = None
    told_at: datetime | None = None


def minutes(count: float) -> datetime:
    return NOON + timedelta(minutes=count)


SEEN = Observation(
    subject_type="station", subject_id=SUBJECT, since=NOON, station_id=SUBJECT, location_id=PLACE
)


def resolved(at: float, cause: str = "condition_ended") -> dict[UUID, Course]:
    return {SUBJECT: Course("resolved", minutes(at), cause)}


class TestJudge:
    def test_a_condition_counts_once_it_held_for_the_delay(self) -> None:
        assert judge(Rule(), [SEEN], {}, now=minutes(9.9)) == []
        assert judge(Rule(), [SEEN], {}, now=minutes(10)) == [Open(SEEN)]

    def test_one_that_is_open_stays_one(self) -> None:
        assert judge(Rule(), [SEEN], {SUBJECT: Course()}, now=minutes(60)) == []
        assert judge(Rule(), [SEEN], {SUBJECT: Course("acknowledged")}, now=minutes(60)) == []

    def test_it_ends_with_its_condition(self) -> None:
        assert judge(Rule(), [], {SUBJECT: Course()}, now=NOON) == [Resolve(SUBJECT, "condition_ended")]

    def test_it_ends_with_its_rule(self) -> None:
        rule = Rule(enabled=False)
        assert judge(rule, [SEEN], {SUBJECT: Course()}, now=minutes(60)) == [Resolve(SUBJECT, "rule_off")]

    def test_a_rule_for_some_places_leaves_others_alone(self) -> None:
        here, there = Rule(location_ids=[str(PLACE)]), Rule(location_ids=[str(new_id())])
        assert judge(here, [SEEN], {}, now=minutes(10)) == [Open(SEEN)]
        assert judge(there, [SEEN], {}, now=minutes(10)) == []
        assert judge(there, [SEEN], {SUBJECT: Course()}, now=minutes(10)) == [
            Resolve(SUBJECT, "condition_ended")
        ]

    @pytest.mark.parametrize(
        ("ended", "decision"), [(-15, Reopen(SEEN)), (-15.1, Open(SEEN)), (5, Reopen(SEEN))]
    )
    def test_one_that_returns_soon_goes_on(self, ended: float, decision: Open | Reopen) -> None:
        assert judge(Rule(), [SEEN], resolved(ended), now=minutes(10)) == [decision]

    def test_what_a_person_ended_opens_again_with_the_next_occurrence_only(self) -> None:
        assert judge(Rule(), [SEEN], resolved(5, "person"), now=minutes(60)) == []
        again = replace(SEEN, since=minutes(30))
        assert judge(Rule(), [again], resolved(5, "person"), now=minutes(60)) == [Open(again)]

    def test_what_was_so_when_last_heard_opens_none_and_keeps_one(self) -> None:
        unsure = replace(SEEN, certain=False)
        assert judge(Rule(), [unsure], {}, now=minutes(60)) == []
        assert judge(Rule(), [unsure], {SUBJECT: Course()}, now=minutes(60)) == []


class TestWhatToTell:
    def test_the_beginning_and_the_end(self) -> None:
        assert what_to_tell(Course(), reopen_minutes=15, now=NOON) == "open"
        assert what_to_tell(Course(told_state="open", told_at=NOON), reopen_minutes=15, now=NOON) is None
        ended = Course("resolved", told_state="open", told_at=NOON)
        assert what_to_tell(ended, reopen_minutes=15, now=NOON) == "resolved"
        ended.told_state = "resolved"
        assert what_to_tell(ended, reopen_minutes=15, now=NOON) is None

    def test_its_return_is_told_after_a_while_if_it_lasts(self) -> None:
        back = Course("open", told_state="resolved", told_at=NOON)
        assert what_to_tell(back, reopen_minutes=15, now=minutes(14.9)) is None
        assert what_to_tell(back, reopen_minutes=15, now=minutes(15)) == "open"

    def test_what_was_never_told_open_is_not_told_resolved(self) -> None:
        assert what_to_tell(Course("resolved"), reopen_minutes=15, now=NOON) is None

    @settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(st.lists(st.booleans(), min_size=1, max_size=200), st.integers(1, 60))
    def test_a_flapping_condition_is_told_twice_a_window_at_most_and_truly_in_the_end(
        self, states: list[bool], window: int
    ) -> None:
        """One look a minute; in any span of `window` minutes at most one beginning is told."""
        course, told = Course("resolved"), []
        for minute, broken in enumerate(states):
            course.state = "open" if broken else "resolved"
            what = what_to_tell(course, reopen_minutes=window, now=minutes(minute))
            if what is not None:
                course.told_state, course.told_at = what, minutes(minute)
                told.append((minute, what))
        opened = [minute for minute, what in told if what == "open"]
        assert all(later - earlier > window for earlier, later in itertools.pairwise(opened))
        assert [what for _, what in told] == ["open", "resolved"] * (len(told) // 2) + ["open"] * (
            len(told) % 2
        )
        if not states[-1]:
            assert not told or told[-1][1] == "resolved"
