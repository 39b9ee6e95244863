"""What a service needs beside itself, started together: the data folder's lock, PostgreSQL and Redis."""

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from pydantic import SecretStr

from brigada.embedded.lock import InstanceLock
from brigada.embedded.postgres import PostgresServer, binaries
from brigada.embedded.process import Account, StartError, let_through, private_folder, server_account
from brigada.embedded.redis import RedisServer, program
from brigada.embedded.sockets import socket_folder
from brigada.settings import Settings

type Report = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Addresses:
    database_url: str
    redis_url: str


class Stack:
    """Starts what the settings leave empty, and stops it again.

    Use it as a context manager; `settings` inside then names the addresses in use. Start it from
    the main thread: the servers are tied to the life of the thread that starts them.
    """

    def __init__(
        self,
        settings: Settings,
        report: Report | None = None,
        postgres_options: Mapping[str, str] | None = None,
    ) -> None:
        self._given = settings
        self._report = report or (lambda _: None)
        self._options = postgres_options
        self._data_dir = settings.data_dir.resolve()
        self._lock = InstanceLock(self._data_dir)
        self.postgres: PostgresServer | None = None
        self.redis: RedisServer | None = None

    @property
    def addresses(self) -> Addresses:
        given = self._given
        return Addresses(
            self.postgres.url() if self.postgres else given.database_url.get_secret_value(),
            self.redis.url() if self.redis else given.redis_url.get_secret_value(),
        )

    @property
    def settings(self) -> Settings:
        """The settings with every address filled in."""
        return with_addresses(self._given, self.addresses)

    def start(self) -> None:
        """Take the data folder, then start both servers side by side; nothing to do when none is embedded.

        Raises:
            StartError: the folder is in use, or a server does not start; nothing is left running.
        """
        if not (self._given.embedded_database or self._given.embedded_redis):
            return  # replicas may share a data folder: maps and certificates are only read
        self._lock.acquire()
        try:
            self._start_servers()
            self._announce()
        except BaseException:
            self.stop()
            raise

    def _start_servers(self) -> None:
        given, folder = self._given, self._data_dir
        account = server_account(folder / "postgres")
        sockets, logs = socket_folder(folder, account), private_folder(folder / "log", account)
        self._open_way(account, sockets)
        if given.embedded_redis:
            self._report("Starting Redis")
            self.redis = RedisServer(private_folder(folder / "redis", account), sockets, logs, account)
            self.redis.begin()
        if given.embedded_database:
            new = not (folder / "postgres").exists()
            self._report("Making the database" if new else "Starting PostgreSQL")
            self.postgres = PostgresServer(folder / "postgres", sockets, logs, account, self._options)
            self.postgres.begin()
        for server in (self.redis, self.postgres):
            if server:
                server.finish_start()

    def _open_way(self, account: Account, sockets: Path) -> None:
        needed = [self._data_dir / "postgres", sockets]
        if self._given.embedded_database:
            needed.append(binaries() / "postgres")
        if self._given.embedded_redis:
            needed.append(program())
        for folder in let_through(account, *needed):
            self._report(f"Let the database's account pass through {folder} (chmod o+x)")

    def tend(self) -> list[str]:
        """Start again whichever server ended by itself; name those. Meanwhile the service is degraded."""
        revived = []
        for name, server in (("Redis", self.redis), ("PostgreSQL", self.postgres)):
            if server is not None and not server.running:
                server.begin()
                server.finish_start()
                revived.append(name)
        return revived

    def stop(self) -> None:
        """Stop what was started, the database last, and let go of the data folder."""
        if not self._lock.held:
            return
        try:
            for server in (self.redis, self.postgres):
                if server is not None:
                    server.stop()
        finally:
            _address_file(self._data_dir).unlink(missing_ok=True)
            self._lock.release()

    def _announce(self) -> None:
        path = _address_file(self._data_dir)
        draft = path.with_suffix(".new")
        draft.unlink(missing_ok=True)
        addresses = self.addresses
        content = {
            "pid": os.getpid(),
            "database_url": addresses.database_url,
            "redis_url": addresses.redis_url,
        }
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(content, file)
        draft.replace(path)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


class Joined:
    """The servers of a running instance, or a `Stack` of one's own when none runs: for short commands."""

    def __init__(self, settings: Settings, report: Report | None = None) -> None:
        self._settings = settings
        self._report = report
        self._stack: Stack | None = None

    def __enter__(self) -> Settings:
        """The settings with every address filled in.

        Raises:
            StartError: as `Stack.start`.
        """
        if not (self._settings.embedded_database or self._settings.embedded_redis):
            return self._settings
        stack = Stack(self._settings, self._report)
        try:
            stack.start()
        except StartError:
            running = running_addresses(self._settings.data_dir.resolve())
            if running is None:
                raise
            return with_addresses(self._settings, running)
        self._stack = stack
        return stack.settings

    def __exit__(self, *_: object) -> None:
        if self._stack is not None:
            self._stack.stop()


def _address_file(data_dir: Path) -> Path:
    return data_dir / "instance.json"


def running_addresses(data_dir: Path) -> Addresses | None:
    """Where the instance that holds this folder reaches its servers; None when it does not say."""
    try:
        content = json.loads(_address_file(data_dir).read_text(encoding="utf-8"))
        return Addresses(str(content["database_url"]), str(content["redis_url"]))
    except (OSError, ValueError, KeyError):
        return None


def with_addresses(settings: Settings, addresses: Addresses) -> Settings:
    """The same settings with these addresses, and with the key kept in the data folder if none was given."""
    return settings.model_copy(
        update={
            "secret_key": SecretStr(settings.signing_key().decode()),
            "database_url": SecretStr(addresses.database_url),
            "redis_url": SecretStr(addresses.redis_url),
        }
    )
