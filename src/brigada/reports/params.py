"""What the address of a report may say."""

from typing import Annotated

from fastapi import Depends, Query

from brigada.deps import INT8_MAX, QueryText
from brigada.reports.asking import MOST_ROWS, SHOWN_ROWS, Asked, box_of
from brigada.reports.filters import Filters
from brigada.reports.schemas import (
    Advice,
    Criticality,
    Ending,
    GpsStep,
    Group,
    Interval,
    Outcome,
    Profile,
    Status,
    ValueState,
)

IdOrNone = Annotated[int, Query(ge=0, le=INT8_MAX, description="0: those that have none.")]


def asked_for(
    since: Annotated[
        QueryText | None,
        Query(alias="from", description="First day (2026-11-01) or moment with offset; counted in."),
    ] = None,
    until: Annotated[
        QueryText | None,
        Query(alias="to", description="Day or moment at which the period ends; not counted in."),
    ] = None,
    group: Annotated[Group | None, Query(description="By what; each report names its own.")] = None,
    interval: Annotated[
        Interval, Query(description="Which interval `intervals` shows by group, and `state` is about.")
    ] = "response",
    norm_set: Annotated[
        QueryText | None, Query(description="Judge by this set instead of the active norms.")
    ] = None,
    compare: Annotated[bool, Query(description="Beside each number that of the period before.")] = False,
    limit: Annotated[
        int | None,
        Query(
            ge=1,
            le=MOST_ROWS,
            description=f"Rows of a list of calls: {SHOWN_ROWS} by default, {MOST_ROWS} in a file.",
        ),
    ] = None,
    criticality: Criticality | None = None,
    status: Status | None = None,
    outcome: Outcome | None = None,
    district: QueryText | None = None,
    reason: QueryText | None = None,
    dispatcher_id: Annotated[int | None, Query(ge=0, le=INT8_MAX, description="Who took the call.")] = None,
    hour: Annotated[int | None, Query(ge=0, le=23, description="Hour of the day.")] = None,
    weekday: Annotated[int | None, Query(ge=0, le=6, description="0 is Monday.")] = None,
    box: Annotated[
        QueryText | None, Query(description="south,west,north,east in degrees: calls within it.")
    ] = None,
    late: Annotated[
        bool | None, Query(description="Only calls that missed the norm, or only the others.")
    ] = None,
    norm_id: Annotated[
        int | None, Query(ge=1, le=INT8_MAX, description="The norm that `late` is about.")
    ] = None,
    state: Annotated[
        ValueState | None,
        Query(description="Only calls whose `interval` is measured, incomplete, corrected, beyond its norm."),
    ] = None,
    profile: Profile | None = None,
    team: Annotated[QueryText | None, Query(description="Name of a team, all its shifts.")] = None,
    team_id: Annotated[IdOrNone | None, Query(description="One shift of a team.")] = None,
    station_id: IdOrNone | None = None,
    car_id: IdOrNone | None = None,
    sent: Annotated[
        bool | None, Query(description="Filters of teams mean any team sent, not the one counted under.")
    ] = None,
    begun: Annotated[
        bool | None, Query(description="Calls with an assignment that began within the period.")
    ] = None,
    ending: Annotated[Ending | None, Query(description="Calls with an assignment that ended so.")] = None,
    advice: Annotated[Advice | None, Query(description="Calls with an assignment sent so.")] = None,
    gps_off: Annotated[
        GpsStep | None, Query(description="Calls with this step declared over two minutes off the GPS.")
    ] = None,
    sender_id: Annotated[int | None, Query(ge=0, le=INT8_MAX, description="Who sent the team.")] = None,
) -> Asked:
    """Gather what a request says."""
    filters = Filters(
        criticality=criticality, status=status, outcome=outcome, district=district, reason=reason,
        dispatcher_id=dispatcher_id, hour=hour, weekday=weekday, box=box_of(box), late=late, norm_id=norm_id,
        state=state, profile=profile, team=team, team_id=team_id, station_id=station_id, car_id=car_id, sent=sent,
        begun=begun, ending=ending, advice=advice, gps_off=gps_off, sender_id=sender_id,
    )  # fmt: skip
    return Asked(
        since=since, until=until, group=group, interval=interval, norm_set=norm_set, compare=compare, limit=limit,
        filters=filters,
    )  # fmt: skip


AskedFor = Annotated[Asked, Depends(asked_for)]
