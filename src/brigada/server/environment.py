"""Settings handed from the supervisor to its API processes, through their environment."""

import os
from collections.abc import Mapping
from enum import Enum
from pathlib import Path

from pydantic import SecretStr

from brigada.settings import Settings, load_settings


def as_environment(settings: Settings) -> dict[str, str]:
    """Every setting as its variable. An environment is readable by the same account alone, as `.env` is."""
    return {f"BRIGADA_{name.upper()}": _text(getattr(settings, name)) for name in Settings.model_fields}


def from_environment() -> Settings:
    """The settings that `as_environment` wrote; `.env` is not read again."""
    return load_settings(_env_file=None)


def child_environment(settings: Settings) -> Mapping[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("BRIGADA_")}
    return inherited | as_environment(settings)


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, tuple):
        return ",".join(str(part) for part in value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, Path):
        return str(value.resolve())
    return str(value)
