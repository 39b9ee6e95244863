"""Random histories of some calls, with all that goes wrong in life: reversed, missing, inferred, corrected stamps."""

from datetime import datetime, timedelta
from os import environ
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import settings
from hypothesis import strategies as st

from brigada.reports.catalogue import compute
from brigada.reports.facts import REJECT_REASONS, STEPS
from brigada.reports.filters import Filters
from brigada.reports.periods import Period
from brigada.reports.selection import Query
from brigada.reports.tables import Report
from reports.raw import HOSPITALS, OWN_REASONS, START, TEAMS, RawAssignment, RawCall, facts_of

ZONE = ZoneInfo("Europe/Berlin")
"""A zone with clock changes: the random days hold one of them."""
PERIOD = Period(START, START + timedelta(days=40), ZONE)
NOW = START + timedelta(days=60)
LIVING = ("assigned", "acknowledged", "en_route", "on_scene", "transporting", "at_hospital")
LOST = ("declined", "cancelled", "diverted", "troubled")

some = settings(max_examples=int(environ.get("BRIGADA_TEST_EXAMPLES", "4")), deadline=None)
"""Each example is a dozen of calls, and what is rare is drawn often. A few for each run, many for `make test-long`."""

offsets = st.integers(0, 45 * 86_400_000).map(lambda ms: timedelta(milliseconds=ms))
gaps = st.integers(-200, 5_000).map(lambda seconds: timedelta(seconds=seconds))
spots = st.tuples(st.floats(59.8, 60.1), st.floats(30.1, 30.6))


@st.composite
def time_lines(draw: st.DrawFn, received: datetime, number: int) -> RawAssignment:
    status = draw(st.sampled_from(("completed", "completed", "completed", *LIVING, *LOST)))
    moment, moments = received + draw(gaps), {}
    for step in STEPS:
        if step == "assigned" or draw(st.integers(0, 9)) < 8:
            moments[step] = moment
        moment += draw(gaps)
    steps = frozenset(moments)
    subset = st.sets(st.sampled_from(sorted(steps - {"assigned"}) or ["assigned"]), max_size=2)
    inferred = frozenset(draw(subset)) & steps
    gps: dict[str, datetime] = {
        step: moments[step] + timedelta(seconds=draw(st.sampled_from((-300, -120, 0, 45, 121))))
        for step in ("en_route", "on_scene", "at_hospital")
        if step in moments and draw(st.booleans())
    }
    return RawAssignment(
        id=number, team_id=draw(st.sampled_from([team.id for team in TEAMS])), status=status, moments=moments,
        ended=None if status in LIVING else moment, inferred=inferred,
        corrected=frozenset(draw(subset)) & steps - inferred, by_gps=frozenset(draw(subset)) & steps - inferred,
        trouble=draw(st.sampled_from(("car_broken", "human_factor", "external_factor"))) if status == "troubled"
        else None,
        advice_team_id=draw(st.sampled_from((None, 1, 2, 3))),
        advice_cost_s=draw(st.sampled_from((None, 0.0, 0.5, 1.0, 30.5, 400.0))),
        assigned_by=draw(st.sampled_from((None, 7, 8))), gps=gps, start=draw(st.none() | spots),
        hospital_id=draw(st.sampled_from((None, *HOSPITALS))),
    )  # fmt: skip


@st.composite
def histories(draw: st.DrawFn) -> list[RawCall]:
    calls = []
    for number in range(draw(st.integers(0, 12))):
        received = START - timedelta(days=2) + draw(offsets)
        status = draw(st.sampled_from(("completed", "completed", "new", "accepted", "rejected")))
        sent = tuple(
            draw(time_lines(received, number * 3 + place + 1)) for place in range(draw(st.integers(0, 3)))
        )
        calls.append(
            RawCall(
                id=number + 1, received=received, status=status, assignments=sent,
                criticality=draw(st.sampled_from(("critical", "important", "common"))),
                district=draw(st.sampled_from(("", "Северный", "Южный"))),
                reason=draw(st.sampled_from(("", "chest_pain", "fall"))), own_reason=draw(st.sampled_from(OWN_REASONS)),
                reject_reason=draw(st.sampled_from(REJECT_REASONS)) if status == "rejected" else None,
                required=draw(st.sampled_from((None, None, "physician", "paediatric"))),
                created_by=draw(st.sampled_from((None, 7, 8))), place=draw(st.none() | spots),
            )
        )  # fmt: skip
    return calls


def ask(calls: list[RawCall], name: str, group: str | None = None, **how: Any) -> Report:
    """The report, of the usual period and moment unless told otherwise; filters by name."""
    filters = Filters(**{key: how.pop(key) for key in list(how) if key in Filters.__dataclass_fields__})
    facts = how.pop("facts", None) or facts_of(calls)
    query = Query(**{"name": name, "period": PERIOD, "group": group, "now": NOW, "filters": filters, **how})
    return compute(facts, query)


def by_label(report: Report, table: str, *, drop: str = "") -> dict[str, dict[str, Any]]:
    """The rows of a table by their group; a group in two rows is a mistake.

    `drop` names a count: rows that have none are left out.
    """
    rows = report.table(table).rows
    found = {row["group"]: row for row in rows if not drop or row[drop]}
    assert len(found) == sum(not drop or bool(row[drop]) for row in rows)
    return found
