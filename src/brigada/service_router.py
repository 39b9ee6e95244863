"""`/health/live`, `/health/ready`, `/metrics`, `/ca.crt`: for machines that watch the service, and for trust."""

import os
import time
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from brigada.deps import AppState, client_ip, get_state
from brigada.edge import CommandRoute, is_database_away, json_response
from brigada.embedded.tls import ca_file
from brigada.errors import NotFound, TooManyRequests
from brigada.events.log import position
from brigada.schema import View, problems
from brigada.state import State


class Dependency(View):
    """One thing that the service depends on."""

    ok: bool
    ms: float
    detail: str


class ReadyOut(View):
    """Whether this process can serve; Redis and the router may be away without making it unready."""

    ready: bool
    dependencies: dict[str, Dependency]


async def limited(request: Request, state: Annotated[State, Depends(get_state)]) -> None:
    """Dependency: endpoints open to everybody are limited by address."""
    ip = client_ip(request, state.settings)
    await state.limiter.hit(f"public:ip:{ip}", state.settings.public_limit_per_address)


router = APIRouter(tags=["service"], route_class=CommandRoute, dependencies=[Depends(limited)])


description_router = APIRouter(include_in_schema=False, dependencies=[Depends(limited)])


@description_router.get("/api/openapi.json")
async def description(request: Request) -> Response:
    """The API's own description."""
    return json_response(request.app.openapi())


@router.get("/health/live", summary="Is the process alive", responses=problems(TooManyRequests))
async def live() -> dict[str, bool]:
    return {"live": True}


@router.get(
    "/health/ready",
    response_model=ReadyOut,
    summary="Can it serve",
    responses={
        503: {"model": ReadyOut, "description": "Something needed is away."},
        **problems(TooManyRequests),
    },
)
async def ready(state: AppState) -> Response:
    """Each dependency by name. Without Redis the service goes on, slower; without PostgreSQL it can't."""
    found: dict[str, dict[str, Any]] = {"postgresql": await _postgresql(state), "redis": await _redis(state)}
    for name, check in state.health_checks.items():
        started = time.perf_counter()
        ok, detail = await check()
        found[name] = {"ok": ok, "ms": _since(started), "detail": detail}
    is_ready = found["postgresql"]["ok"]
    return json_response({"ready": is_ready, "dependencies": found}, 200 if is_ready else 503)


def _since(started: float) -> float:
    return round((time.perf_counter() - started) * 1000, 2)


async def _postgresql(state: State) -> dict[str, Any]:
    started = time.perf_counter()
    try:
        where = await position(state.database)
    except Exception as error:
        if not is_database_away(error):
            raise
        return {"ok": False, "ms": _since(started), "detail": "not reachable"}
    return {"ok": True, "ms": _since(started), "detail": f"event log at {where.seq}"}


async def _redis(state: State) -> dict[str, Any]:
    started = time.perf_counter()
    ok = await state.cache.alive()
    return {"ok": ok, "ms": _since(started), "detail": "" if ok else "not reachable: slower, nothing is lost"}


@router.get(
    "/metrics",
    summary="Measures, for Prometheus",
    response_class=Response,
    responses=problems(TooManyRequests),
)
async def metrics(state: AppState) -> Response:
    """Measures of all processes of this host."""
    state.meters.note_pool(in_use=state.database.in_use, limit=state.database.limit)
    state.meters.queue_depth.set(state.hub.deepest)
    registry = state.meters.registry
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # the client has no annotation here
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


@router.get(
    "/ca.crt",
    summary="The certificate to trust, when the service made its own",
    response_class=Response,
    responses=problems(NotFound, TooManyRequests),
)
async def authority(state: AppState) -> Response:
    """Install it once on each phone; the file holds no secret."""
    path = ca_file(state.settings.data_dir.resolve())
    if not path.exists():
        raise NotFound
    return Response(path.read_bytes(), media_type="application/x-x509-ca-cert")
