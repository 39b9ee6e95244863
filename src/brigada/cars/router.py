"""`/cars`."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from brigada.auth.permissions import Permission
from brigada.auth.principal import Principal
from brigada.cars import service
from brigada.cars.errors import CarOnTeam, PlateTaken
from brigada.cars.schemas import CarIn, CarList, CarOut, CarPatch
from brigada.deps import FIRST_LIMIT, Command, Cursor, Id, Limit, QueryText, Reads, allowed, command
from brigada.edge import CommandRoute, json_response
from brigada.errors import Forbidden, NotFound, NotSignedIn, Outdated
from brigada.schema import problems

router = APIRouter(prefix="/cars", tags=["cars"], route_class=CommandRoute)

Reader = Annotated[Principal, allowed(Permission.CARS_READ)]
Editor = Annotated[Command, command(Permission.CARS_WRITE)]


@router.get("", response_model=CarList, summary="Cars", responses=problems(NotSignedIn, Forbidden))
async def list_cars(
    principal: Reader,
    session: Reads,
    free: Annotated[bool | None, Query(description="Serviceable and on no living team.")] = None,
    serviceable: Annotated[bool | None, Query()] = None,
    q: Annotated[QueryText | None, Query(description="Part of the plate or model.")] = None,
    limit: Limit = FIRST_LIMIT,
    cursor: Cursor = None,
) -> Response:
    page = await service.list_cars(
        session, free=free, serviceable=serviceable, q=q, cursor=cursor, limit=limit
    )
    return json_response(page)


@router.post(
    "",
    status_code=201,
    response_model=CarOut,
    summary="Add a car",
    responses=problems(NotSignedIn, Forbidden, PlateTaken),
)
async def add_car(body: CarIn, cmd: Editor) -> Response:
    return json_response(await service.add_car(cmd.uow, body), 201)


@router.get(
    "/{car_id}",
    response_model=CarOut,
    summary="One car",
    responses=problems(NotSignedIn, Forbidden, NotFound),
)
async def get_car(car_id: Id, principal: Reader, session: Reads) -> Response:
    return json_response(await service.get_car(session, car_id))


@router.patch(
    "/{car_id}",
    response_model=CarOut,
    summary="Change a car",
    responses=problems(NotSignedIn, Forbidden, NotFound, Outdated, PlateTaken),
)
async def change_car(car_id: Id, body: CarPatch, cmd: Editor) -> Response:
    return json_response(await service.change_car(cmd.uow, car_id, body))


@router.delete(
    "/{car_id}",
    status_code=204,
    response_class=Response,
    summary="Retire a car",
    responses=problems(NotSignedIn, Forbidden, NotFound, CarOnTeam),
)
async def retire_car(car_id: Id, cmd: Editor) -> Response:
    """Its plate is free again; reports of past years still name it."""
    await service.retire_car(cmd.uow, car_id)
    return Response(status_code=204)
