"""The embedded servers start, stop, survive a killed parent, and keep a second instance away."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import asyncpg
import pytest
import redis

from brigada.embedded.process import StartError, alive, server_account, wait_until
from brigada.embedded.stack import Joined, Stack
from brigada.settings import Settings, load_settings

PARENT = """
import json, sys, time
from pathlib import Path
from brigada.embedded.stack import Stack
from brigada.settings import load_settings
with Stack(load_settings(mode="test", data_dir=Path(sys.argv[1]))) as stack:
    print(json.dumps({"database": stack.addresses.database_url, "redis": stack.addresses.redis_url,
                      "pids": [stack.postgres.process.pid, stack.redis.process.pid]}), flush=True)
    sys.stdin.readline()
"""


@dataclass
class Parent:
    process: subprocess.Popen[str]
    database: str
    pids: list[int]

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


def start_parent(data_dir: Path) -> Parent:
    process = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(data_dir)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    answer = json.loads(process.stdout.readline())
    return Parent(process, answer["database"], answer["pids"])


async def execute(url: str, statement: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


@pytest.fixture(scope="module")
def data_dir() -> Iterator[Path]:
    """Not below the folder of pytest: another run of pytest closes that one to the account of the servers."""
    with TemporaryDirectory(prefix="brigada-stack-") as folder:
        yield Path(folder) / "var"


@pytest.fixture
def settings(data_dir: Path) -> Settings:
    return load_settings(mode="test", data_dir=data_dir, database_url="", redis_url="")


@pytest.fixture
def stack(settings: Settings) -> Iterator[Stack]:
    with Stack(settings) as running:
        yield running


def children(stack: Stack) -> list[int]:
    assert stack.postgres is not None
    assert stack.redis is not None
    assert stack.postgres.process is not None
    assert stack.redis.process is not None
    return [stack.postgres.process.pid, stack.redis.process.pid]


@pytest.mark.anyio
async def test_the_database_is_16_speaks_russian_and_checks_its_pages(stack: Stack) -> None:
    url = stack.addresses.database_url
    assert str(await execute(url, "SHOW server_version")).startswith("16.")
    assert await execute(url, "SELECT lower('ПРИВЕТ, ЁЖ')") == "привет, ёж"
    assert await execute(url, "SELECT 'УЛИЦА' ILIKE 'улица'") is True
    assert await execute(url, "SHOW data_checksums") == "on"
    assert await execute(url, "SHOW synchronous_commit") == "on"
    assert await execute(url, "SHOW fsync") == "on"
    assert await execute(url, "SHOW listen_addresses") == ""


def test_redis_answers_and_listens_on_no_network(stack: Stack) -> None:
    with redis.Redis.from_url(stack.addresses.redis_url) as client:
        assert client.ping()
        assert client.config_get("port") == {"port": "0"}


def test_only_the_account_of_the_servers_enters_the_folder_of_their_sockets(stack: Stack) -> None:
    assert stack.postgres is not None
    assert stack.postgres.sockets.stat().st_mode & 0o077 == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="only root steps down")
def test_servers_started_by_root_run_as_somebody_else(stack: Stack) -> None:
    for pid in children(stack):
        assert Path(f"/proc/{pid}").stat().st_uid != 0


def test_a_stopped_stack_leaves_no_process_and_no_lock(settings: Settings) -> None:
    with Stack(settings) as stack:
        pids = children(stack)
    assert not any(alive(pid) for pid in pids)
    with Stack(settings):
        pass


def test_a_second_instance_on_the_same_folder_is_refused_in_one_sentence(
    stack: Stack, settings: Settings
) -> None:
    with pytest.raises(StartError, match="in use by another Brigada") as refusal:
        Stack(settings).start()
    assert "\n" not in str(refusal.value)


def test_a_short_command_joins_the_instance_that_runs(stack: Stack, settings: Settings) -> None:
    with Joined(settings) as joined:
        assert joined.database_url.get_secret_value() == stack.addresses.database_url
    assert stack.postgres is not None
    assert stack.postgres.running


def test_a_server_that_ended_by_itself_is_started_again(stack: Stack) -> None:
    server = stack.redis
    assert server is not None
    os.kill(children(stack)[1], signal.SIGKILL)
    assert wait_until(lambda: not server.running, 10)
    assert stack.tend() == ["Redis"]
    with redis.Redis.from_url(stack.addresses.redis_url) as client:
        assert client.ping()
    assert stack.tend() == []


@pytest.mark.anyio
async def test_a_killed_parent_leaves_no_orphan_and_loses_nothing(settings: Settings) -> None:
    parent = start_parent(settings.data_dir)
    await execute(parent.database, "CREATE TABLE IF NOT EXISTS kept (n int)")
    await execute(parent.database, "INSERT INTO kept VALUES (42)")
    parent.kill()
    with Stack(settings) as stack:  # at once: the orphans may still be ending
        assert not any(alive(pid) for pid in parent.pids)
        assert await execute(stack.addresses.database_url, "SELECT max(n) FROM kept") == 42


@pytest.mark.anyio
async def test_a_crashed_database_recovers_at_the_next_start(settings: Settings) -> None:
    parent = start_parent(settings.data_dir)
    await execute(parent.database, "CREATE TABLE crashed (n int)")
    await execute(parent.database, "INSERT INTO crashed VALUES (7)")
    for pid in parent.pids:
        os.kill(pid, signal.SIGKILL)
    parent.kill()
    with Stack(settings) as stack:
        assert await execute(stack.addresses.database_url, "SELECT n FROM crashed") == 7


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not report a parent's death")
def test_the_servers_end_by_themselves_when_their_parent_is_killed(settings: Settings) -> None:
    parent = start_parent(settings.data_dir)
    parent.kill()
    assert wait_until(lambda: not any(alive(pid) for pid in parent.pids), 20)


def test_a_lock_file_whose_number_went_to_another_program_does_not_stop_the_start(settings: Settings) -> None:
    with Stack(settings):
        pass
    lock = settings.data_dir / "postgres" / "postmaster.pid"
    lock.write_text(f"{os.getpid()}\n{settings.data_dir}/postgres\n0\n5432\n\n\n\nready\n")
    with Stack(settings) as stack:
        assert stack.postgres is not None
        assert stack.postgres.running


def test_a_folder_of_another_version_is_refused(tmp_path: Path) -> None:
    settings = load_settings(mode="test", data_dir=tmp_path / "var", database_url="", redis_url="")
    (tmp_path / "var" / "postgres").mkdir(parents=True)
    (tmp_path / "var" / "postgres" / "PG_VERSION").write_text("15\n")
    with pytest.raises(StartError, match="PostgreSQL 15"):
        Stack(settings).start()


def test_a_long_path_still_gets_its_sockets(tmp_path: Path, stack: Stack) -> None:
    from brigada.embedded.sockets import LONGEST_NAME, PATH_MAX_BYTES, socket_folder

    deep = tmp_path / ("d" * 120)
    folder = socket_folder(deep, server_account())
    try:
        assert len(os.fsencode(folder / LONGEST_NAME)) <= PATH_MAX_BYTES
        assert socket_folder(deep, server_account()) == folder
        assert folder.stat().st_mode & 0o077 == 0
    finally:
        folder.rmdir()


def test_servers_of_ones_own_are_left_alone(tmp_path: Path) -> None:
    settings = load_settings(
        mode="test",
        data_dir=tmp_path / "var",
        database_url="postgresql://b@h/b",
        redis_url="redis://h:6379/0",
    )
    with Stack(settings) as stack:
        assert stack.postgres is None
        assert stack.redis is None
        assert stack.addresses.database_url == "postgresql://b@h/b"
        with Stack(settings):  # a replica on the same folder
            pass
    with Joined(settings) as joined:
        assert joined.redis_url.get_secret_value() == "redis://h:6379/0"
