"""What a server says that is not the OSRM it should be: an estimate, never a failure of ours."""

import httpx
import pytest

from brigada.kit.geo import Point
from brigada.routing.osrm_http import OsrmHttp
from brigada.routing.port import RouterDownError, Why

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
