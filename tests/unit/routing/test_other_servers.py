"""What a server says that is not the OSRM it should be: an estimate, never a failure of ours."""

import asyncio
from zoneinfo import ZoneInfo

import httpx
import pytest

from brigada.kit.geo import Point
from brigada.routing.composed import REST_S, Roads
from brigada.routing.osrm_http import OsrmHttp
from brigada.routing.port import RouterDownError, RouterSilentError, Why
from brigada.routing.speeds import load_speed_factors

pytestmark = pytest.mark.anyio

HERE, THERE = Point(59.93, 30.31), Point(59.95, 30.36)


def client(answer: httpx.Response) -> OsrmHttp:
    return OsrmHttp("http://roads.example", transport=httpx.MockTransport(lambda _: answer))


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(502, text="bad gateway"),
        httpx.Response(200, text="<html>a captive portal</html>"),
        httpx.Response(400, json={"code": "InvalidQuery", "message": "bad"}),
        httpx.Response(400, json={"code": "TooBig", "message": "too many places"}),
        httpx.Response(200, json={"code": "Ok"}),
        httpx.Response(200, json={"code": "Ok", "waypoints": [], "routes": [], "sources": [{}]}),
        httpx.Response(200, json=["Ok"]),
    ],
    ids=["gateway", "html", "refused", "too-big", "empty", "hollow", "list"],
)
async def test_an_answer_that_is_not_osrms_counts_as_none(answer: httpx.Response) -> None:
    engine = client(answer)
    with pytest.raises(RouterDownError):
        await engine.route(HERE, THERE)
    with pytest.raises(RouterDownError):
        await engine.table([HERE], THERE)
    await engine.close()


@pytest.mark.parametrize("code", ["NoRoute", "NoSegment"])
async def test_a_way_that_does_not_exist_is_a_marked_estimate(code: str) -> None:
    engine = client(httpx.Response(400, json={"code": code, "message": "none"}))
    route = await engine.route(HERE, THERE)
    assert route.estimate is Why.UNREACHABLE
    assert route.line == (HERE, THERE)
    await engine.close()


async def test_a_server_that_never_answers_is_waited_for_once_and_then_left_alone_for_a_while() -> None:
    asked: list[asyncio.StreamWriter] = []

    async def hear(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(writer)
        await reader.read()  # until the caller has gone
        writer.close()

    now = 100.0
    async with await asyncio.start_server(hear, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        engine = OsrmHttp(f"http://127.0.0.1:{port}", timeout_s=0.2)
        with pytest.raises(RouterSilentError):
            await engine.route(HERE, THERE)
        roads = Roads(engine, load_speed_factors(), ZoneInfo("Europe/Moscow"), clock=lambda: now)
        asked.clear()
        assert (await roads.route(HERE, THERE)).estimate is Why.ROUTER_DOWN
        assert len(asked) == 1
        assert (await roads.route(HERE, THERE)).estimate is Why.ROUTER_DOWN
        assert [reach.estimate for reach in await roads.table([HERE, THERE], THERE)] == [Why.ROUTER_DOWN] * 2
        assert await roads.nearest(HERE) is None
        with pytest.raises(RouterDownError, match="a moment ago"):
            await roads.probe(HERE)  # whoever looks after its health waits no more than the others
        assert len(asked) == 1
        now += REST_S
        both = await asyncio.gather(roads.route(HERE, THERE), roads.route(THERE, HERE))
        assert [way.estimate for way in both] == [Why.ROUTER_DOWN] * 2
        assert len(asked) == 2  # one of the two found out, the other did not wait
        await engine.close()


async def test_a_server_that_is_back_after_its_rest_is_asked_by_everybody_again() -> None:
    silent, now = True, 100.0

    def answer(request: httpx.Request) -> httpx.Response:
        if silent:
            raise httpx.ReadTimeout("silence", request=request)
        return httpx.Response(400, json={"code": "NoRoute"})

    engine = OsrmHttp("http://roads.example", transport=httpx.MockTransport(answer))
    roads = Roads(engine, load_speed_factors(), ZoneInfo("Europe/Moscow"), clock=lambda: now)
    assert (await roads.route(HERE, THERE)).estimate is Why.ROUTER_DOWN
    silent = False
    assert (await roads.route(HERE, THERE)).estimate is Why.ROUTER_DOWN
    now += REST_S
    for _ in range(2):
        assert (await roads.route(HERE, THERE)).estimate is Why.UNREACHABLE
    await engine.close()
