"""API processes share one socket, are replaced when they end, and leave together."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from brigada.embedded.process import StartError, alive, wait_until
from brigada.embedded.tls import ensure_certificates
from brigada.running import with_certificates
from brigada.server.handover import as_line, from_line
from brigada.server.supervisor import Supervisor, open_port
from brigada.settings import Settings, load_settings
from live.ports import free_port


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return with_certificates(
        load_settings(
            _env_file=None,
            mode="test",
            data_dir=tmp_path,
            port=free_port(),
            workers=2,
            time_zone="Asia/Omsk",
            shutdown_grace_s=2,
        )
    )


@pytest.fixture(autouse=True)
def _sample_is_importable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(Path(__file__).parent), *sys.path]))


@pytest.fixture
def supervisor(settings: Settings) -> Iterator[Supervisor]:
    with open_port(settings.host, settings.port) as listener:
        running = Supervisor(settings, listener, app="sample:create_app", log=settings.data_dir / "api.log")
        try:
            running.start()
            yield running
        finally:
            running.stop()


def ask(settings: Settings, **headers: str) -> list[str]:
    """One request on a connection of its own, by a client that trusts our authority alone."""
    import ssl

    trust = ssl.create_default_context(cafile=str(settings.data_dir / "tls" / "ca.crt"))
    with httpx.Client(verify=trust) as client:
        return client.get(f"https://localhost:{settings.port}/", headers=headers).text.split()


def test_the_service_speaks_https_with_its_own_certificate(
    supervisor: Supervisor, settings: Settings
) -> None:
    pid, client, scheme, zone = ask(settings)
    assert int(pid) in supervisor.pids
    assert (client, scheme, zone) == ("127.0.0.1", "https", "Asia/Omsk")


def test_a_forged_address_is_not_believed(supervisor: Supervisor, settings: Settings) -> None:
    assert ask(settings, **{"X-Forwarded-For": "203.0.113.9"})[1] == "127.0.0.1"


def test_a_process_that_ended_is_replaced(supervisor: Supervisor, settings: Settings) -> None:
    victim = supervisor.pids[0]
    finished: list[int] = []
    requests = threading.Thread(target=lambda: _kill_then_stop(supervisor, victim))
    requests.start()
    finished.append(supervisor.run())
    requests.join()
    assert finished == [0]
    assert victim not in supervisor.pids
    assert len(supervisor.pids) == 2


def _kill_then_stop(supervisor: Supervisor, victim: int) -> None:
    os.kill(victim, signal.SIGKILL)
    wait_until(lambda: victim not in supervisor.pids, 20)
    os.kill(os.getpid(), signal.SIGTERM)


def test_a_stop_lets_every_process_end_by_itself(supervisor: Supervisor, settings: Settings) -> None:
    ask(settings)
    ended = [worker.process for worker in supervisor._workers]
    supervisor.stop()
    assert [process.returncode for process in ended] == [-signal.SIGTERM] * len(ended), (
        "none had to be killed"
    )
    assert not any(alive(process.pid) for process in ended)


def test_a_program_with_a_bug_stops_the_start_and_says_where_to_look(settings: Settings) -> None:
    with open_port(settings.host, settings.port) as listener:
        running = Supervisor(
            settings, listener, app="sample:create_broken_app", log=settings.data_dir / "api.log"
        )
        try:
            with pytest.raises(StartError, match="the sample is broken"):
                running.start()
        finally:
            running.stop()


def test_a_taken_port_is_said_in_one_sentence(settings: Settings) -> None:
    with open_port("127.0.0.1", settings.port) as taken:
        taken.listen()
        with pytest.raises(StartError, match=f"Port {settings.port} is taken"):
            open_port("127.0.0.1", settings.port)


def test_an_address_of_another_machine_is_said_in_one_sentence(settings: Settings) -> None:
    with pytest.raises(StartError, match="BRIGADA_HOST"):
        open_port("192.0.2.1", settings.port)


def test_a_certificate_that_does_not_fit_its_key_is_refused(tmp_path: Path) -> None:
    one = ensure_certificates(tmp_path / "one", ["localhost"], datetime.now(UTC))
    two = ensure_certificates(tmp_path / "two", ["localhost"], datetime.now(UTC))
    settings = load_settings(_env_file=None, mode="test", tls_cert=one.chain, tls_key=two.key)
    with pytest.raises(StartError, match="BRIGADA_TLS_CERT"):
        with_certificates(settings)


def test_the_processes_get_every_setting(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    full = settings.model_copy(
        update={
            "trusted_proxies": ("10.0.0.0/8", "192.0.2.1"),
            "public_origins": ("https://dispatch.example.ru",),
            "log_json": False,
        }
    )
    monkeypatch.setenv("BRIGADA_WORKERS", "7")
    monkeypatch.setenv("BRIGADA_LOG_LEVEL", "error")
    assert from_line(as_line(full)) == full


def test_every_kind_of_process_ends_when_the_supervisor_is_killed(settings: Settings) -> None:
    program = (
        "import sys\n"
        "from brigada.server.handover import from_line\n"
        "from brigada.server.supervisor import Supervisor, open_port\n"
        "settings = from_line(sys.stdin.buffer.readline())\n"
        "running = Supervisor(settings, open_port(settings.host, settings.port), app='sample:create_app')\n"
        "running.start()\n"
        "print(*running.pids, flush=True)\n"
        "sys.stdin.readline()\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", program],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert parent.stdin is not None
    assert parent.stdout is not None
    parent.stdin.write(as_line(settings))
    parent.stdin.flush()
    pids = [int(word) for word in parent.stdout.readline().split()]
    assert len(pids) == 2
    parent.kill()
    parent.communicate()
    assert wait_until(lambda: not any(alive(pid) for pid in pids), 20)
    open_port(settings.host, settings.port).close()
