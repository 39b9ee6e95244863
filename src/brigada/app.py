"""`create_app(settings)`: the only place that assembles; nothing runs on import."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

from fastapi import Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from prometheus_client import CollectorRegistry
from starlette.exceptions import HTTPException

from brigada import __version__, retention
from brigada.api import PREFIX, ROUTERS
from brigada.attention import service as attention
from brigada.auth.limits import Limiter
from brigada.auth.passwords import Passwords
from brigada.auth.tokens import Tokens
from brigada.calls.board import Boards
from brigada.calls.errors import CONFLICTS as CALL_CONFLICTS
from brigada.cars.errors import CONFLICTS as CAR_CONFLICTS
from brigada.db.engine import Database
from brigada.db.leader import Leader
from brigada.deps import language_of
from brigada.dispatch.advice.coverage import Coverages
from brigada.dispatch.advice.watching import chores as advice_chores
from brigada.dispatch.route_watch import RouteWatch
from brigada.edge import problem_response
from brigada.errors import BadRequest, Invalid, MethodNotAllowed, NotFound, Problem, UnsupportedMediaType
from brigada.following.service import Following
from brigada.kit.cache import Cache
from brigada.kit.clock import SystemClock
from brigada.kit.pagination import BadCursorError
from brigada.middleware import EdgeMiddleware, Meters
from brigada.notifications.service import notifier
from brigada.openapi import describe
from brigada.positions.service import Positions
from brigada.realtime.hub import Hub
from brigada.realtime.snapshot import Pictures
from brigada.realtime.tail import Doorbell, Tail
from brigada.realtime.viewing import Viewing
from brigada.regions.live import LiveRegion
from brigada.reports import jobs as report_jobs
from brigada.reports import schedules as report_schedules
from brigada.reports.mileage import Mileage
from brigada.reports.pool import Pool
from brigada.service_router import description_router, limited
from brigada.service_router import router as service_router
from brigada.settings import Settings
from brigada.state import State
from brigada.stations.errors import CONFLICTS as STATION_CONFLICTS
from brigada.tables import metadata
from brigada.teams.errors import CONFLICTS as TEAM_CONFLICTS
from brigada.teams.errors import TeamBusy
from brigada.teams.following import follow_parts
from brigada.users.errors import CONFLICTS as USER_CONFLICTS
from brigada.validation import invalid_input
from brigada.web.assets import load_assets
from brigada.web.router import console_router
from brigada.whatif.service import chores as whatif_chores

CONFLICTS: dict[str, type[Problem]] = {
    **STATION_CONFLICTS,
    **CAR_CONFLICTS,
    **USER_CONFLICTS,
    **TEAM_CONFLICTS,
    **CALL_CONFLICTS,
    "uq_assignments_active_team": TeamBusy,
}

_log = logging.getLogger(__name__)


def build_state(settings: Settings) -> State:
    """Make the parts of one process; nothing is connected yet."""
    cache = Cache(settings.redis_url.get_secret_value(), timeout_s=settings.redis_timeout_s)
    database = Database(
        settings.database_url.get_secret_value(),
        pool_size=settings.database_pool_size,
    )
    region = LiveRegion(settings)
    clock, hub = SystemClock(), Hub()
    hub.map_build = lambda: region.build
    positions = Positions(settings, database, cache, clock, hub.publish_positions)
    hub.watchers.append(positions.heard)
    token_life = timedelta(minutes=settings.access_token_minutes)
    state = State(
        settings=settings,
        clock=clock,
        database=database,
        cache=cache,
        passwords=Passwords(),
        tokens=Tokens(
            settings.signing_key(),
            access_life=token_life,
            refresh_life=timedelta(days=settings.refresh_token_days),
        ),
        limiter=Limiter(cache),
        projections=(follow_parts, attention.raise_alarms, notifier(token_life=token_life)),
        conflicts=CONFLICTS,
        doorbell=Doorbell(cache),
        hub=hub,
        boards=Boards(database),
        pictures=Pictures(database, clock),
        meters=Meters(CollectorRegistry()),
        region=region,
        health_checks={"roads": region.health},
        positions=positions,
        viewing=Viewing(database, cache, clock, hub),
        coverages=Coverages(),
        chores=positions.chores(),
        frame_handlers={"position": positions.from_socket, "positions": positions.from_socket},
        workers=Pool(),
    )
    state.frame_handlers["viewing"] = state.viewing.heard
    state.chores.append(RouteWatch(state).chore())
    state.chores.append(attention.chore(state))
    state.chores.append(Following(state).chore())
    state.chores.extend(retention.chores(state))
    state.chores.extend(advice_chores(state))
    state.chores.extend((*report_jobs.chores(state), *report_schedules.chores(state), *whatif_chores(state)))
    state.chores.append(Mileage(state).chore())
    return state


@contextlib.asynccontextmanager
async def running(state: State) -> AsyncIterator[None]:
    """Connect, follow the log, and at the end send the sockets elsewhere and close everything."""
    settings = state.settings
    await state.database.open()
    await state.region.start()
    tail = Tail(
        state.database,
        state.hub,
        state.doorbell.local,
        state.clock,
        state.meters,
        poll_s=settings.doorbell_poll_s,
        heartbeat_s=settings.heartbeat_s,
    )
    jobs = [
        asyncio.create_task(tail.run(), name="tail"),
        asyncio.create_task(state.doorbell.listen(), name="doorbell"),
        *(asyncio.create_task(job, name=name) for name, job in state.positions.jobs()),
        asyncio.create_task(state.viewing.run(), name="viewing"),
        asyncio.create_task(Leader(state.database.url, state.chores).run(), name="leader"),
    ]
    for job in jobs:
        job.add_done_callback(_tell_of_death)
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(tail.started.wait(), 5)
    try:
        yield
    finally:
        state.hub.close_all()
        await asyncio.sleep(0)  # the writers take their last turn
        for job in jobs:
            job.cancel()
        await asyncio.gather(*jobs, return_exceptions=True)
        await state.region.close()
        state.workers.close()
        state.passwords.close()
        await state.cache.close()
        await state.database.close()


def _tell_of_death(job: "asyncio.Task[None]") -> None:
    if not job.cancelled() and (error := job.exception()) is not None:
        _log.error("the job %s died", job.get_name(), exc_info=error)


def create_app(settings: Settings) -> FastAPI:
    """Return the application; the same one for every way to run it, tests included."""
    assert metadata.tables  # every model is known before the first query
    state = build_state(settings)

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with running(state):
            yield

    app = FastAPI(
        title="Brigada",
        version=__version__,
        summary="Automated control system for the teams of an ambulance service.",
        openapi_url=None,  # served by a route of ours, which has a limit
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        redirect_slashes=False,
        generate_unique_id_function=lambda route: route.name,
    )
    app.state.brigada = state
    for router in ROUTERS:
        app.include_router(router, prefix=PREFIX)
    app.include_router(description_router)
    app.include_router(service_router, prefix=PREFIX)
    app.include_router(service_router, include_in_schema=False)  # where watchers look for it
    app.include_router(console_router(load_assets()), dependencies=[Depends(limited)])
    _add_error_handlers(app)
    app.add_middleware(EdgeMiddleware, meters=state.meters, max_body_bytes=settings.max_body_bytes)
    describe(app)
    return app


def _add_error_handlers(app: FastAPI) -> None:
    async def on_problem(request: Request, error: Exception) -> Response:
        assert isinstance(error, Problem)
        return problem_response(error, language_of(request))

    async def on_invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return invalid_input(error, language_of(request))

    async def on_bad_cursor(request: Request, _: Exception) -> Response:
        problem = Invalid.field(
            "query", "cursor", code="cursor", ru="Неизвестная страница.", en="Unknown page."
        )
        return problem_response(problem, language_of(request))

    async def on_http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        kinds: dict[int, Any] = {404: NotFound, 405: MethodNotAllowed, 415: UnsupportedMediaType}
        problem = kinds.get(error.status_code, BadRequest)(headers=error.headers)
        return problem_response(problem, language_of(request))

    app.add_exception_handler(Problem, on_problem)
    app.add_exception_handler(RequestValidationError, on_invalid)
    app.add_exception_handler(BadCursorError, on_bad_cursor)
    app.add_exception_handler(HTTPException, on_http)
