"""What the commands `demo`, `serve` and `migrate` do, step by step.

What is slow to import is imported where it is used, so that the API processes begin to import meanwhile.
"""

import asyncio
import contextlib
import os
import signal
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from urllib.request import urlopen

from pydantic import SecretStr
from rich.console import Console
from rich.panel import Panel

from brigada.commands import Steps
from brigada.embedded.process import StartError, ends_with_its_parent
from brigada.embedded.stack import Joined, Stack
from brigada.server.supervisor import APP, Supervisor, open_port
from brigada.settings import Mode, Settings, kept_secret, load_settings

if TYPE_CHECKING:
    from brigada.demo.companion import Companion

type Prepare = Callable[[Stack, Steps], Settings]

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})

READY_PATH = "/health/ready"

DATABASE_TIMEOUT_S = 10.0
"""Seconds to wait for a database of one's own at the start."""

LOG_MAX_BYTES = 10_000_000
"""A demo's log that is larger is set aside at the start; days of use make that much."""

DEMO_LOGINS = (
    ("admin", "administrator", "администратор"),
    ("dispatcher", "dispatcher", "диспетчер"),
    ("worker", "crew member", "сотрудник бригады"),
)


def run_demo(overrides: dict[str, object], app: str = APP, region: str = "") -> int:
    """Serve a demo until Ctrl-C; the exit code.

    With a `region` (what `brigada region add` takes) it plays there, in a data folder of its own unless one is given.

    Raises:
        StartError, SettingsError: it can't start; the message says why and what to do.
    """
    settings = load_settings(**{"mode": Mode.DEMO, "log_json": False, **overrides})
    if region:
        settings = _on_its_map(settings, region, own_folder="data_dir" not in overrides)
    # Cars of a faster town move faster; they must not be taken for a receiver's errors.
    fastest = min(100_000.0, settings.position_fastest_kmh * settings.demo_speed)
    settings = settings.model_copy(update={"position_fastest_kmh": fastest})
    from brigada.demo.companion import living_city

    return _run(
        settings,
        app,
        _prepare_demo,
        _greet_demo,
        log=settings.data_dir.resolve() / "api.log",
        beside=lambda ready, log: living_city(ready, address(ready), log),
    )


def _on_its_map(settings: Settings, region: str, *, own_folder: bool) -> Settings:
    """The settings of a demo that plays in a region, which is installed now unless it was before."""
    from brigada.regions.fetch import region_name
    from brigada.regions.store import RegionStore

    if own_folder:
        name = f"{settings.data_dir.name}-{region_name(region)}"
        settings = settings.model_copy(update={"data_dir": settings.data_dir.with_name(name)})
    data_dir = settings.data_dir.resolve()
    install_for_demo(region, data_dir)
    installed = RegionStore(data_dir).active()
    if installed is not None and "time_zone" not in settings.model_fields_set:
        settings = settings.model_copy(update={"time_zone": installed.manifest.time_zone})
    return settings


def install_for_demo(region: str, data_dir: Path) -> None:
    """Install a region for a demo of its own, with its progress on the screen, unless that was done before.

    Raises:
        StartError: it can't be installed, or the folder's demo plays elsewhere.
    """
    from brigada.regions.fetch import region_name
    from brigada.regions.store import RegionStore

    in_use = RegionStore(data_dir).generation()
    if in_use is not None and in_use[0] == region_name(region):
        return
    if in_use is not None:
        raise StartError(
            f"The demo in {data_dir} plays in the region {in_use[0]}: choose another folder with --data-dir"
        )
    command = [sys.executable, "-m", "brigada", "region", "add", region]
    environment = {**os.environ, "BRIGADA_DATA_DIR": str(data_dir)}
    if subprocess.run(command, env=environment, check=False).returncode != 0:
        raise StartError(f"The region {region} could not be installed for the demo: see above")


def run_service(overrides: dict[str, object], app: str = APP) -> int:
    """Serve a real service until SIGTERM or Ctrl-C; the exit code.

    Raises:
        StartError, SettingsError: it can't start; the message says why and what to do.
    """
    return _run(load_settings(**overrides), app, _prepare_service, _greet_service, log=None)


def run_migrations(console: Console, *, to: str, down: bool, show: bool, new: str | None) -> None:
    """Do what `brigada migrate` was asked for.

    Raises:
        StartError: the database can't be reached.
    """
    from brigada.db import migrate

    if new:
        console.print(f"Written: {migrate.new_revision(new)}", highlight=False)
        return
    with Joined(load_settings()) as settings:
        url = settings.database_url.get_secret_value()
        _reach_database(url)
        before = migrate.current(url)
        if not show:
            (migrate.downgrade if down else migrate.upgrade)(url, to)
        now = migrate.current(url)
        if before != now:
            console.print(f"The database went from {_at(before)} to {_at(now)}", highlight=False)
        else:
            latest = "the latest" if now == migrate.head() else f"the latest is {migrate.head()}"
            console.print(f"The database is at {_at(now)} ({latest})", highlight=False)


def _at(revision: str | None) -> str:
    return f"revision {revision}" if revision else "no revision"


def _run(
    settings: Settings,
    app: str,
    prepare: Prepare,
    greet: Callable[[Settings, Console, float], None],
    log: Path | None,
    beside: "Callable[[Settings, Path | None], Companion] | None" = None,
) -> int:
    """Start everything in order, serve, and stop everything in the opposite order, whatever happens."""
    for number in (signal.SIGTERM, signal.SIGHUP):  # before the supervisor listens to them itself
        signal.signal(number, lambda *_: sys.exit(1))
    with contextlib.ExitStack() as cleanup:
        with Steps() as steps:
            listener = cleanup.enter_context(open_port(settings.host, settings.port))
            stack = cleanup.enter_context(Stack(settings, steps))
            if log and log.exists() and log.stat().st_size > LOG_MAX_BYTES:
                log.replace(log.with_suffix(".old.log"))
            supervisor = Supervisor(
                settings, listener, app=app, log=log, tend=stack.tend, report=steps.console.print
            )
            cleanup.callback(supervisor.stop)
            supervisor.warm()
            ready = with_certificates(prepare(stack, steps))
            steps("Starting the service")
            supervisor.start(ready)
            if beside is not None:
                companion = cleanup.enter_context(beside(ready, log))
                supervisor.tend = lambda: [*stack.tend(), *companion.tend()]
        greet(ready, steps.console, steps.seconds)
        code = supervisor.run()
        steps.console.print("Stopping …")
    return code


def _prepare_demo(stack: Stack, steps: Steps) -> Settings:
    steps("Bringing the database to the latest structure")
    from brigada.db import migrate

    settings = stack.settings
    password = settings.demo_password.get_secret_value() or kept_secret(
        settings.data_dir.resolve() / "demo_password", nbytes=9
    )
    settings = settings.model_copy(update={"demo_password": SecretStr(password)})
    with _demo_region(settings, steps):
        migrate.upgrade(settings.database_url.get_secret_value())
        steps("Filling the service with a demo town")
        import_module("brigada.demo.seed").seed(settings, steps)
    return settings


@contextlib.contextmanager
def _demo_region(settings: Settings, steps: Steps) -> Iterator[None]:
    """Make the demo town's roads, addresses and map beside the rest, unless a region is in use already.

    A damaged region of the demo's own is made anew: it costs seconds and holds nothing of anybody's.

    Raises:
        StartError: the import failed (its last words are in the message), or a region of another name is damaged.
    """
    from brigada.regions.errors import RegionError
    from brigada.regions.fetch import DEMO
    from brigada.regions.store import RegionStore

    store = RegionStore(settings.data_dir.resolve())
    try:
        installed = store.active()
    except RegionError as error:
        in_use = store.generation()
        if in_use is None or in_use[0] != DEMO:
            raise StartError(
                f"{error} `{shown_command('region list')}` shows what is installed, and "
                f"`{shown_command(f'region use {DEMO}')}` goes over to the demo town if that is among it"
            ) from error
        installed = None
    if installed is not None:
        yield
        return
    child = subprocess.Popen(
        [sys.executable, "-m", "brigada", "region", "add", "demo"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, "BRIGADA_DATA_DIR": str(settings.data_dir.resolve())},
        # A demo that was killed must not go on building its town.
        preexec_fn=ends_with_its_parent(),  # noqa: PLW1509  # only prctl and getppid
    )
    try:
        yield
        steps("Building its roads, addresses and map")
        words = child.communicate()[0].decode(errors="replace").strip()
    except BaseException:
        child.kill()
        child.wait()
        raise
    if child.returncode != 0:
        raise StartError(f"The demo town's map could not be built: {words[-300:]}")


def _prepare_service(stack: Stack, steps: Steps) -> Settings:
    steps("Looking at the database")
    from brigada.db import migrate

    settings = stack.settings
    url = settings.database_url.get_secret_value()
    _reach_database(url)
    if stack.postgres is not None:
        migrate.upgrade(url)  # nobody else can reach an embedded one, so nobody else would do it
        return settings
    have, need = migrate.current(url), migrate.head()
    if have != need:
        raise StartError(
            f"The database is at revision {have or 'none'} and this program needs {need}: "
            "run `brigada migrate` once, then start again"
        )
    return settings


def _reach_database(url: str) -> None:
    import asyncpg

    async def connect() -> None:
        connection = await asyncpg.connect(
            url.replace("postgresql+asyncpg://", "postgresql://", 1), timeout=DATABASE_TIMEOUT_S
        )
        await connection.close()

    parts = urlsplit(url)
    where = f"{parts.hostname or 'its socket'}{f':{parts.port}' if parts.port else ''}"
    try:
        asyncio.run(connect())
    except (OSError, TimeoutError) as error:
        raise StartError(
            f"PostgreSQL at {where} does not answer ({error.__class__.__name__}): "
            "see that it runs and that BRIGADA_DATABASE_URL names it"
        ) from error
    except asyncpg.PostgresError as error:
        raise StartError(
            f"PostgreSQL at {where} refused ({error.__class__.__name__}): "
            "see the user, password and database name in BRIGADA_DATABASE_URL"
        ) from error


def with_certificates(settings: Settings) -> Settings:
    """The settings with a certificate to serve with: the one given, or the own one.

    Raises:
        StartError: the one given can't be used.
    """
    from brigada.embedded.tls import ensure_certificates, local_names

    if not settings.tls:
        return settings
    if settings.tls_cert and settings.tls_key:
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(settings.tls_cert, settings.tls_key)
        except (OSError, ssl.SSLError) as error:
            raise StartError(
                f"The certificate {settings.tls_cert} with the key {settings.tls_key} can't be used "
                f"({error.strerror or error}): see BRIGADA_TLS_CERT and BRIGADA_TLS_KEY"
            ) from error
        return settings
    public = [host for origin in settings.public_origins if (host := urlsplit(origin).hostname)]
    names = local_names([*settings.tls_names, *public], lan=settings.host not in LOOPBACK)
    files = ensure_certificates(settings.data_dir.resolve(), names, datetime.now(UTC))
    return settings.model_copy(update={"tls_cert": files.chain, "tls_key": files.key})


def address(settings: Settings) -> str:
    """The address to open in a browser on this machine."""
    host = "localhost" if settings.host in {*LOOPBACK, "0.0.0.0", "::"} else settings.host  # noqa: S104  # not bound
    scheme = "https" if settings.tls else "http"
    standard = {"https": 443, "http": 80}[scheme]
    return f"{scheme}://{host}{'' if settings.port == standard else f':{settings.port}'}"


def is_ready(settings: Settings) -> bool:
    """Whether the service of these settings, on this machine, can serve requests now."""
    # Not verified: the request stays on this machine, and carries and returns no secret.
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        with urlopen(f"{address(settings)}{READY_PATH}", timeout=3, context=context) as answer:  # noqa: S310  # http(s)
            return bool(answer.status == 200)
    except OSError:
        return False


def how_to_trust(certificate: Path) -> str:
    """What to do so that browsers take the own certificate without a warning."""
    return (
        f"The certificate to trust: {certificate}\n"
        f"  Debian, Ubuntu   sudo cp {certificate} /usr/local/share/ca-certificates/brigada.crt"
        " && sudo update-ca-certificates\n"
        f"  macOS            sudo security add-trusted-cert -d -r trustRoot"
        f" -k /Library/Keychains/System.keychain {certificate}\n"
        "  Windows          open it: Install Certificate, Local Machine, Trusted Root Authorities\n"
        "  Firefox          Settings, Certificates, Authorities, Import"
    )


def shown_path(path: Path) -> Path:
    """Return the path as a person in this folder would write it."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def shown_command(words: str) -> str:
    """Return a command of `brigada` as a person in this folder would type it."""
    program = Path(sys.argv[0])
    return f"{shown_path(program.resolve()) if program.name == 'brigada' else 'brigada'} {words}"


def _greet_demo(settings: Settings, console: Console, seconds: float) -> None:
    url, password = address(settings), settings.demo_password.get_secret_value()
    accounts = "\n".join(
        f"  [bold]{login:<12}[/] {password}   [dim]{english} · {russian}[/]"
        for login, english, russian in DEMO_LOGINS
    )
    console.print(
        Panel(
            f"[bold]{url}[/]        Swagger UI: {url}/docs\n\n{accounts}\n\n"
            "Sign in as [bold]dispatcher[/]: calls come in by themselves and wait for you. In\n"
            "another browser sign in as [bold]worker[/], who is on team 1: it soon gets a call,\n"
            "its car drives by itself, and the steps are yours to tap.\n\n"
            "The browser warns once: the certificate is this service's own;\n"
            f"[bold]{shown_command('trust')}[/] tells how to trust it.\n"
            f"Log: {shown_path(settings.data_dir.resolve() / 'api.log')}\n"
            "Ctrl-C stops everything; the data stays.",
            title=f"Brigada is ready · Бригада готова · {seconds:.1f} s",
            border_style="green",
            expand=False,
        ),
        highlight=False,
    )


def _greet_service(settings: Settings, console: Console, seconds: float) -> None:
    from brigada.embedded.tls import ca_file

    console.print(f"Ready in {seconds:.1f} s: {address(settings)}", highlight=False)
    if (
        settings.tls
        and settings.tls_cert
        and settings.tls_cert.parent == ca_file(settings.data_dir.resolve()).parent
    ):
        console.print(how_to_trust(ca_file(settings.data_dir.resolve())), highlight=False, soft_wrap=True)
