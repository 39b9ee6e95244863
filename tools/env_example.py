"""Write `.env.example` from the settings: `python tools/env_example.py`. A test compares the two."""

import re
import textwrap
from pathlib import Path

from pydantic import SecretStr
from pydantic_core import PydanticUndefined

from brigada.settings import Settings

ROOT = Path(__file__).resolve().parents[1]

HEAD = """\
# Every setting of Brigada, with its unit and default. Copy this file to .env and change what you need;
# variables of the environment win over it. A line that is commented out shows the default.
"""

TAIL = """
# ======== compose.yaml only ========

# Password of PostgreSQL in its container, without / @ : ? and #; needed.
#DATABASE_PASSWORD=

# Address at which the proxy serves; empty: https://localhost at BRIGADA_PORT. A public name gets a certificate by
# itself; set BRIGADA_PORT=443 and BRIGADA_PUBLIC_ORIGINS to the same address with it.
#SITE_ADDRESS=
"""


def sections() -> dict[str, str]:
    """The section that each setting stands in, by the comments in the source."""
    source = (ROOT / "src" / "brigada" / "settings.py").read_text(encoding="utf-8")
    section, found = "", {}
    for line in source.splitlines():
        if heading := re.fullmatch(r"    # ---- (.+) ----", line):
            section = heading[1]
        elif (field := re.match(r"    (\w+): .*", line)) and field[1] in Settings.model_fields:
            found[field[1]] = section
    return found


def default_text(value: object) -> str:
    if value is None or value is PydanticUndefined:
        return ""
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    if isinstance(value, bool):
        return str(value).lower()
    return str(value)


def render() -> str:
    parts, last = [HEAD], None
    where = sections()
    for name, field in Settings.model_fields.items():
        if where[name] != last:
            last = where[name]
            parts.append(f"\n# ======== {last} ========\n")
        description = "\n".join(
            textwrap.wrap(field.description or "", 110, initial_indent="# ", subsequent_indent="# ")
        )
        parts.append(f"\n{description}\n#BRIGADA_{name.upper()}={default_text(field.default)}\n")
    parts.append(TAIL)
    return "".join(parts)


if __name__ == "__main__":
    (ROOT / ".env.example").write_text(render(), encoding="utf-8")
