"""`/stations` and `/hospitals`."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from brigada.auth.permissions import Permission
from brigada.auth.principal import Principal
from brigada.deps import FIRST_LIMIT, AppState, Command, Cursor, Id, Limit, QueryText, Reads, allowed, command
from brigada.edge import CommandRoute, json_response
from brigada.errors import Forbidden, NotFound, NotSignedIn, Outdated
from brigada.places.bounds import check_inside, warned
from brigada.schema import problems
from brigada.stations import service
from brigada.stations.errors import HospitalNameTaken, StationInUse, StationNameTaken
from brigada.stations.models import Hospital, Station
from brigada.stations.schemas import (
    HospitalIn,
    HospitalList,
    HospitalOut,
    HospitalPatch,
    StationIn,
    StationList,
    StationOut,
    StationPatch,
)

router = APIRouter(prefix="/stations", tags=["stations"], route_class=CommandRoute)
hospitals_router = APIRouter(prefix="/hospitals", tags=["hospitals"], route_class=CommandRoute)

Reader = Annotated[Principal, allowed(Permission.STATIONS_READ)]
Editor = Annotated[Command, command(Permission.STATIONS_WRITE)]
Search = Annotated[QueryText | None, Query(description="Part of the name or address.")]


@router.get("", response_model=StationList, summary="Stations", responses=problems(NotSignedIn, Forbidden))
async def list_stations(
    principal: Reader, session: Reads, q: Search = None, limit: Limit = FIRST_LIMIT, cursor: Cursor = None
) -> Response:
    return json_response(await service.list_places(session, Station, q=q, cursor=cursor, limit=limit))


@router.post(
    "",
    status_code=201,
    response_model=StationOut,
    summary="Add a station",
    responses=problems(NotSignedIn, Forbidden, StationNameTaken),
)
async def add_station(body: StationIn, cmd: Editor, state: AppState) -> Response:
    """A place outside the region is refused, or taken with `X-Brigada-Warning: outside_region`."""
    warning = check_inside(state, body.location)
    return warned(json_response(await service.add_place(cmd.uow, Station, body), 201), warning)


@router.get(
    "/{station_id}",
    response_model=StationOut,
    summary="One station",
    responses=problems(NotSignedIn, Forbidden, NotFound),
)
async def get_station(station_id: Id, principal: Reader, session: Reads) -> Response:
    return json_response(await service.get_place(session, Station, station_id))


@router.patch(
    "/{station_id}",
    response_model=StationOut,
    summary="Change a station",
    responses=problems(NotSignedIn, Forbidden, NotFound, Outdated, StationNameTaken),
)
async def change_station(station_id: Id, body: StationPatch, cmd: Editor, state: AppState) -> Response:
    warning = check_inside(state, body.location)
    return warned(json_response(await service.change_place(cmd.uow, Station, station_id, body)), warning)


@router.delete(
    "/{station_id}",
    status_code=204,
    response_class=Response,
    summary="Close a station",
    responses=problems(NotSignedIn, Forbidden, NotFound, StationInUse),
)
async def close_station(station_id: Id, cmd: Editor) -> Response:
    await service.close_place(cmd.uow, Station, station_id)
    return Response(status_code=204)


@hospitals_router.get(
    "", response_model=HospitalList, summary="Hospitals", responses=problems(NotSignedIn, Forbidden)
)
async def list_hospitals(
    principal: Reader,
    session: Reads,
    q: Search = None,
    accepting: Annotated[bool | None, Query(description="Takes patients now.")] = None,
    limit: Limit = FIRST_LIMIT,
    cursor: Cursor = None,
) -> Response:
    page = await service.list_places(session, Hospital, q=q, cursor=cursor, limit=limit, accepting=accepting)
    return json_response(page)


@hospitals_router.post(
    "",
    status_code=201,
    response_model=HospitalOut,
    summary="Add a hospital",
    responses=problems(NotSignedIn, Forbidden, HospitalNameTaken),
)
async def add_hospital(body: HospitalIn, cmd: Editor) -> Response:
    return json_response(await service.add_place(cmd.uow, Hospital, body), 201)


@hospitals_router.get(
    "/{hospital_id}",
    response_model=HospitalOut,
    summary="One hospital",
    responses=problems(NotSignedIn, Forbidden, NotFound),
)
async def get_hospital(hospital_id: Id, principal: Reader, session: Reads) -> Response:
    return json_response(await service.get_place(session, Hospital, hospital_id))


@hospitals_router.patch(
    "/{hospital_id}",
    response_model=HospitalOut,
    summary="Change a hospital",
    responses=problems(NotSignedIn, Forbidden, NotFound, Outdated, HospitalNameTaken),
)
async def change_hospital(hospital_id: Id, body: HospitalPatch, cmd: Editor) -> Response:
    return json_response(await service.change_place(cmd.uow, Hospital, hospital_id, body))


@hospitals_router.delete(
    "/{hospital_id}",
    status_code=204,
    response_class=Response,
    summary="Close a hospital",
    responses=problems(NotSignedIn, Forbidden, NotFound),
)
async def close_hospital(hospital_id: Id, cmd: Editor) -> Response:
    await service.close_place(cmd.uow, Hospital, hospital_id)
    return Response(status_code=204)
