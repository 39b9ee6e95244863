"""`/devices` for the administrator, and the address to which trackers send."""

from typing import Annotated, Any
from urllib.parse import parse_qsl

from fastapi import APIRouter, Path, Request, Response
from pydantic import AwareDatetime, ConfigDict

from brigada.auth.errors import CsrfMissing
from brigada.auth.permissions import Permission
from brigada.auth.principal import Principal
from brigada.deps import FIRST_LIMIT, AppState, Command, Cursor, Id, Limit, Reads, allowed, client_ip, command
from brigada.edge import CommandRoute, ShownOnce, is_database_away, json_response
from brigada.errors import BadRequest, Forbidden, Invalid, NotFound, NotSignedIn, TooManyRequests, Unavailable
from brigada.positions import devices
from brigada.positions.osmand import Heard, NotTheProtocolError, read_json, read_parameters
from brigada.schema import BodyId, Line, Schema, View, problems

router = APIRouter(prefix="/devices", tags=["positions"], route_class=CommandRoute)
osmand_router = APIRouter(prefix="/positions/osmand", tags=["positions"], route_class=CommandRoute)

Manager = Annotated[Command, command(Permission.DEVICES_WRITE)]


class DeviceIn(Schema):
    """A tracker or a phone in a car."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "Трекер", "car_id": 1}]})

    name: Line(100, min_length=1)  # type: ignore[valid-type]
    car_id: BodyId


class DeviceOut(View):
    """A device, without its token."""

    id: int
    name: str
    car_id: int
    created_at: AwareDatetime
    revoked_at: AwareDatetime | None
    last_seen_at: AwareDatetime | None
    """To the minute."""
    battery: float | None
    """0 to 1."""


class NewDeviceOut(DeviceOut):
    """A device with its token, shown this once."""

    token: str
    url: str
    """What to enter in the tracking program as the server's address."""


class DeviceList(View):
    items: list[DeviceOut]
    next_cursor: str | None


@router.get(
    "", response_model=DeviceList, summary="Devices in cars", responses=problems(NotSignedIn, Forbidden)
)
async def list_devices(
    principal: Annotated[Principal, allowed(Permission.DEVICES_WRITE)],
    session: Reads,
    limit: Limit = FIRST_LIMIT,
    cursor: Cursor = None,
) -> Response:
    return json_response(await devices.list_devices(session, cursor=cursor, limit=limit))


@router.post(
    "",
    status_code=201,
    response_model=NewDeviceOut,
    summary="Make a device for a car",
    responses=problems(NotSignedIn, Forbidden, CsrfMissing, Invalid),
)
async def make_device(body: DeviceIn, request: Request, cmd: Manager) -> Response:
    """The token is shown in this answer and never again; only its hash is kept. A repeated request gets none."""
    base = f"{request.url.scheme}://{request.url.netloc}"
    made = await devices.make_device(
        cmd.uow, cmd.principal, name=body.name, car_id=body.car_id, base_url=base
    )
    return ShownOnce(made, 201, hide=("token", "url"))


@router.delete(
    "/{device_id}",
    status_code=204,
    response_class=Response,
    summary="Revoke a device",
    responses=problems(NotSignedIn, Forbidden, CsrfMissing, NotFound),
)
async def revoke_device(device_id: Id, cmd: Manager) -> Response:
    """What it sends is refused at once."""
    await devices.revoke_device(cmd.uow, device_id)
    return Response(status_code=204)


_OSMAND: dict[str, Any] = {
    "parameters": [
        {"name": name, "in": "query", "required": False, "description": words, "schema": {"type": "string"}}
        for name, words in (
            ("lat", "Degrees."),
            ("lon", "Degrees."),
            ("timestamp", "Seconds or milliseconds since 1970, ISO 8601, or `yyyy-MM-dd HH:mm:ss` (UTC)."),
            ("speed", "Knots."),
            ("bearing", "Degrees from north; `heading` too."),
            ("accuracy", "Metres."),
            ("batt", "Per cent."),
            (
                "alarm",
                "`sos` and what else means people in danger rings at the dispatchers; see docs/positions.md.",
            ),
            ("valid", "`false` when the receiver has no fix."),
        )
    ]
}
_REFUSALS = problems(BadRequest, NotFound, TooManyRequests, Unavailable)
Token = Annotated[str, Path(max_length=100)]


@osmand_router.get(
    "/{device_token}",
    response_class=Response,
    summary="A tracker's position (OsmAnd query)",
    openapi_extra=_OSMAND,
    responses=_REFUSALS,
)
async def by_query(device_token: Token, request: Request, state: AppState) -> Response:
    """200 also for a point that can never be used, so that the device goes on to the next one."""
    return await _take(device_token, request, state)


@osmand_router.post(
    "/{device_token}",
    response_class=Response,
    summary="A tracker's positions (OsmAnd form, Traccar Client JSON)",
    openapi_extra=_OSMAND
    | {
        "requestBody": {
            "content": {
                "application/json": {"schema": {"type": "object"}},
                "application/x-www-form-urlencoded": {"schema": {"type": "object"}},
            }
        }
    },
    responses=_REFUSALS,
)
async def by_body(device_token: Token, request: Request, state: AppState) -> Response:
    """200 means: stored. 404 for an unknown or revoked token, 400 for what is not this protocol."""
    return await _take(device_token, request, state)


DEVICE_LIMIT = 3_000
"""Requests a minute of one device to one process: a tracker with a day without a link behind it sends its points one by
one, as fast as it is answered; more than that is a program gone wild."""


async def _take(token: str, request: Request, state: AppState) -> Response:
    guesses = f"device:ip:{client_ip(request, state.settings)}"
    limit = state.settings.public_limit_per_address
    if not state.positions.familiar.knows(token):
        # Whoever guesses on is not worth a question to the database; good trackers of the same address go on.
        state.limiter.refuse_if_spent_here(guesses, limit)
    try:
        device = await devices.by_token(state.positions, token)
        if device is not None:
            state.positions.familiar.greet(token)
            state.limiter.hit_here(f"device:{device.id}", DEVICE_LIMIT)
            await devices.take(state.positions, device, await _messages(request), state.unit_of_work)
    except NotTheProtocolError as error:
        raise BadRequest from error
    except Exception as error:
        if is_database_away(error):
            raise Unavailable from error
        raise
    if device is None:
        state.positions.familiar.forget(token)
        await state.limiter.hit(guesses, limit)
        raise NotFound
    return Response(status_code=200)


async def _messages(request: Request) -> list[Heard]:
    given = dict(request.query_params)
    if request.method == "POST" and (body := await request.body()):
        if body.lstrip()[:1] in {b"{", b"["}:
            return read_json(body)
        given |= dict(parse_qsl(body.decode("utf-8", "replace"), max_num_fields=100))
    return [read_parameters(given)]
