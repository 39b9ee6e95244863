"""Accounts, cars, stations, hospitals, teams, the dictionary: what the administrator may and may not do."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from stage import Stage

pytestmark = pytest.mark.anyio


async def test_the_last_administrator_stays(stage: Stage) -> None:
    own = f"/users/{stage.admin.id}"
    for body in ({"active": False}, {"role": "dispatcher"}):
        await stage.admin.refused(409, "last_administrator", "PATCH", own, json=body)
    await stage.admin.refused(409, "last_administrator", "DELETE", own)
    await stage.admin.patch(f"/users/{stage.ivanova.id}", {"role": "admin"})
    await stage.admin.patch(own, {"role": "dispatcher"})


async def test_a_login_is_unique_among_the_living_whatever_its_case(stage: Stage) -> None:
    body = {"login": "SOKOLOV", "password": "длинный пароль", "role": "worker", "name": "И", "surname": "С"}
    await stage.admin.refused(409, "login_taken", "POST", "/users", json=body)
    await stage.admin.post("/users", {**body, "login": "second"})
    await stage.admin.refused(
        409, "login_taken", "PATCH", f"/users/{stage.petrova.id}", json={"login": "Second"}
    )


async def test_a_deleted_account_is_gone_and_its_login_is_free(stage: Stage) -> None:
    gone = stage.free_workers[0]
    await stage.admin.delete(f"/users/{gone.id}")
    await stage.admin.refused(404, "not_found", "GET", f"/users/{gone.id}")
    await stage.admin.refused(404, "not_found", "DELETE", f"/users/{gone.id}")
    body = {"login": "kozlova", "password": "длинный пароль", "role": "worker", "name": "Н", "surname": "К"}
    await stage.admin.post("/users", body)


async def test_a_worker_on_a_living_team_keeps_account_and_role(stage: Stage) -> None:
    path = f"/users/{stage.crew12.worker.id}"
    await stage.admin.refused(409, "user_on_team", "DELETE", path)
    await stage.admin.refused(409, "user_on_team", "PATCH", path, json={"role": "dispatcher"})


async def test_a_plate_is_russian_and_unique_among_the_living(stage: Stage) -> None:
    body = {"number": "a 112 bc 178", "class": "C", "model": "Форд"}
    await stage.admin.refused(409, "plate_taken", "POST", "/cars", json=body)
    await stage.admin.refused(422, "invalid", "POST", "/cars", json={**body, "number": "D123FG45"})
    await stage.admin.delete(f"/cars/{stage.spare_car_id}")
    car = await stage.admin.post("/cars", {**body, "number": "A114BC178"})
    assert (car["number"], car["serviceable"], car["free"]) == ("А114ВС178", True, True)


async def test_a_car_of_a_living_team_is_not_retired(stage: Stage) -> None:
    await stage.admin.refused(409, "car_on_team", "DELETE", f"/cars/{stage.crew12.car_id}")


async def test_a_car_belongs_to_a_station_that_exists(stage: Stage) -> None:
    body = {"number": "О001ОО78", "class": "A", "model": "Лада", "station_id": 10**9}
    await stage.admin.refused(422, "invalid", "POST", "/cars", json=body)
    await stage.admin.refused(
        422, "invalid", "PATCH", f"/cars/{stage.spare_car_id}", json={"station_id": 10**9}
    )


async def test_a_car_and_a_worker_are_in_one_living_team(stage: Stage) -> None:
    worker = stage.free_workers[0].id
    body = {"name": "14", "car_id": stage.spare_car_id, "member_ids": [worker]}
    taken = {**body, "car_id": stage.crew12.car_id}
    refusal = await stage.admin.refused(409, "car_taken", "POST", "/teams", json=taken)
    assert refusal["team_id"] == stage.crew12.id
    taken = {**body, "member_ids": [worker, stage.crew12.worker.id]}
    refusal = await stage.admin.refused(409, "worker_taken", "POST", "/teams", json=taken)
    assert (refusal["user_id"], refusal["team_id"]) == (stage.crew12.worker.id, stage.crew12.id)
    await stage.admin.refused(409, "team_name_taken", "POST", "/teams", json={**body, "name": "12"})
    team = await stage.admin.post("/teams", body)
    assert (team["free"], team["location"]) == (True, None)
    await stage.admin.delete(f"/teams/{team['id']}")
    assert (await stage.admin.post("/teams", body))["id"] != team["id"]


async def test_a_team_is_made_of_what_is_there_and_works(stage: Stage) -> None:
    worker = stage.free_workers[0].id
    body = {"name": "14", "car_id": stage.spare_car_id, "member_ids": [worker]}
    wrongs: list[dict[str, Any]] = [
        {"car_id": 10**9}, {"member_ids": [stage.petrova.id]}, {"member_ids": [worker, worker]}, {"member_ids": []},
        {"station_id": 10**9}, {"shift_start": "2026-11-23T08:00:00Z", "shift_end": "2026-11-23T07:00:00Z"},
        {"shift_start": "2026-11-23T08:00:00Z", "shift_end": "2026-11-25T08:00:00Z"},
    ]  # fmt: skip
    for wrong in wrongs:
        await stage.admin.refused(422, "invalid", "POST", "/teams", json={**body, **wrong})
    await stage.admin.patch(f"/cars/{stage.spare_car_id}", {"serviceability": "maintenance"})
    await stage.admin.refused(409, "car_unserviceable", "POST", "/teams", json=body)


async def test_a_team_on_a_call_is_neither_ended_nor_sent_on_a_break(stage: Stage) -> None:
    await stage.petrova.assign(await stage.petrova.take_in(), stage.crew12)
    await stage.admin.refused(409, "team_busy", "DELETE", f"/teams/{stage.crew12.id}")
    await stage.petrova.refused(409, "team_busy", "POST", f"/teams/{stage.crew12.id}/break")


async def test_an_ended_team_stays_in_history_with_its_crew(stage: Stage) -> None:
    await stage.admin.delete(f"/teams/{stage.crew12.id}")
    team = await stage.admin.get(f"/teams/{stage.crew12.id}")
    assert [member["id"] for member in team["members"]] == [worker.id for worker in stage.crew12.workers]
    assert (team["free"], team["on_shift"]) == (False, False)
    await stage.admin.refused(404, "not_found", "PATCH", f"/teams/{stage.crew12.id}", json={"name": "x"})
    ended = (await stage.admin.get("/teams", ended=True))["items"]
    assert [one["id"] for one in ended] == [stage.crew12.id]


async def test_ended_teams_are_found_by_the_day_of_their_shift(stage: Stage) -> None:
    team = await stage.admin.get(f"/teams/{stage.crew12.id}")
    await stage.admin.delete(f"/teams/{stage.crew12.id}")
    start = datetime.fromisoformat(team["shift_start"])
    day = timedelta(days=1)
    found = await stage.admin.get(
        "/teams", ended=True, **{"from": start.isoformat(), "to": (start + day).isoformat()}
    )
    assert [item["id"] for item in found["items"]] == [stage.crew12.id]
    before = await stage.admin.get(
        "/teams", ended=True, **{"from": (start - day).isoformat(), "to": start.isoformat()}
    )
    assert before["items"] == []


async def test_a_crew_stands_in_the_order_in_which_its_people_came(stage: Stage) -> None:
    path = f"/teams/{stage.crew12.id}"
    first, (second, third) = stage.crew12.worker.id, (worker.id for worker in stage.free_workers)
    for wanted in ([first, second], [second, third], [third, first], [first], [third, first]):
        await stage.admin.patch(path, {"member_ids": wanted})
    crew = [first, third]
    assert [member["id"] for member in (await stage.admin.get(path))["members"]] == crew
    told = (await stage.events("team.updated"))[-1]["data"]["team"]
    assert [member["id"] for member in told["members"]] == crew


async def test_a_station_with_living_teams_stays(stage: Stage) -> None:
    await stage.admin.refused(409, "station_in_use", "DELETE", f"/stations/{stage.station_id}")
    for crew in stage.crews:
        await stage.admin.delete(f"/teams/{crew.id}")
    await stage.admin.delete(f"/stations/{stage.station_id}")
    await stage.admin.refused(404, "not_found", "GET", f"/stations/{stage.station_id}")


async def test_places_have_names_of_their_own(stage: Stage) -> None:
    body = {"name": "подстанция № 1", "location": {"lat": 60, "lon": 30}}
    await stage.admin.refused(409, "station_name_taken", "POST", "/stations", json=body)
    body = {"name": "БОЛЬНИЦА № 2", "location": {"lat": 60, "lon": 30}}
    await stage.admin.refused(409, "hospital_name_taken", "POST", "/hospitals", json=body)


async def test_a_team_on_the_screen_follows_its_car_its_station_and_its_people(stage: Stage) -> None:
    await stage.admin.patch(f"/cars/{stage.crew12.car_id}", {"model": "Форд"})
    await stage.admin.patch(f"/users/{stage.crew12.worker.id}", {"surname": "Иванов"})
    await stage.admin.patch(f"/stations/{stage.station_id}", {"location": {"lat": 59.0, "lon": 30.0}})
    told = [event["data"]["team"] for event in await stage.events("team.updated")]
    assert told[0]["car"]["model"] == "Форд"
    assert told[1]["members"][0]["surname"] == "Иванов"
    assert {team["id"] for team in told[2:]} == {crew.id for crew in stage.crews}
    assert all(team["location"] == {"lat": 59.0, "lon": 30.0} for team in told[2:])


async def test_the_dictionary_has_about_fifty_reasons_in_both_languages(stage: Stage) -> None:
    reasons = (await stage.petrova.get("/reasons"))["items"]
    assert len(reasons) >= 45
    assert all(one["title_ru"] and one["title_en"] for one in reasons)
    ranks = [("critical", "important", "common").index(one["criticality"]) for one in reasons]
    assert ranks == sorted(ranks)


async def test_a_retired_reason_is_offered_no_more_and_its_calls_keep_it(stage: Stage) -> None:
    code = f"retired_{stage.station_id}"
    body = {"code": code, "title_ru": f"Повод {code}", "title_en": code, "criticality": "common"}
    await stage.admin.post("/reasons", body)
    await stage.admin.refused(409, "reason_taken", "POST", "/reasons", json=body)
    call = await stage.petrova.take_in(reason=f"повод {code}")
    await stage.admin.delete(f"/reasons/{code}")
    assert code not in {one["code"] for one in (await stage.petrova.get("/reasons"))["items"]}
    assert code in {one["code"] for one in (await stage.petrova.get("/reasons", inactive=True))["items"]}
    assert (await stage.petrova.get(f"/calls/{call['id']}"))["reason_code"] == code
    body = {"reason": code, "address": "x"}
    await stage.petrova.refused(422, "criticality_needed", "POST", "/calls", json=body)


async def test_one_set_of_norms_is_in_force_and_the_change_is_one_moment(stage: Stage) -> None:
    done = await stage.admin.post("/norms/in-force", {"norm_set": "arp"})
    assert {norm["norm_set"] for norm in done["items"] if norm["active"]} == {"arp"}
    listed = (await stage.admin.get("/norms"))["items"]
    assert {norm["norm_set"] for norm in listed if norm["active"]} == {"arp"}
    events = await stage.events("norm.updated")
    assert len(events) == len([norm for norm in listed if norm["norm_set"] in {"arp", "ru"}])
    assert await stage.admin.post("/norms/in-force", {"norm_set": "arp"}) == done
    assert len(await stage.events("norm.updated")) == len(events)  # nothing to change, nothing told
    await stage.admin.refused(404, "not_found", "POST", "/norms/in-force", json={"norm_set": "none"})
    await stage.petrova.refused(403, "forbidden", "POST", "/norms/in-force", json={"norm_set": "ru"})


async def test_a_team_is_changed_by_the_same_names_that_formed_it(stage: Stage) -> None:
    team = f"/teams/{stage.crew12.id}"
    newcomer = stage.free_workers[0].id
    changed = await stage.admin.patch(team, {"members": [newcomer], "car": stage.spare_car_id})
    assert [member["id"] for member in changed["members"]] == [newcomer]
    assert changed["car"]["id"] == stage.spare_car_id
    stays = await stage.admin.patch(team, {"name": "112"})
    assert (stays["members"], stays["car"]["id"]) == (changed["members"], stage.spare_car_id)


async def test_a_team_changed_to_what_it_is_already_is_not_changed(stage: Stage) -> None:
    path = f"/teams/{stage.crew12.id}"
    before = await stage.admin.get(path)
    same = {name: before[name] for name in ("name", "profile", "station_id", "shift_start", "shift_end")}
    same |= {
        "car_id": before["car"]["id"],
        "member_ids": [member["id"] for member in before["members"]][::-1],
    }
    for body in ({}, {"name": before["name"]}, same):
        seq = await stage.last_seq()
        assert (await stage.admin.patch(path, body))["version"] == before["version"]
        assert await stage.last_seq() == seq
