"""Every setting of the service, with its unit and default, read once from the environment and `.env`.

Each field `name` is set by the variable `BRIGADA_NAME`. `.env.example` lists all of them and a test keeps it
complete. Values that would be unsafe in production are refused here, with one sentence that says what to do.
"""

import ipaddress
import os
import re
import secrets
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BeforeValidator, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

SECRET_MIN_CHARS = 32
"""256 bits written as 32 random bytes or more: what HMAC-SHA256 needs (RFC 7518, 3.2)."""

_PLACEHOLDER = re.compile(
    r"change.?me|secret|password|example|brigada|qwerty|12345678|default", re.IGNORECASE
)
_WEAK_DATABASE_PASSWORDS = frozenset(
    {"", "postgres", "password", "brigada", "changeme", "change-me", "secret", "admin", "123456", "qwerty"}
)


class Mode(StrEnum):
    """What the process is for; it decides how strictly the values are judged."""

    DEMO = "demo"
    PRODUCTION = "production"
    TEST = "test"


class LogLevel(StrEnum):
    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class SettingsError(ValueError):
    """The settings can't be used; the message is one sentence for the person who starts the service."""


def _split(value: object) -> object:
    """Accept `a, b` from the environment as well as a sequence from Python."""
    if isinstance(value, str):
        return tuple(part for part in re.split(r"[,\s]+", value) if part)
    return value


type Words = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]


class Settings(BaseSettings):
    """One immutable object, handed to everything that needs a setting."""

    model_config = SettingsConfigDict(
        env_prefix="BRIGADA_",
        env_file=".env",
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        validate_default=True,
        hide_input_in_errors=True,
    )

    # ---- service ----
    mode: Mode = Field(
        Mode.PRODUCTION,
        description="`production`, or `demo` for a try on one machine (`make demo` sets it), or `test`.",
    )
    host: str = Field("127.0.0.1", description="Address to listen on; `0.0.0.0` for the whole network.")
    port: int = Field(
        8443,
        ge=1,
        le=32767,
        description="TCP port, below 32768: systems take the ports of outgoing connections from above.",
    )
    data_dir: Path = Field(
        Path("var"),
        description="Folder of all the service keeps: embedded database, certificates, maps, secret key.",
    )
    workers: int = Field(
        1, ge=1, le=64, description="API processes on this host, about one for each core left to the service."
    )
    time_zone: str = Field(
        "Europe/Moscow",
        description="IANA time zone of the service: its days, shifts and reports; stored times are UTC.",
    )
    log_level: LogLevel = Field(LogLevel.INFO, description="`debug`, `info`, `warning` or `error`.")
    log_json: bool = Field(True, description="Logs as JSON lines; `false` for readable ones.")
    public_origins: Words = Field(
        (),
        description=(
            "Addresses at which browsers reach the service, comma-separated, e.g. `https://103.example.ru`; "
            "sockets from other origins are refused. Empty: the origin must match the Host of the request."
        ),
    )
    shutdown_grace_s: float = Field(
        10.0,
        gt=0,
        le=120,
        description="Seconds for running requests to end at shutdown, before they are cut.",
    )

    # ---- database ----
    database_url: SecretStr = Field(
        SecretStr(""),
        description="`postgresql://user:password@host:5432/name`, PostgreSQL 16; empty: an embedded one.",
    )
    database_pool_size: int = Field(
        10, ge=1, le=200, description="Connections kept open to PostgreSQL by each API process."
    )

    # ---- redis ----
    redis_url: SecretStr = Field(
        SecretStr(""),
        description="`redis://:password@host:6379/0`, Redis or Valkey, a cache only; empty: an embedded one.",
    )
    redis_timeout_s: float = Field(
        0.5, gt=0, le=10, description="Seconds to wait for Redis before the service goes on without it."
    )

    # ---- TLS ----
    tls: bool = Field(
        True,
        description="Serve HTTPS; `false` only behind a proxy that does, named in BRIGADA_TRUSTED_PROXIES.",
    )
    tls_cert: Path | None = Field(
        None,
        description="Certificate chain, PEM file; empty: an own local CA and certificate.",
    )
    tls_key: Path | None = Field(None, description="Private key of the certificate, PEM file.")
    tls_names: Words = Field(
        (), description="More host names and addresses for the own certificate, comma-separated."
    )

    # ---- security ----
    secret_key: SecretStr = Field(
        SecretStr(""),
        description=(
            f"Signs access tokens, at least {SECRET_MIN_CHARS} random characters, the same on every host. "
            "Empty: made at first start and kept in the data folder."
        ),
    )
    access_token_minutes: int = Field(15, ge=1, le=60, description="Life of an access token, minutes.")
    refresh_token_days: int = Field(14, ge=1, le=90, description="Life of a session without use, days.")
    refresh_roaming_roles: Words = Field(
        (),
        description=(
            "Roles whose refresh token may come from another address than it was issued to, comma-separated, "
            "e.g. `worker` for crews on mobile networks. Empty: strict for all."
        ),
    )
    trusted_proxies: Words = Field(
        (),
        description="Addresses or networks whose X-Forwarded-For is believed, e.g. `10.0.0.0/24`.",
    )
    allowed_origins: Words = Field(
        (),
        description=(
            "More web origins whose pages may open the socket, comma-separated, beside BRIGADA_PUBLIC_ORIGINS. "
            "Browsers let pages of other origins call nothing else: the API allows none (no CORS)."
        ),
    )
    login_limit_per_address: int = Field(
        30, ge=1, le=100_000, description="Sign-in attempts a minute from one address."
    )
    login_limit_per_account: int = Field(
        10, ge=1, le=100_000, description="Sign-in attempts a minute for one login."
    )
    public_limit_per_address: int = Field(
        6_000,
        ge=1,
        le=1_000_000,
        description=(
            "Requests a minute from one address to what needs no session: pages, health, refresh of tokens. "
            "A whole control room may stand behind one address."
        ),
    )
    max_body_bytes: int = Field(
        1_048_576, ge=1_024, le=104_857_600, description="Largest request body, bytes; a larger one gets 413."
    )

    # ---- demo ----
    demo_password: SecretStr = Field(
        SecretStr(""),
        description="Password of the demo accounts; empty: a random one, kept in the data folder, printed.",
    )

    demo_call_every_s: float = Field(
        90.0,
        ge=0.1,
        le=3600,
        description=(
            "Seconds of the demo town between two calls that it invents, on average. A call keeps a crew for about an "
            "hour, so that 40 teams serve one in 90 s; a few seconds show a service that is overrun."
        ),
    )
    demo_speed: float = Field(
        1.0,
        ge=1,
        le=60,
        description="How many times faster than life the demo town lives; norms and timers stay as they are.",
    )

    # ---- real time ----
    heartbeat_s: float = Field(5.0, ge=0.1, le=60, description="Seconds between heartbeats on a socket.")
    doorbell_poll_s: float = Field(
        1.0, ge=0.05, le=10, description="Seconds after which the event log is read even when nothing rang."
    )
    socket_queue_events: int = Field(
        512, ge=8, le=100_000, description="Events waiting for one socket before it is told to resume, count."
    )
    socket_queue_bytes: int = Field(
        1_048_576, ge=16_384, le=67_108_864, description="Bytes waiting for one socket before it is cut."
    )
    socket_send_timeout_s: float = Field(
        10.0, gt=0, le=120, description="Seconds that one frame may wait for a client that does not read."
    )
    resume_window_events: int = Field(
        10_000,
        ge=100,
        le=10_000_000,
        description="Events that a returning client may ask for; an older one starts anew.",
    )

    notification_keep_days: int = Field(
        30, ge=1, le=3650, description="Days for which notifications are kept."
    )

    # ---- positions ----
    position_stale_s: float = Field(
        30.0, ge=1, le=3600, description="Seconds after which a position is shown as old."
    )
    position_flush_s: float = Field(
        0.5,
        ge=0.05,
        le=10,
        description="Seconds for which positions from sockets are gathered before they are stored together.",
    )
    position_frame_s: float = Field(
        1.0, ge=0.1, le=10, description="Seconds between two frames of positions to one screen."
    )
    position_fastest_kmh: float = Field(
        250.0,
        ge=50,
        le=100_000,
        description="Speed, km/h, above which a position is taken for a receiver's error, not for the car's way.",
    )
    position_keep_days: int = Field(
        90, ge=1, le=3650, description="Days for which full tracks are kept; older days are dropped."
    )
    position_hot_days: int = Field(
        14,
        ge=1,
        le=3650,
        description="Days whose tracks are found at once; those of older days take about 0.1 s.",
    )

    # ---- advice ----
    advice: bool = Field(
        True,
        description=(
            "Solve whom to send for all open calls after each event and every minute; `false` leaves only the "
            "list of candidates of a single call."
        ),
    )

    # ---- places ----
    region_outside: Literal["refuse", "warn", "accept"] = Field(
        "refuse",
        description=(
            "Calls and stations outside the region's bounds: `refuse`, `warn` (taken, the answer carries a "
            "warning) or `accept`. Without an installed region all are taken."
        ),
    )
    router: Literal["embedded", "osrm", "straight_line"] = Field(
        "embedded",
        description=(
            "Who knows roads: `embedded` (the installed region), `osrm` (a server at BRIGADA_ROUTER_URL), "
            "or `straight_line` (estimates only)."
        ),
    )
    router_url: str = Field("", description="Address of an OSRM server, e.g. `http://osrm:5000`.")
    router_timeout_s: float = Field(
        3.0, gt=0, le=60, description="Seconds to wait for the OSRM server before a straight-line estimate."
    )
    speed_factors: Path | None = Field(
        None,
        description="JSON file of speeds by hour of the day; empty: the ones that come with the service.",
    )
    geocoder: Literal["embedded", "nominatim", "photon"] = Field(
        "embedded",
        description=(
            "Who knows addresses: `embedded` (the installed region), or `nominatim` or `photon`, a server at "
            "BRIGADA_GEOCODER_URL."
        ),
    )
    geocoder_url: str = Field("", description="Address of a Nominatim or Photon server.")
    geocoder_timeout_s: float = Field(
        3.0, gt=0, le=60, description="Seconds to wait for the geocoding server."
    )

    # ---- reports ----
    service_name: str = Field(
        "Станция скорой медицинской помощи",
        max_length=200,
        description="Name of the service, printed at the head of reports and forms.",
    )
    reports_dir: Path | None = Field(
        None,
        description="Folder into which scheduled reports are written; empty: `reports/scheduled` in the data folder.",
    )
    report_jobs_keep_days: int = Field(
        7, ge=1, le=365, description="Days for which files of finished report jobs and exports are kept."
    )

    @field_validator("time_zone")
    @classmethod
    def _zone_exists(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"{value!r} is not an IANA time zone such as Europe/Moscow") from error
        return value

    @field_validator("public_origins", "allowed_origins")
    @classmethod
    def _origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        origins = []
        for origin in value:
            parts = urlsplit(origin)
            if (
                parts.scheme not in {"http", "https"}
                or not parts.hostname
                or parts.path.strip("/")
                or parts.query
            ):
                raise ValueError(f"{origin!r} is not an origin such as https://dispatch.example.ru")
            origins.append(f"{parts.scheme}://{parts.netloc}".lower())
        return tuple(origins)

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for network in value:
            try:
                ipaddress.ip_network(network)
            except ValueError as error:
                raise ValueError(f"{network!r} is not an address or a network such as 10.0.0.0/24") from error
        return value

    @field_validator("refresh_roaming_roles")
    @classmethod
    def _roles(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if unknown := set(value) - {"admin", "dispatcher", "worker"}:
            raise ValueError(f"{', '.join(sorted(unknown))} is no role; roles are admin, dispatcher, worker")
        return value

    @field_validator("database_url")
    @classmethod
    def _database_scheme(cls, value: SecretStr) -> SecretStr:
        scheme = value.get_secret_value().partition("://")[0]
        if value.get_secret_value() and scheme not in {"postgresql", "postgres", "postgresql+asyncpg"}:
            raise ValueError("it must be an address such as postgresql://user:password@host:5432/name")
        return value

    @field_validator("redis_url")
    @classmethod
    def _redis_scheme(cls, value: SecretStr) -> SecretStr:
        scheme = value.get_secret_value().partition("://")[0]
        if value.get_secret_value() and scheme not in {"redis", "rediss", "unix"}:
            raise ValueError("it must be an address such as redis://host:6379/0")
        return value

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.tls_cert is None) != (self.tls_key is None):
            raise ValueError("BRIGADA_TLS_CERT and BRIGADA_TLS_KEY go together: set both or neither")
        if self.router == "osrm" and not self.router_url:
            raise ValueError("BRIGADA_ROUTER=osrm needs the server's address in BRIGADA_ROUTER_URL")
        if self.geocoder != "embedded" and not self.geocoder_url:
            raise ValueError(f"BRIGADA_GEOCODER={self.geocoder} needs the address in BRIGADA_GEOCODER_URL")
        if self.mode is Mode.PRODUCTION:
            self._refuse_unsafe()
        return self

    def _refuse_unsafe(self) -> None:
        key = self.secret_key.get_secret_value()
        make_one = "make one with `python3 -c 'import secrets; print(secrets.token_urlsafe(48))'`"
        if key and (len(key) < SECRET_MIN_CHARS or len(set(key)) < 10 or _PLACEHOLDER.search(key)):
            raise ValueError(f"BRIGADA_SECRET_KEY is too short or easy to guess: {make_one}")
        if not key and self.database_url.get_secret_value():
            raise ValueError(
                "BRIGADA_SECRET_KEY is needed with a database of your own, "
                f"since every host must sign with the same key: {make_one}"
            )
        parts = urlsplit(self.database_url.get_secret_value())
        remote = parts.hostname not in {None, "localhost", "127.0.0.1", "::1"}
        if remote and (parts.password or "").lower() in _WEAK_DATABASE_PASSWORDS:
            raise ValueError(
                "BRIGADA_DATABASE_URL has no password or one easy to guess: give that role a random one"
            )
        if not self.tls and not self.trusted_proxies:
            raise ValueError(
                "BRIGADA_TLS=false sends passwords in the clear: "
                "leave it on, or name the proxy that speaks HTTPS in BRIGADA_TRUSTED_PROXIES"
            )
        for network in self.trusted_proxies:
            if ipaddress.ip_network(network).prefixlen == 0:
                raise ValueError(
                    f"BRIGADA_TRUSTED_PROXIES={network} lets anybody forge one: name the proxy's network"
                )
        for origin in (*self.public_origins, *self.allowed_origins):
            if origin.startswith("http://"):
                raise ValueError(f"{origin} is not encrypted: origins in production begin with https://")

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def embedded_database(self) -> bool:
        return not self.database_url.get_secret_value()

    @property
    def embedded_redis(self) -> bool:
        return not self.redis_url.get_secret_value()

    def signing_key(self) -> bytes:
        """The key that signs access tokens: the configured one, or the one kept in the data folder.

        The kept one is made once, readable by the owner alone; processes that start together agree on it.

        Raises:
            SettingsError: the kept key is damaged.
        """
        configured = self.secret_key.get_secret_value()
        return (configured or kept_secret(self.data_dir / "secret_key", nbytes=48)).encode()


def kept_secret(path: Path, nbytes: int) -> str:
    """Return the random text kept in the file `path`, made at the first call from `nbytes` random bytes.

    Raises:
        SettingsError: the file is empty or too short, so it was damaged.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        # Written aside and linked: another process sees no file or a whole one, and the first one wins.
        draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(nbytes))
            file.flush()
            os.fsync(file.fileno())
        try:
            path.hardlink_to(draft)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    value = path.read_text(encoding="ascii").strip()
    if len(value) < nbytes:
        raise SettingsError(
            f"{path} is damaged: put its copy back, or delete it and let everybody sign in again"
        )
    return value


def load_settings(**overrides: object) -> Settings:
    """Read the settings from the environment and `.env`; `overrides` win.

    Raises:
        SettingsError: a value is missing, malformed or unsafe; the message names its variable.
    """
    try:
        return Settings(**overrides)  # type: ignore[arg-type]  # overrides are validated by the model itself
    except ValidationError as error:
        sentences = []
        for item in error.errors(include_url=False, include_input=False, include_context=False):
            message = item["msg"].removeprefix("Value error, ")
            variable = "BRIGADA_" + "_".join(str(part) for part in item["loc"]).upper() if item["loc"] else ""
            sentences.append(f"{variable}: {message}" if variable else message)
        raise SettingsError("; ".join(sentences)) from None
