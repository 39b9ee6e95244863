"""`brigada serve` as a whole: what a person sees when it starts, stops, is killed, or can't start."""

import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

import httpx
import pytest

from brigada.embedded.process import alive, wait_until, working_in
from brigada.settings import load_settings
from live.ports import free_port

PROGRAM = """
import sys
from brigada.commands import plainly
from brigada.running import run_service
import typer
try:
    code = plainly(run_service)({}, app="sample:create_app")
except typer.Exit as stop:
    code = stop.exit_code
sys.exit(code)
"""


class Service:
    """`brigada serve` in a process group of its own, as a terminal starts it."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.port = environment["BRIGADA_PORT"]
        self.data_dir = Path(environment["BRIGADA_DATA_DIR"])
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("BRIGADA_")}
        inherited["PYTHONPATH"] = os.pathsep.join([str(Path(__file__).parent), *sys.path])
        self.process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM],
            env=inherited | environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self.lines: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stderr is not None
        self.lines.extend(self.process.stderr)

    @property
    def output(self) -> str:
        return "".join(self.lines)

    def wait_until_ready(self) -> None:
        assert wait_until(lambda: "Ready in" in self.output or self.process.poll() is not None, 60), (
            self.output
        )
        assert self.process.poll() is None, self.output

    def ask(self) -> str:
        trust = ssl.create_default_context(cafile=str(self.data_dir / "tls" / "ca.crt"))
        with httpx.Client(verify=trust) as client:
            return client.get(f"https://localhost:{self.port}/").text

    def children(self) -> list[int]:
        answer = subprocess.run(
            ["pgrep", "-P", str(self.process.pid)], capture_output=True, text=True, check=False
        )
        return [int(word) for word in answer.stdout.split()]

    def end(self, number: signal.Signals) -> int:
        """Send the signal to the whole group, as Ctrl-C in a terminal does, and wait."""
        os.killpg(self.process.pid, number)
        code = self.process.wait(60)
        self._reader.join()
        assert self.process.stderr is not None
        self.process.stderr.close()
        return code

    def result(self) -> tuple[int, str]:
        code = self.process.wait(60)
        self._reader.join()
        assert self.process.stderr is not None
        self.process.stderr.close()
        return code, self.output


@pytest.fixture(scope="module")
def data_dir() -> Iterator[Path]:
    """One for the module: making a database anew for each test would take most of its time.

    Not below the folder of pytest: another run of pytest closes that one to the account of the servers.
    """
    with TemporaryDirectory(prefix="brigada-service-") as folder:
        yield Path(folder) / "var"


@pytest.fixture
def environment(data_dir: Path) -> dict[str, str]:
    return {
        "BRIGADA_PORT": str(free_port()),
        "BRIGADA_DATA_DIR": str(data_dir),
        "BRIGADA_WORKERS": "1",
        "BRIGADA_SHUTDOWN_GRACE_S": "2",
    }


@pytest.fixture
def service(environment: dict[str, str]) -> Iterator[Service]:
    running = Service(environment)
    try:
        running.wait_until_ready()
        yield running
    finally:
        if running.process.poll() is None:
            running.end(signal.SIGTERM)


def test_a_fresh_machine_serves_and_ctrl_c_stops_every_child(service: Service) -> None:
    assert "https" in service.ask()
    children = service.children()
    assert len(children) == 3  # PostgreSQL, Redis, one API process
    assert service.end(signal.SIGINT) == 0
    assert not any(alive(pid) for pid in children)


@pytest.mark.long
def test_after_a_kill_the_next_start_serves_and_one_beside_it_is_refused(
    service: Service, environment: dict[str, str]
) -> None:
    service.end(signal.SIGKILL)
    again = Service(environment)
    try:
        again.wait_until_ready()
        assert "https" in again.ask()
        code, output = Service(environment | {"BRIGADA_PORT": str(free_port())}).result()
    finally:
        again.end(signal.SIGTERM)
    assert not working_in(Path(environment["BRIGADA_DATA_DIR"]) / "postgres")
    assert code == 2
    assert "in use by another Brigada" in output
    assert "Traceback" not in output


def test_a_taken_port_is_said_before_anything_starts(environment: dict[str, str], tmp_path: Path) -> None:
    environment |= {"BRIGADA_DATA_DIR": str(tmp_path / "var")}
    with socket.create_server(("127.0.0.1", int(environment["BRIGADA_PORT"]))):
        code, output = Service(environment).result()
    assert code == 2
    assert output.count("\n") == 1
    assert re.search(r"Port \d+ is taken.*BRIGADA_PORT", output)
    assert not Path(environment["BRIGADA_DATA_DIR"]).exists()


KEY = {"BRIGADA_SECRET_KEY": "fJ3k9Zq7Lw2Xc8Vb5Nm1Qp4Rt6Yu0Io-as_DfGh"}


def test_a_database_that_does_not_answer_is_said_without_its_password(environment: dict[str, str]) -> None:
    url = f"postgresql://brigada:hidden-word@127.0.0.1:{free_port()}/brigada"
    code, output = Service(environment | KEY | {"BRIGADA_DATABASE_URL": url}).result()
    assert code == 2
    assert "does not answer" in output
    assert "BRIGADA_DATABASE_URL" in output
    assert "hidden-word" not in output
    assert "Traceback" not in output


def test_a_database_without_its_structure_is_said(
    environment: dict[str, str], empty_database_url: str
) -> None:
    from brigada.db import migrate

    if migrate.head() is None:
        pytest.skip("there is no migration yet")
    code, output = Service(environment | KEY | {"BRIGADA_DATABASE_URL": empty_database_url}).result()
    assert code == 2
    assert "brigada migrate" in output


def test_a_database_of_ones_own_is_served(
    environment: dict[str, str], database_url: str, redis_url: str
) -> None:
    own = {"BRIGADA_DATABASE_URL": database_url, "BRIGADA_REDIS_URL": redis_url}
    running = Service(environment | KEY | own)
    try:
        running.wait_until_ready()
        assert len(running.children()) == 1
    finally:
        assert running.end(signal.SIGTERM) == 0


def test_unsafe_settings_do_not_start(environment: dict[str, str]) -> None:
    code, output = Service(environment | {"BRIGADA_TLS": "false"}).result()
    assert code == 2
    assert "BRIGADA_TRUSTED_PROXIES" in output
    assert output.startswith("✗ ")


def test_addresses_of_sockets_are_understood_by_url_parsers(database_url: str) -> None:
    assert urlsplit(database_url).hostname is None
    assert load_settings(_env_file=None, mode="test", database_url=database_url)
