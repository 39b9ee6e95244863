"""The stand: a service of its own on a free port, filled, with signed-in accounts."""

import asyncio
import contextlib
import socket
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
import httpx
import psutil

from brigada.bench.client import Account, Connection
from brigada.db import migrate
from brigada.demo.seed import seed
from brigada.embedded.stack import Stack
from brigada.server.supervisor import Supervisor
from brigada.settings import Settings, load_settings

PASSWORD = "bench-password-1"  # noqa: S105 -- of a database that lives for minutes


def free_port() -> int:
    """Return a port below the ephemeral range that nobody has opened, not even without listening yet."""
    for port in range(18_443, 32_768):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    message = "no free port below 32768"
    raise RuntimeError(message)


@dataclass(slots=True)
class Stand:
    """A running service and how to talk to it."""

    settings: Settings
    pids: list[int]
    accounts: dict[str, Account] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.settings.port}/api/v1"

    @property
    def database_url(self) -> str:
        return self.settings.database_url.get_secret_value()

    def connect(self, login: str) -> Connection:
        """Return a connection of this account, not yet open."""
        return Connection("127.0.0.1", self.settings.port, self.accounts[login])

    @contextlib.asynccontextmanager
    async def connections(self, login: str, count: int) -> AsyncIterator[list[Connection]]:
        """Open connections of one account."""
        opened = [self.connect(login) for _ in range(count)]
        try:
            yield opened
        finally:
            for connection in opened:
                await connection.close()

    async def sign_in(self, login: str) -> None:
        """Sign in and keep the cookies and the CSRF value as headers."""
        async with httpx.AsyncClient(base_url=self.url) as client:
            answer = await client.post("/auth/login", json={"login": login, "password": PASSWORD})
            answer.raise_for_status()
            cookies = dict(answer.cookies)
        self.accounts[login] = Account(
            {
                "cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()),
                "x-csrf-token": cookies["csrf_access_token"],
            }
        )

    async def execute(self, statement: str, *values: object) -> None:
        """Run a statement on the stand's database, for preparations that no user could make so fast."""
        connection = await asyncpg.connect(self.database_url)
        try:
            await connection.execute(statement, *values)
        finally:
            await connection.close()

    async def fetch_value(self, query: str, *values: object) -> object:
        """Return one value from the stand's database."""
        connection = await asyncpg.connect(self.database_url)
        try:
            return await connection.fetchval(query, *values)
        finally:
            await connection.close()

    def processes(self) -> list[psutil.Process]:
        """Return the API processes and the workers that they have started."""
        found = []
        for pid in self.pids:
            process = psutil.Process(pid)
            found += [process, *process.children(recursive=True)]
        return found

    def memory_bytes(self) -> int:
        """Return the private memory of the API processes and of their workers."""
        total = 0
        for process in self.processes():
            with contextlib.suppress(psutil.NoSuchProcess):  # a worker that has just ended holds nothing
                total += process.memory_full_info().uss
        return total

    def cpu_seconds(self, *, workers: bool = False) -> float:
        """Return the processor time that the API processes have used, with their workers if wanted."""
        times = [process.cpu_times() for process in self.processes() if workers or process.pid in self.pids]
        return float(sum(t.user + t.system for t in times))


@contextlib.contextmanager
def stand(*, workers: int = 1) -> Iterator[Stand]:
    """Start PostgreSQL (durable, as in production), Redis and the API, filled with the demo; stop all afterwards."""
    with tempfile.TemporaryDirectory(prefix="brigada-bench-") as folder, contextlib.ExitStack() as cleanup:
        settings = load_settings(
            _env_file=None,
            mode="test",
            data_dir=Path(folder) / "var",
            port=free_port(),
            tls=False,
            workers=workers,
            log_level="warning",
            demo_password=PASSWORD,
            socket_queue_events=4096,
            access_token_minutes=60,  # 100,000 commands take longer than the usual quarter of an hour
        )
        from brigada.server.supervisor import open_port

        listener = cleanup.enter_context(open_port(settings.host, settings.port))
        stack = cleanup.enter_context(Stack(settings, lambda _: None))
        migrate.upgrade(stack.settings.database_url.get_secret_value())
        seed(stack.settings, lambda _: None)
        supervisor = Supervisor(stack.settings, listener, log=Path(folder) / "api.log", report=lambda _: None)
        cleanup.callback(supervisor.stop)
        supervisor.start(stack.settings)
        ready = Stand(stack.settings, list(supervisor.pids))
        asyncio.run(_sign_all_in(ready))
        yield ready


async def _sign_all_in(ready: Stand) -> None:
    for login in ("admin", "dispatcher", "petrova", "worker"):
        await ready.sign_in(login)
