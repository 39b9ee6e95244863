"""Who is refused asks again, but less and less often: a simulated town must not be an attack on its service."""

import httpx
import pytest

from brigada.simulator.live.api import Account, RefusedError, Service
from brigada.simulator.live.backoff import FIRST_S, MOST_S, Backoff

pytestmark = pytest.mark.anyio


class Door:
    """A service that knows nobody, until it does."""

    def __init__(self, service: Service) -> None:
        self.open = False
        self.asked: list[str] = []
        service.http = httpx.AsyncClient(
            base_url="http://testserver/api/v1", transport=httpx.MockTransport(self._answer)
        )

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request.url.path.rpartition("/")[2])
        if self.open:
            return httpx.Response(200, json={}, headers={"Set-Cookie": "access_token=new"})
        return httpx.Response(401, json={"code": "not_signed_in"})


async def test_a_refused_account_waits_longer_each_time_and_a_minute_at_the_most() -> None:
    pauses: list[float] = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    service = Service("http://testserver", trust=None)
    door = Door(service)
    account = Account(service, "crew1", "wrong", backoff=Backoff("crew1", sleep=sleep))
    for _ in range(12):
        with pytest.raises(RefusedError):
            await account.get("/calls")
    assert door.asked.count("login") == 12
    assert len(pauses) == 11  # the first refusal is an expired token
    for number, pause in enumerate(pauses):
        whole = min(MOST_S, FIRST_S * 2**number)
        assert whole / 2 <= pause <= whole
    door.open = True
    await account.get("/calls")
    pauses.clear()
    door.open = False
    with pytest.raises(RefusedError):
        await account.get("/calls")
    assert pauses == []
    await service.close()


async def test_accounts_refused_together_do_not_come_back_together() -> None:
    pauses: list[float] = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    for name in ("crew1", "crew2", "crew3"):
        backoff = Backoff(name, sleep=sleep)
        backoff.refused()
        backoff.refused()
        await backoff.pause()
    assert len(set(pauses)) == 3
