"""`/positions`: a crew's batch in, the latest of all out."""

import asyncio
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel

from brigada.auth.permissions import Permission
from brigada.auth.principal import Principal
from brigada.deps import AppState, Id, Reads, allowed
from brigada.edge import CommandRoute, is_database_away, json_response
from brigada.errors import Forbidden, Invalid, NotFound, NotSignedIn, Unavailable
from brigada.positions import repository, track
from brigada.positions.errors import BadPositions, NoTeam, TooManyPoints
from brigada.positions.export import GEOJSON_TYPE, GPX_TYPE, geojson, gpx
from brigada.positions.schemas import LatestPositions, PositionsIn, PositionsTaken, TrackOut
from brigada.schema import Moment, problems

router = APIRouter(prefix="/positions", tags=["positions"], route_class=CommandRoute)


def _body_of(shape: type[BaseModel]) -> dict[str, Any]:
    """Return the documentation of a body that is read by hand: a thousand points cost a tenth of the time so."""
    schema = shape.model_json_schema()
    for name, part in schema.pop("$defs", {}).items():
        schema["properties"] = _inline(schema["properties"], f"#/$defs/{name}", part)
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def _inline(node: Any, ref: str, part: dict[str, Any]) -> Any:  # noqa: ANN401 -- JSON of any shape
    if isinstance(node, dict):
        if node.get("$ref") == ref:
            return part
        return {key: _inline(value, ref, part) for key, value in node.items()}
    return [_inline(item, ref, part) for item in node] if isinstance(node, list) else node


@router.post(
    "",
    status_code=202,
    response_model=PositionsTaken,
    summary="Send positions of the own car",
    openapi_extra=_body_of(PositionsIn),
    responses=problems(NotSignedIn, Forbidden, NoTeam, BadPositions, TooManyPoints, Unavailable),
)
async def send(
    request: Request,
    principal: Annotated[Principal, allowed(Permission.POSITIONS_SEND)],
    state: AppState,
) -> Response:
    """A batch of fixes, buffered ones too, in any order. The answer means: they are stored.

    Each point belongs to the team and the car that the caller was on at its moment. Sending a batch again changes
    nothing, so a device may repeat until it gets an answer.
    """
    try:
        taken = await state.positions.from_crew(principal, await request.body())
    except Exception as error:
        if is_database_away(error):
            raise Unavailable from error
        raise
    return json_response(taken, 202)


@router.get(
    "",
    response_model=LatestPositions,
    summary="Latest position of every team",
    responses=problems(NotSignedIn, Forbidden),
)
async def latest(
    principal: Annotated[Principal, allowed(Permission.POSITIONS_READ)], state: AppState, session: Reads
) -> Response:
    """With the age of each; one older than the setting is marked as stale."""
    now = state.clock.now()
    items = await repository.latest(session, None)
    for item in items:
        age = (now - item["at"]).total_seconds()
        item["age_s"] = round(max(0.0, age), 1)
        item["stale"] = age > state.settings.position_stale_s
    return json_response({"items": items, "next_cursor": None})


@router.get(
    "/{team_id}/track",
    response_model=TrackOut,
    summary="Track of a team",
    responses={
        **problems(NotSignedIn, Forbidden, NotFound, Invalid),
        200: {"content": {GPX_TYPE: {}, GEOJSON_TYPE: {}}},
    },
)
async def track_of_team(
    team_id: Id,
    principal: Annotated[Principal, allowed(Permission.POSITIONS_READ, Permission.POSITIONS_SEND)],
    state: AppState,
    session: Reads,
    since: Annotated[Moment | None, Query(alias="from", description="The last hour when empty.")] = None,
    until: Annotated[Moment | None, Query(alias="to", description="At most two days later.")] = None,
    exact: Annotated[bool, Query(description="Every fix, doubtful ones too.")] = False,
    tolerance_m: Annotated[
        float, Query(ge=0, le=1000, description="How far the simplified line may be off, metres.")
    ] = track.DRAWN_WITHIN_M,
    format: Annotated[Literal["json", "gpx", "geojson"], Query()] = "json",  # noqa: A002 -- the contract's word
) -> Response:
    """For drawing, simplified in place and time; exact with `exact`, and always in files (GPX, GeoJSON).

    A worker sees the own team's.
    """
    team = await track.check_access(session, principal, team_id)
    start, to = track.window(since, until, state.clock.now())
    found = await track.points(state.database, team_id, start, to)
    taken = await track.steps(session, team_id, start, to, found)
    if format == "json":
        items = found if exact else await asyncio.to_thread(track.drawn, found, tolerance_m)
        return json_response(
            {
                "team_id": team_id,
                "since": start,
                "until": to,
                "total": len(found),
                "items": items,
                "steps": taken,
            }
        )
    make, media_type = (gpx, GPX_TYPE) if format == "gpx" else (geojson, GEOJSON_TYPE)
    name = f"{team.name} {start:%Y-%m-%d %H:%M}"
    return Response(
        await asyncio.to_thread(make, name, found, taken),
        media_type=media_type,
        headers={
            "Content-Disposition": f'attachment; filename="track-{team_id}-{start:%Y%m%d-%H%M}.{format}"'
        },
    )
