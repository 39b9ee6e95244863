"""Lists in pages: every row once and in order, whatever is added between two pages; and what filters let through."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from stage import Caller, Stage

pytestmark = pytest.mark.anyio

type Add = Callable[[], Awaitable[object]]


async def paged(caller: Caller, path: str, add: Add | None = None) -> list[int]:
    """Read a list by two rows a page, something added after the first page; return the rows' numbers as they came."""
    found: list[int] = []
    cursor: str | None = None
    while True:
        page = await caller.get(path, limit=2, **({"cursor": cursor} if cursor else {}))
        key = "seq" if page["items"] and "seq" in page["items"][0] else "id"
        found += [item[key] for item in page["items"]]
        cursor = page["next_cursor"]
        assert len(page["items"]) == 2 or cursor is None
        if cursor is None:
            return found
        if add is not None:
            await add()
            add = None


async def ids(caller: Caller, path: str, **params: object) -> list[int]:
    """The same list in one page."""
    page = await caller.get(path, limit=500, **params)
    assert page["next_cursor"] is None
    return [item.get("seq", item.get("id")) for item in page["items"]]


async def check_pages(caller: Caller, path: str, rows: int, add: Add) -> None:
    """Every row that was there at the beginning comes once, in the list's order; the added one at most once."""
    before = await ids(caller, path)
    assert len(before) == rows
    assert await paged(caller, path) == before
    found = await paged(caller, path, add)
    after = await ids(caller, path)
    assert len(after) == rows + 1
    assert [one for one in found if one in before] == before
    assert found == [one for one in after if one in found]
    assert len(found) == len(set(found))


def surname(text: str) -> dict[str, Any]:
    return {"login": f"login{len(text)}{ord(text[0])}", "password": "длинный пароль", "role": "dispatcher",
            "name": "И", "surname": text}  # fmt: skip


def plate(letter: str) -> dict[str, Any]:
    return {"number": f"{letter}001ОО78", "class": "A", "model": "Лада"}


async def test_accounts_cars_and_teams_come_in_pages(stage: Stage) -> None:
    admin = stage.admin
    for name in ("А", "Ббб"):
        # Twice: once before the rows already shown, once behind them.
        rows = len(await ids(admin, "/users"))
        await check_pages(admin, "/users", rows, lambda name=name: admin.post("/users", surname(name)))  # type: ignore[misc]
    await admin.post("/cars", plate("Е"))
    await admin.post("/cars", plate("К"))
    for rows, letter in ((5, "Х"), (6, "А")):
        await check_pages(
            admin,
            "/cars",
            rows,
            lambda letter=letter: admin.post("/cars", plate(letter)),  # type: ignore[misc]
        )
    cars = (await admin.get("/cars", free=True))["items"]
    crew = [worker.id for worker in stage.free_workers]
    workers = [
        (await admin.post("/users", {**surname("Ц" * n), "role": "worker"}))["id"] for n in range(4, 6)
    ]
    teams = [
        {"name": f"{n}", "car_id": car["id"], "member_ids": [member]}
        for n, (car, member) in enumerate(zip(cars, [*crew, *workers], strict=False), 14)
    ]
    for team in teams[:3]:
        await admin.post("/teams", team)
    await check_pages(admin, "/teams", 5, lambda: admin.post("/teams", teams[3]))


async def test_devices_and_keys_of_outside_systems_come_in_pages(stage: Stage) -> None:
    admin = stage.admin
    device = {"name": "Трекер", "car_id": stage.spare_car_id}
    key = {"name": "112", "scopes": ["calls:create"]}
    for path, body in (("/devices", device), ("/tokens", key)):
        already = len(await ids(admin, path))
        for _ in range(5):
            await admin.post(path, body)

        async def add(path: str = path, body: dict[str, Any] = body) -> None:
            await admin.post(path, body)

        await check_pages(admin, path, already + 5, add)


async def test_calls_their_history_and_notifications_come_in_pages(stage: Stage) -> None:
    desk = stage.petrova
    for _ in range(5):
        last = await stage.ivanova.take_in()
    await check_pages(desk, "/calls", 5, stage.ivanova.take_in)
    await check_pages(desk, "/notifications", 6, stage.ivanova.take_in)
    for text in ("1", "2", "3", "4"):
        last = await desk.patch(f"/calls/{last['id']}", {"comment": text, "version": last["version"]})
    path = f"/calls/{last['id']}/history"
    await check_pages(
        desk,
        path,
        5,
        lambda: desk.patch(f"/calls/{last['id']}", {"comment": "5", "version": last["version"]}),
    )


async def test_a_filter_lets_through_what_it_says(stage: Stage) -> None:
    admin = stage.admin
    free = [worker.id for worker in stage.free_workers]
    busy = [worker.id for crew in stage.crews for worker in crew.workers]
    users: list[tuple[dict[str, object], set[int]]] = [
        ({"role": "worker"}, {*free, *busy}),
        ({"role": "dispatcher"}, {stage.petrova.id, stage.ivanova.id}),
        ({"role": "worker", "free": True}, set(free)),
        ({"role": "worker", "free": False}, set(busy)),
        ({"q": "соколов"}, {stage.crew12.worker.id}),
        ({"q": "PETROVA"}, {stage.petrova.id}),
        ({"q": "нет такой"}, set()),
    ]
    for params, expected in users:
        assert set(await ids(admin, "/users", **params)) == expected, params
    taken = {crew.car_id for crew in stage.crews}
    broken = (await admin.post("/cars", plate("Е")))["id"]
    await admin.patch(f"/cars/{broken}", {"serviceability": "broken"})
    spare = stage.spare_car_id
    fleet: list[tuple[dict[str, object], set[int]]] = [
        ({"serviceable": True}, {*taken, spare}),
        ({"serviceable": False}, {broken}),
        ({"free": True}, {spare}),
        ({"q": "114"}, {spare}),
        ({"q": "лада"}, {broken}),
    ]
    for params, expected in fleet:
        assert set(await ids(admin, "/cars", **params)) == expected, params
    await stage.sql(
        "UPDATE teams SET shift_end = now() - interval '1 minute' WHERE id = :id", id=stage.crew13.id
    )
    assert await ids(admin, "/teams", on_shift=True) == [stage.crew12.id]
    assert await ids(admin, "/teams", on_shift=False) == [stage.crew13.id]


async def test_calls_are_found_by_status_and_by_when_they_came(stage: Stage) -> None:
    desk = stage.petrova
    calls = [await desk.take_in() for _ in range(3)]
    await desk.assign(calls[1], stage.crew12)
    numbers = [call["id"] for call in calls]
    assert await ids(desk, "/calls", status="new") == [numbers[2], numbers[0]]
    assert await ids(desk, "/calls", status=["new", "accepted"]) == numbers[::-1]
    moments = [datetime.fromisoformat(call["received_at"]) for call in calls]
    assert moments == sorted(moments)
    start, end = moments[1].isoformat(), moments[2].isoformat()
    assert await ids(desk, "/calls", **{"from": start}) == [numbers[2], numbers[1]]
    assert await ids(desk, "/calls", **{"from": start, "to": end}) == [numbers[1]]
    assert await ids(desk, "/calls", to=(moments[0] - timedelta(seconds=1)).isoformat()) == []
