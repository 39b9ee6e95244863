"""`.env.example` is the list of all settings, and a copy of it is a valid `.env`."""

import importlib.util
import re
from pathlib import Path

from brigada.settings import Settings, load_settings


def test_the_example_lists_every_setting_with_its_default(repository: Path) -> None:
    text = (repository / ".env.example").read_text(encoding="utf-8")
    assert set(re.findall(r"^#?BRIGADA_(\w+)=", text, re.MULTILINE)) == {
        name.upper() for name in Settings.model_fields
    }
    spec = importlib.util.spec_from_file_location("env_example", repository / "tools" / "env_example.py")
    assert spec is not None
    assert spec.loader is not None
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    assert text == tool.render(), "run `python tools/env_example.py`"


def test_the_example_with_every_line_taken_gives_the_defaults(repository: Path, tmp_path: Path) -> None:
    text = (repository / ".env.example").read_text(encoding="utf-8")
    (tmp_path / ".env").write_text(
        re.sub(r"^#BRIGADA_", "BRIGADA_", text, flags=re.MULTILINE), encoding="utf-8"
    )
    assert load_settings(_env_file=tmp_path / ".env") == Settings(_env_file=None)


def test_every_setting_stands_in_a_section(repository: Path) -> None:
    text = (repository / ".env.example").read_text(encoding="utf-8")
    assert len(re.findall(r"^# =+ [\w ]+ =+$", text, re.MULTILINE)) >= 6
    assert text.index("# ======== service") < text.index("BRIGADA_")
