"""An account at the service: signed in by password, requests and one socket, nothing but the public API."""

import asyncio
import contextlib
import json
import ssl
from collections.abc import Callable
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from brigada.simulator.live.backoff import Backoff

RETRY_S = 1.0
"""Between two tries while the service is away."""
TRIES = 60
"""A crew's phone does not give up for a minute; then the simulated person does something else."""


class RefusedError(Exception):
    """The service said no; the code is its machine word."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(f"{status} {code}")
        self.status = status
        self.code = code


class Service:
    """The address of the service and the connections to it, shared by all simulated people."""

    def __init__(self, url: str, *, trust: ssl.SSLContext | None, connections: int = 100) -> None:
        self.url = url.rstrip("/")
        self.trust = trust
        self.requests = 0
        self.http = httpx.AsyncClient(
            base_url=f"{self.url}/api/v1",
            verify=trust if trust is not None else True,
            timeout=15,
            limits=httpx.Limits(max_connections=connections, max_keepalive_connections=connections),
        )

    @property
    def socket_url(self) -> str:
        return "ws" + self.url.removeprefix("http") + "/api/v1/ws"

    async def close(self) -> None:
        await self.http.aclose()


class Account:
    """A person with a password, or an outside system with a key.

    Cookies are carried by hand: hundreds of accounts share one pool of connections, and `Secure` cookies would not
    travel over the plain HTTP of a test.
    """

    def __init__(
        self,
        service: Service,
        login: str,
        password: str = "",
        *,
        key: str = "",
        backoff: Backoff | None = None,
    ) -> None:
        self.login = login
        self._service = service
        self._password = password
        self._key = key
        self._cookies: dict[str, str] = {}
        self._signing_in = asyncio.Lock()
        self._backoff = backoff or Backoff(login)
        self._reconnects = Backoff(f"{login}:socket", first_s=0.2, most_s=10.0)

    @property
    def _headers(self) -> dict[str, str]:
        if self._key:
            return {"Authorization": f"Bearer {self._key}"}
        cookies = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        return {"Cookie": cookies, "X-CSRF-TOKEN": self._cookies.get("csrf_access_token", "")}

    async def sign_in(self) -> None:
        """Sign in anew.

        Raises:
            RefusedError, httpx.HTTPError.
        """
        answer = await self._service.http.post(
            "/auth/login", json={"login": self.login, "password": self._password}
        )
        _check(answer)
        self._keep_cookies(answer)

    async def _renew(self) -> None:
        answer = await self._service.http.post(
            "/auth/refresh",
            headers=self._headers | {"X-CSRF-TOKEN": self._cookies.get("csrf_refresh_token", "")},
        )
        if answer.is_success:
            self._keep_cookies(answer)
        else:
            await self.sign_in()

    def _keep_cookies(self, answer: httpx.Response) -> None:
        for line in answer.headers.get_list("set-cookie"):
            for name, morsel in SimpleCookie(line).items():
                self._cookies[name] = morsel.value
        self._service.http.cookies.clear()

    async def get(self, path: str, **params: str | int) -> Any:  # noqa: ANN401 -- JSON
        """Return what the service answers; tried again while it is away."""
        return await self._send("GET", path + (f"?{urlencode(params)}" if params else ""))

    async def post(self, path: str, body: object = None, *, key: str | None = None) -> Any:  # noqa: ANN401 -- JSON
        """Send a command, with an idempotency key so that a lost answer doubles nothing."""
        return await self._send("POST", path, body, key)

    async def patch(self, path: str, body: object) -> Any:  # noqa: ANN401 -- JSON
        return await self._send("PATCH", path, body)

    async def _send(self, method: str, path: str, body: object = None, key: str | None = None) -> Any:  # noqa: ANN401
        for attempt in range(TRIES):
            headers = self._headers | ({"Idempotency-Key": key} if key else {})
            try:
                answer = await self._service.http.request(method, path, json=body, headers=headers)
                self._service.requests += 1
                if answer.status_code == 401 and not self._key:
                    await self._sign_in_again(headers["Cookie"])
                    continue
                self._backoff.accepted()
            except httpx.HTTPError:
                if attempt == TRIES - 1:
                    raise
                await asyncio.sleep(RETRY_S)
                continue
            if answer.status_code not in {429, 503}:
                _check(answer)
                return answer.json() if answer.content else None
            await asyncio.sleep(min(5.0, float(answer.headers.get("Retry-After", RETRY_S))))
        raise RefusedError(503, "unavailable")

    async def _sign_in_again(self, cookies_before: str) -> None:
        """Get a session where the service refused this one; patiently, one of the account's tasks at a time.

        Raises:
            RefusedError: the password is wrong, the account is closed; who asks again waits longer.
        """
        async with self._signing_in:
            if self._headers["Cookie"] != cookies_before:  # somebody else has done it meanwhile
                return
            self._backoff.refused()
            await self._backoff.pause()
            await self._renew()

    async def listen(self, heard: Callable[[dict[str, Any]], None], line: "Line") -> None:
        """Keep a socket open, hand on its frames, come back when it is cut; for ever.

        Without `line.signal` the phone has no network: the socket is closed and not opened.
        """
        after: tuple[int, str] | None = None
        while True:
            await line.signal.wait()
            query = "" if after is None else f"?after={after[0]}&epoch={after[1]}"
            self._reconnects.refused()
            cookies = self._headers["Cookie"]
            with contextlib.suppress(OSError, WebSocketException, TimeoutError):
                async with connect(
                    self._service.socket_url + query,
                    additional_headers={"Cookie": cookies},
                    ssl=self._service.trust if self._service.url.startswith("https") else None,
                    compression=None,
                    max_size=16 * 1024 * 1024,
                    open_timeout=15,
                ) as socket:
                    line.socket = socket
                    async for raw in socket:
                        frame = json.loads(raw)
                        if frame["type"] == "hello":
                            self._reconnects.accepted()
                            after = (after[0] if after else frame["seq"], frame["epoch"])
                        elif frame["type"] == "event":
                            after = (frame["seq"], after[1] if after else "")
                        elif frame["type"] == "resync":
                            after = None
                        heard(frame)
                    if socket.close_code == 4401:
                        with contextlib.suppress(httpx.HTTPError, RefusedError):
                            await self._sign_in_again(cookies)
            line.socket = None
            await asyncio.sleep(0.2)
            await self._reconnects.pause()


class Line:
    """A phone's network: its open socket, and whether there is any signal."""

    def __init__(self) -> None:
        self.socket: ClientConnection | None = None
        self.signal = asyncio.Event()
        self.signal.set()

    async def send(self, frame: dict[str, Any]) -> bool:
        """Send a frame; return False when there is no socket to send it by."""
        socket = self.socket
        if not self.signal.is_set() or socket is None:
            return False
        try:
            await socket.send(json.dumps(frame))
        except (OSError, WebSocketException):
            return False
        return True

    async def lose_signal(self) -> None:
        """The network is gone."""
        self.signal.clear()
        socket, self.socket = self.socket, None
        if socket is not None:
            await socket.close()


def _check(answer: httpx.Response) -> None:
    if answer.is_success:
        return
    try:
        code = str(answer.json().get("code", ""))
    except ValueError:
        code = ""
    raise RefusedError(answer.status_code, code)
