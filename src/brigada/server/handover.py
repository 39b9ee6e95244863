"""Settings handed from the supervisor to an API process, as one line on its standard input.

Not through its environment: that stays readable, and would have to be known when the process starts.
"""

import json
from enum import Enum
from pathlib import Path

from pydantic import SecretStr

from brigada.settings import Settings, load_settings


def as_line(settings: Settings) -> bytes:
    """Every setting, secrets included."""
    return (
        json.dumps({name: _plain(getattr(settings, name)) for name in Settings.model_fields}).encode() + b"\n"
    )


def from_line(line: bytes) -> Settings:
    """The settings that `as_line` wrote; neither the environment nor `.env` is read.

    Raises:
        SettingsError: they are not valid.
    """
    # Every field is given, and what is given wins over the environment.
    return load_settings(_env_file=None, **json.loads(line))


def _plain(value: object) -> object:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Path):
        return str(value.resolve())
    if isinstance(value, tuple):
        return list(value)
    return value
