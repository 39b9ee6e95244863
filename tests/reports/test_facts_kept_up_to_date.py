"""The facts after a few changes are the facts as if all were read anew."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from brigada.reports.facts import Facts, arranged
from brigada.reports.store import updated
from reports.histories import histories, some
from reports.raw import RawCall, facts_of


@st.composite
def changes(draw: st.DrawFn) -> tuple[list[RawCall], list[RawCall]]:
    """A history, and its calls that changed or came since: other times, teams more, teams gone."""
    calls = [replace(call, district="") for call in draw(histories())]
    changed = []
    for call in calls:
        if draw(st.booleans()):
            sent = draw(st.sampled_from((call.assignments, call.assignments[:-1], call.assignments[1:])))
            received = call.received + timedelta(hours=draw(st.sampled_from((0, 0, -30, 30))))
            changed.append(
                replace(
                    call,
                    received=received,
                    assignments=sent,
                    status=draw(st.sampled_from(("new", "completed"))),
                )
            )
    kept = draw(st.integers(0, len(calls)))
    known, new = calls[:kept], calls[kept:]
    return known, [call for call in changed if call in known or call.id in {one.id for one in known}] + new


def _expect_the_same(found: Facts, wanted: Facts) -> None:
    for one, other in ((found.calls, wanted.calls), (found.assignments, wanted.assignments)):
        for name in one.columns.keys() - {"district"}:  # numbers that the fixture gives anew to each list
            column = one[name]
            assert column.tobytes() == other[name].tobytes(), name


@some
@given(changes())
def test_a_few_changed_calls_leave_the_facts_as_if_all_were_read(
    story: tuple[list[RawCall], list[RawCall]],
) -> None:
    known, changed = story
    before, fresh = facts_of(known), facts_of(changed)
    ids = [call.id for call in changed]
    found = arranged(
        updated(before.calls, "id", ids, fresh.calls),
        updated(before.assignments, "call_id", ids, fresh.assignments),
        before.names, before.mileage,
    )  # fmt: skip
    whole = {call.id: call for call in [*known, *changed]}
    _expect_the_same(found, facts_of(list(whole.values())))
