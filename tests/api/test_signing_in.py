"""Sign-in, rotation, sign-out: access begins and ends where the rules say."""

import asyncio
from datetime import timedelta
from http.cookiejar import Cookie

import httpx
import pytest
from pydantic import SecretStr

from brigada.auth import service
from brigada.auth.router import SESSION_LIMIT
from brigada.deps import ACCESS_COOKIE, CSRF_HEADER, CSRF_REFRESH_COOKIE, REFRESH_COOKIE
from listening import listening
from stage import PASSWORD, Caller, Stage, running_app

pytestmark = pytest.mark.anyio

WAITING = (
    "SELECT 1 FROM pg_stat_activity"
    " WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%users%'"
)
"""Somebody waits for an account that another transaction holds."""


async def refresh(caller: Caller) -> httpx.Response:
    return await caller.send(
        "POST", "/auth/refresh", headers={CSRF_HEADER: caller.client.cookies[CSRF_REFRESH_COOKIE]}
    )


async def test_signing_in_sets_two_hidden_cookies_and_two_readable_ones(stage: Stage) -> None:
    response = await stage.nobody.send("POST", "/auth/login", json={"login": "Petrova", "password": PASSWORD})
    cookies = {line.split("=")[0]: line.lower() for line in response.headers.get_list("set-cookie")}
    assert set(cookies) == {"access_token", "refresh_token", "csrf_access_token", "csrf_refresh_token"}
    for name, line in cookies.items():
        assert "secure" in line
        assert "samesite=strict" in line
        assert ("httponly" in line) == ("csrf" not in name)
    assert "path=/api/v1/auth" in cookies["refresh_token"]
    body = response.json()
    assert (body["user"]["login"], body["user"]["role"]) == ("petrova", "dispatcher")
    assert "token" not in str(body).replace("tokens:", "")


async def test_unknown_login_wrong_password_and_deactivated_account_look_the_same(stage: Stage) -> None:
    await stage.admin.patch(f"/users/{stage.ivanova.id}", {"active": False})
    answers = [
        await stage.nobody.refused(
            401, "wrong_credentials", "POST", "/auth/login", json={"login": login, "password": password}
        )
        for login, password in (("nobody", PASSWORD), ("petrova", "другой пароль"), ("ivanova", PASSWORD))
    ]
    assert answers[0] == answers[1] == answers[2]


async def test_a_change_without_the_header_of_the_page_is_refused(stage: Stage) -> None:
    for value in (None, "", "forged"):
        stage.petrova.client.headers.pop(CSRF_HEADER, None)
        headers = {} if value is None else {CSRF_HEADER: value}
        await stage.petrova.refused(
            403, "csrf", "POST", "/calls", json={"reason": "chest_pain", "address": "x"}, headers=headers
        )
    await stage.petrova.get("/calls")


async def test_refreshing_rotates_both_tokens_and_keeps_the_session(stage: Stage) -> None:
    caller = await stage.stranger()
    await caller.login("petrova")
    before = caller.client.cookies[REFRESH_COOKIE]
    assert (await refresh(caller)).status_code == 200
    assert caller.client.cookies[REFRESH_COOKIE] != before
    caller.take_csrf()
    await caller.take_in()
    assert (await refresh(caller)).status_code == 200


async def test_a_refresh_token_used_twice_ends_its_whole_family(stage: Stage) -> None:
    thief, owner = await stage.stranger(), await stage.stranger()
    await owner.login("petrova")
    for cookie in owner.client.cookies.jar:
        thief.client.cookies.jar.set_cookie(cookie)
    assert (await refresh(owner)).status_code == 200
    stolen = await refresh(thief)
    assert (stolen.status_code, stolen.json()["code"]) == (401, "refresh_reused")
    owner.take_csrf()
    await owner.refused(401, "session_ended", "GET", "/auth/me")
    assert (await refresh(owner)).status_code == 401
    assert (await stage.petrova.get("/auth/me"))["login"] == "petrova", "another sign-in is another family"


def phone_before(caller: Caller) -> tuple[list[Cookie], str]:
    """The cookies of a moment, and their CSRF value: what a client still has that never got the next answer."""
    return list(caller.client.cookies.jar), caller.client.cookies[CSRF_REFRESH_COOKIE]


async def again(caller: Caller, before: tuple[list[Cookie], str], key: str) -> httpx.Response:
    """Refresh as a client that never got the answer: with the cookies of before."""
    cookies, csrf = before
    caller.client.cookies.jar.clear()
    for cookie in cookies:
        caller.client.cookies.jar.set_cookie(cookie)
    return await caller.client.post("/auth/refresh", headers={CSRF_HEADER: csrf, "Idempotency-Key": key})


async def test_a_refresh_whose_answer_was_lost_is_asked_again_with_its_key(stage: Stage) -> None:
    phone = await stage.stranger()
    await phone.login("petrova")
    before = phone_before(phone)
    for _ in range(3):
        answer = await again(phone, before, "the same request")
        assert answer.status_code == 200, answer.text
    phone.take_csrf()
    await phone.take_in()
    assert (await refresh(phone)).status_code == 200, "the pair of the last answer is the newest"


@pytest.mark.parametrize("key", ["another request", "the same request"])
async def test_with_another_key_or_after_the_next_refresh_it_is_a_token_used_twice(
    stage: Stage, key: str
) -> None:
    phone = await stage.stranger()
    await phone.login("petrova")
    before = phone_before(phone)
    assert (await again(phone, before, "the same request")).status_code == 200
    if key == "the same request":
        assert (await refresh(phone)).status_code == 200  # the pair arrived: nobody asks for it any more
    stolen = await again(phone, before, key)
    assert (stolen.status_code, stolen.json()["code"]) == (401, "refresh_reused")
    assert (await stage.petrova.get("/auth/me"))["login"] == "petrova"


async def test_a_refresh_key_that_can_be_none_is_refused_and_costs_nothing(stage: Stage) -> None:
    phone = await stage.stranger()
    await phone.login("petrova")
    before = phone_before(phone)
    assert (await again(phone, before, "x" * 201)).status_code == 422
    assert (await again(phone, before, "x" * 200)).status_code == 200


async def test_a_refresh_token_is_good_only_at_the_address_it_was_issued_to(stage: Stage) -> None:
    owner, elsewhere = await stage.stranger(), await stage.stranger("10.9.9.9")
    await owner.login("petrova")
    for cookie in owner.client.cookies.jar:
        elsewhere.client.cookies.jar.set_cookie(cookie)
    moved = await refresh(elsewhere)
    assert (moved.status_code, moved.json()["code"]) == (401, "address_changed")
    assert (await refresh(owner)).status_code == 200, "the owner goes on"


async def test_crews_may_roam_between_networks_where_the_setting_says_so(stage: Stage) -> None:
    settings = stage.state.settings.model_copy(update={"refresh_roaming_roles": ("worker",)})
    async with running_app(settings) as app:
        for login, status in (("sokolov", 200), ("petrova", 401)):
            at_home = await stage.stranger("10.8.0.1", app)
            on_the_road = await stage.stranger("10.8.0.2", app)
            await at_home.login(login)
            for cookie in at_home.client.cookies.jar:
                on_the_road.client.cookies.jar.set_cookie(cookie)
            assert (await refresh(on_the_road)).status_code == status


async def test_a_forwarded_address_is_believed_only_from_a_proxy_that_is_trusted(stage: Stage) -> None:
    settings = stage.state.settings.model_copy(update={"trusted_proxies": ("10.7.0.0/24",)})
    async with running_app(settings) as app:
        for peer, forwarded, seen in (
            ("10.7.0.1", "192.0.2.7", "192.0.2.7"),
            ("10.7.0.1", "6.6.6.6, 192.0.2.7", "192.0.2.7"),
            ("10.7.0.1", "192.0.2.7, 10.7.0.2", "192.0.2.7"),
            ("10.7.0.1", "nonsense", "10.7.0.1"),
            ("10.6.0.1", "192.0.2.7", "10.6.0.1"),
        ):
            caller = await stage.stranger(peer, app)
            caller.client.headers["X-Forwarded-For"] = forwarded
            await caller.login("petrova")
            sessions = (await caller.get("/auth/sessions"))["items"]
            assert next(one["ip"] for one in sessions if one["current"]) == seen


async def test_signing_out_ends_the_session_and_clears_the_cookies(stage: Stage) -> None:
    caller = await stage.stranger()
    await caller.login("petrova")
    kept = dict(caller.client.cookies)
    await caller.post("/auth/logout")
    assert not dict(caller.client.cookies)
    again = await stage.stranger()
    again.client.cookies.set(ACCESS_COOKIE, kept[ACCESS_COOKIE], domain="testserver.local")
    await again.refused(401, "session_ended", "GET", "/auth/me")


async def test_an_open_socket_closes_when_its_session_ends(stage: Stage) -> None:
    async with listening(stage, stage.crew12.worker) as socket:
        await socket.has("hello")
        await stage.crew12.worker.post("/auth/logout")
        await socket.until(lambda: socket.closed is not None)
        assert socket.closed == 4401


@pytest.mark.parametrize("how", ["deactivate", "new role", "new password", "delete"])
async def test_access_ends_at_once_when_the_account_changes(stage: Stage, how: str) -> None:
    worker = stage.free_workers[0]
    async with listening(stage, worker) as socket:
        await socket.has("hello")
        changes = {"deactivate": {"active": False}, "new role": {"role": "dispatcher"}}
        if how == "delete":
            await stage.admin.delete(f"/users/{worker.id}")
        else:
            await stage.admin.patch(f"/users/{worker.id}", changes.get(how, {"password": "совсем новый"}))
        await worker.refused(401, "session_ended", "GET", "/auth/me")
        await socket.until(lambda: socket.closed is not None)
        assert socket.closed == 4401


async def test_a_lost_device_is_signed_out_and_the_person_comes_back_by_the_same_password(
    stage: Stage,
) -> None:
    worker = stage.free_workers[0]
    account = await worker.get("/auth/me")
    await stage.petrova.refused(403, "forbidden", "DELETE", f"/users/{worker.id}/sessions")
    async with listening(stage, worker) as socket:
        await socket.has("hello")
        await stage.admin.delete(f"/users/{worker.id}/sessions")
        await worker.refused(401, "session_ended", "GET", "/auth/me")
        await socket.until(lambda: socket.closed is not None)
        assert socket.closed == 4401
    (ended,) = await stage.events("session.ended")
    assert ended["data"]["user_id"] == worker.id
    await (await stage.stranger()).login(account["login"])
    await stage.admin.refused(404, "not_found", "DELETE", "/users/999999/sessions")


async def test_a_new_own_password_ends_all_other_sessions(stage: Stage) -> None:
    other = await stage.stranger()
    await other.login("petrova")
    body = {"current_password": PASSWORD, "new_password": "новый пароль 12"}
    wrong = {**body, "current_password": "не тот"}
    await stage.petrova.refused(403, "wrong_password", "POST", "/auth/password", json=wrong)
    await stage.petrova.post("/auth/password", body)
    await stage.petrova.get("/auth/me")
    await other.refused(401, "session_ended", "GET", "/auth/me")
    await (await stage.stranger()).login("petrova", "новый пароль 12")


async def test_a_sign_in_by_the_old_password_does_not_outlive_its_change(stage: Stage) -> None:
    state = stage.state
    async with state.unit_of_work() as visit:
        await service.sign_in(
            visit, state.passwords, state.tokens, login="petrova", password=PASSWORD, ip="10.9.9.9", user_agent="late",
        )  # fmt: skip
        await visit.session.flush()  # the password was found right, the session is about to be
        body = {"current_password": PASSWORD, "new_password": "новый пароль 12"}
        change = asyncio.create_task(stage.petrova.post("/auth/password", body))
        while not change.done() and not await stage.sql(WAITING):  # noqa: ASYNC110 -- it is the database that waits
            await asyncio.sleep(0)
        await visit.commit()
    await change
    late = await stage.sql("SELECT end_reason FROM sessions WHERE user_agent = 'late'")
    assert late == [{"end_reason": "password_changed"}]


async def test_people_see_and_end_their_own_sessions_only(stage: Stage) -> None:
    other = await stage.stranger()
    await other.login("petrova")
    sessions = (await stage.petrova.get("/auth/sessions"))["items"]
    assert [one["current"] for one in sessions].count(True) == 1
    [elsewhere] = [one["id"] for one in sessions if not one["current"]]
    await stage.ivanova.refused(404, "not_found", "DELETE", f"/auth/sessions/{elsewhere}")
    await stage.petrova.delete(f"/auth/sessions/{elsewhere}")
    await other.refused(401, "session_ended", "GET", "/auth/me")


async def test_an_expired_access_token_says_so(stage: Stage) -> None:
    caller = await stage.stranger()
    await caller.login("petrova")
    claims = stage.state.tokens.read("access", caller.client.cookies[ACCESS_COOKIE])
    old = stage.state.tokens.make("access", claims, stage.state.clock.now() - timedelta(days=1))
    caller.client.cookies.set(ACCESS_COOKIE, old, domain="testserver.local", path="/")
    await caller.refused(401, "token_expired", "GET", "/auth/me")
    assert (await refresh(caller)).status_code == 200
    await caller.get("/auth/me")


@pytest.mark.parametrize("token", ["x", "a.b.c", "eyJhbGciOiJub25lIn0.e30.", "\xe9", "." * 3000])
async def test_a_made_up_token_is_no_token(stage: Stage, token: str) -> None:
    caller = await stage.stranger()
    response = await caller.send(
        "GET", "/auth/me", headers=[(b"Cookie", b"access_token=" + token.encode("latin-1"))]
    )
    assert response.status_code == 401


async def test_a_refresh_token_opens_nothing_and_an_access_token_refreshes_nothing(stage: Stage) -> None:
    caller = await stage.stranger()
    await caller.login("petrova")
    swapped = await stage.stranger()
    cookies = caller.client.cookies
    swapped.client.cookies.set(ACCESS_COOKIE, cookies[REFRESH_COOKIE], domain="testserver.local")
    swapped.client.cookies.set(REFRESH_COOKIE, cookies[ACCESS_COOKIE], domain="testserver.local")
    swapped.client.cookies.set(CSRF_REFRESH_COOKIE, cookies[CSRF_REFRESH_COOKIE], domain="testserver.local")
    await swapped.refused(401, "session_ended", "GET", "/auth/me")
    assert (await refresh(swapped)).status_code == 401


@pytest.mark.usefixtures("within_a_minute")
async def test_guesses_at_one_account_are_limited_even_when_sent_at_once(stage: Stage) -> None:
    limit = stage.state.settings.login_limit_per_account
    body = {"login": f"guessed-{stage.address}", "password": "guess"}
    answers = await asyncio.gather(
        *(stage.nobody.send("POST", "/auth/login", json=body) for _ in range(limit + 5))
    )
    codes = sorted(answer.status_code for answer in answers)
    assert codes == [401] * limit + [429] * 5
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert refused.json()["retry_after"] == int(refused.headers["retry-after"])


@pytest.mark.usefixtures("within_a_minute")
async def test_guesses_from_one_address_are_limited(stage: Stage) -> None:
    limit = stage.state.settings.login_limit_per_address
    for number in range(limit):
        body = {"login": f"l{number}-{stage.address}", "password": "guess"}
        await stage.nobody.refused(401, "wrong_credentials", "POST", "/auth/login", json=body)
    body = {"login": "petrova", "password": PASSWORD}
    await stage.nobody.refused(429, "too_many_requests", "POST", "/auth/login", json=body)
    elsewhere = await stage.stranger("10.200.0.1")
    await elsewhere.login("petrova")


@pytest.mark.usefixtures("within_a_minute")
async def test_good_sign_ins_use_up_no_attempts(stage: Stage) -> None:
    for _ in range(stage.state.settings.login_limit_per_account + 2):
        await (await stage.stranger()).login("ivanova")


@pytest.mark.usefixtures("within_a_minute")
async def test_limits_hold_while_redis_is_away(stage: Stage) -> None:
    settings = stage.state.settings.model_copy(update={"redis_url": SecretStr("redis://127.0.0.1:1/0")})
    async with running_app(settings) as app:
        caller = await stage.stranger(app=app)
        body = {"login": "petrova", "password": "guess"}
        for _ in range(settings.login_limit_per_account):
            await caller.refused(401, "wrong_credentials", "POST", "/auth/login", json=body)
        await caller.refused(429, "too_many_requests", "POST", "/auth/login", json=body)
        ready = await caller.send("GET", "https://testserver/health/ready")
        assert ready.status_code == 200, "Redis may be away"
        assert ready.json()["dependencies"]["redis"]["ok"] is False


@pytest.mark.usefixtures("within_a_minute")
async def test_one_session_refreshes_only_so_often_from_whichever_address(stage: Stage) -> None:
    caller = await stage.stranger()
    await caller.login("petrova")
    session = stage.state.tokens.read("access", caller.client.cookies[ACCESS_COOKIE]).session_id
    for _ in range(SESSION_LIMIT):
        await stage.state.limiter.hit(f"refresh:session:{session}", SESSION_LIMIT)
    answer = await refresh(caller)
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_requests")
    other = await stage.stranger()
    await other.login("petrova")
    assert (await refresh(other)).status_code == 200, "another session of the same person goes on"
    for _ in range(SESSION_LIMIT):
        await stage.state.limiter.hit(f"logout:session:{session}", SESSION_LIMIT)
    await caller.refused(429, "too_many_requests", "POST", "/auth/logout")


async def test_an_outside_system_may_do_what_its_scopes_say_until_it_is_revoked(stage: Stage) -> None:
    made = await stage.admin.post("/tokens", {"name": "112", "scopes": ["calls:create"]})
    system = await stage.stranger()
    system.client.headers["Authorization"] = f"Bearer {made['token']}"
    call = await system.take_in()
    await system.refused(403, "forbidden", "GET", f"/calls/{call['id']}")
    assert made["token"] not in str(await stage.admin.get("/tokens"))
    await stage.admin.delete(f"/tokens/{made['id']}")
    await system.refused(
        401, "session_ended", "POST", "/calls", json={"reason": "chest_pain", "address": "x"}
    )
    await stage.admin.refused(404, "not_found", "DELETE", f"/tokens/{made['id']}")


async def test_a_key_ends_when_its_time_is_over(stage: Stage) -> None:
    system = await stage.outside_system("calls:read")
    await system.get("/calls")
    await stage.sql("UPDATE api_tokens SET expires_at = now() - interval '1 second'")
    await system.refused(401, "session_ended", "GET", "/calls")


async def test_a_socket_is_opened_only_from_our_own_pages(stage: Stage) -> None:
    async with listening(stage, stage.petrova, headers={"origin": "https://evil.example"}) as socket:
        assert not socket.accepted
    async with listening(stage, stage.petrova, headers={"origin": "https://testserver"}) as socket:
        assert (await socket.has("hello"))["epoch"]
    async with listening(stage, stage.nobody) as socket:
        await socket.until(lambda: socket.closed is not None)
        assert socket.closed == 4401


async def test_no_answer_and_no_event_holds_a_password_or_its_hash(stage: Stage) -> None:
    body = {
        "login": "novaya", "password": "тайный пароль 1", "role": "worker", "name": "Новая", "surname": "Сотрудница",
    }  # fmt: skip
    made = await stage.admin.post("/users", body)
    await stage.admin.patch(f"/users/{made['id']}", {"password": "тайный пароль 2"})
    everything = str([made, await stage.admin.get("/users"), await stage.events()])
    assert "тайный" not in everything
    assert "argon2" not in everything
