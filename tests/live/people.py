"""People who use a running service over HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self
from uuid import uuid4

import httpx

PASSWORD = "a long enough word 7"


@dataclass
class Person:
    """Somebody signed in: one session, several connections kept open, cookies handled by hand (they are Secure)."""

    http: httpx.AsyncClient
    login: str
    cookies: dict[str, str] = field(default_factory=dict)
    me: dict[str, Any] = field(default_factory=dict)

    @classmethod
    async def sign_in(cls, url: str, login: str, password: str = PASSWORD) -> Self:
        limits = httpx.Limits(max_connections=32, max_keepalive_connections=32, keepalive_expiry=60)
        person = cls(httpx.AsyncClient(base_url=f"{url}/api/v1", timeout=30, limits=limits), login)
        answer = await person.http.post("/auth/login", json={"login": login, "password": password})
        assert answer.status_code == 200, answer.text
        person.take_cookies(answer)
        person.me = answer.json()["user"]
        return person

    def at(self, url: str) -> Person:
        """The same session, used through another process."""
        limits = httpx.Limits(max_connections=32, max_keepalive_connections=32, keepalive_expiry=60)
        http = httpx.AsyncClient(base_url=f"{url}/api/v1", timeout=30, limits=limits)
        return Person(http, self.login, self.cookies, self.me)

    @property
    def id(self) -> int:
        return int(self.me["id"])

    @property
    def url(self) -> str:
        return str(self.http.base_url).removesuffix("/api/v1/")

    def take_cookies(self, answer: httpx.Response) -> None:
        self.cookies.update(answer.cookies.items())
        self.http.cookies.clear()

    @property
    def cookie(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    def headers(self, key: str | None = None, csrf: str = "csrf_access_token") -> dict[str, str]:
        headers = {
            "Cookie": self.cookie,
            "X-CSRF-TOKEN": self.cookies.get(csrf, ""),
            "Accept-Language": "en",
        }
        return headers | ({"Idempotency-Key": key} if key else {})

    async def ask(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, *, key: str | None = None
    ) -> httpx.Response:
        answer = await self.http.request(method, path, json=body, headers=self.headers(key))
        self.http.cookies.clear()
        return answer

    async def get(self, path: str) -> Any:
        answer = await self.ask("GET", path)
        assert answer.status_code == 200, (path, answer.status_code, answer.text)
        return answer.json()

    async def do(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """A command that must succeed."""
        answer = await self.ask(method, path, body)
        assert answer.is_success, (method, path, answer.status_code, answer.text)
        return answer.json() if answer.content else None

    async def refresh(self) -> httpx.Response:
        answer = await self.http.post("/auth/refresh", headers=self.headers(csrf="csrf_refresh_token"))
        self.http.cookies.clear()
        return answer

    async def sign_out(self) -> None:
        answer = await self.http.post("/auth/logout", headers=self.headers())
        assert answer.status_code == 204, answer.text

    async def new_call(self, **fields: object) -> dict[str, Any]:
        body = {"reason": "chest_pain", "address": "ул. Ленина, 12", "criticality": "critical", **fields}
        call: dict[str, Any] = await self.do("POST", "/calls", body)
        return call

    async def assign(self, call_id: int, team_id: int, **more: object) -> httpx.Response:
        return await self.ask("POST", f"/calls/{call_id}/assignments", {"team_id": team_id, **more})

    async def step(self, assignment_id: int, step: str) -> httpx.Response:
        return await self.ask("POST", f"/assignments/{assignment_id}/steps", {"step": step})

    async def close(self) -> None:
        await self.http.aclose()


def new_key() -> str:
    """A fresh idempotency key."""
    return uuid4().hex
