"""An import: what it makes, what it refuses, and that a failed one changes nothing."""

import os
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import osmium
import pytest
from osmium.osm import mutable
from typer.testing import CliRunner

from brigada.commands import Steps
from brigada.embedded.process import StartError
from brigada.regions.commands import app
from brigada.regions.errors import BadExtractError, ImportBusyError, RegionError
from brigada.regions.fetch import download, region_name
from brigada.regions.importer import ImportOrder, import_region
from brigada.regions.manifest import read_manifest
from brigada.regions.progress import Stage
from brigada.regions.rules import EmergencyRules, load_rules
from brigada.regions.store import Installed, RegionStore
from brigada.running import _demo_region
from brigada.settings import load_settings

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path, region: Installed) -> RegionStore:
    """A store with a region in use, as a running service has it."""
    store = RegionStore(tmp_path / "data")
    shutil.copytree(region.folder.parent, store.root / "demo", symlinks=True)
    store.use("demo")
    return store


def listing(store: RegionStore) -> set[str]:
    return {str(path.relative_to(store.root)) for path in store.root.rglob("*") if path.is_file()}


def test_an_import_tells_what_it_made_and_what_it_cost(region: Installed) -> None:
    manifest = read_manifest(region.folder)
    assert manifest.title == "Бригадск"
    assert (manifest.time_zone, manifest.time_zone_guessed) == ("Europe/Moscow", False)
    assert manifest.counts["addresses"] > 7_000
    assert manifest.counts["crossings"] > 500
    assert set(manifest.seconds) >= {"read", "places", "base_map", "emergency_roads"}
    assert 50e6 < manifest.peak_memory_bytes < 2e9
    assert manifest.bounds.holds(*manifest.centre)
    assert set(manifest.profiles) == {"emergency", "car"}
    assert "map.pmtiles" in manifest.checksums


def test_progress_is_told_for_each_stage_in_order_and_never_falls(hamlet: Path, tmp_path: Path) -> None:
    told: list[tuple[Stage, float]] = []
    store = RegionStore(tmp_path)
    import_region(store, ImportOrder("demo", hamlet), NOW, lambda stage, done: told.append((stage, done)))
    stages = list(dict.fromkeys(stage for stage, _ in told))
    assert stages == [stage for stage in Stage if stage is not Stage.FETCH]
    for stage in stages:
        shares = [done for s, done in told if s is stage]
        assert shares[-1] == 1.0
        assert all(0 <= share <= 1 for share in shares)


def test_an_update_swaps_in_one_step_and_keeps_the_build_before(store: RegionStore, hamlet: Path) -> None:
    before = store.generation()
    import_region(store, ImportOrder("demo", hamlet), NOW + timedelta(hours=1))
    after = store.generation()
    assert after is not None
    assert before is not None
    assert after[0] == "demo"
    assert after[1] > before[1]
    import_region(store, ImportOrder("demo", hamlet), NOW + timedelta(hours=2))
    builds = [p.name for p in (store.root / "demo").iterdir() if p.is_dir() and not p.is_symlink()]
    assert len(builds) == 2


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "empty"),
        (b"this is no map", "extract"),
        (b"\x00\x00\x00\x0e\x0a\x09OSMHeader" + b"\xff" * 300, "extract"),
    ],
    ids=["empty", "text", "garbage"],
)
def test_what_is_no_extract_is_refused_in_one_sentence(
    store: RegionStore, tmp_path: Path, content: bytes, word: str
) -> None:
    path = tmp_path / "bad.osm.pbf"
    path.write_bytes(content)
    before, files = store.generation(), listing(store)
    with pytest.raises(BadExtractError, match=word) as refused:
        import_region(store, ImportOrder("demo", path), NOW)
    assert str(refused.value).count("\n") == 0
    assert (store.generation(), listing(store)) == (before, files)


def test_a_file_cut_off_in_the_middle_is_refused(store: RegionStore, extract: Path, tmp_path: Path) -> None:
    path = tmp_path / "cut.osm.pbf"
    path.write_bytes(extract.read_bytes()[: extract.stat().st_size * 2 // 3])
    before = store.generation()
    with pytest.raises(BadExtractError, match="damaged"):
        import_region(store, ImportOrder("demo", path), NOW)
    assert store.generation() == before


def test_a_tiny_extract_without_roads_is_refused(store: RegionStore, tmp_path: Path) -> None:
    path = tmp_path / "tiny.osm.pbf"
    with osmium.SimpleWriter(str(path)) as writer:
        writer.add_node(mutable.Node(id=1, version=1, location=(33.9, 58.9), tags={"place": "hamlet"}))
    with pytest.raises(BadExtractError, match="no roads"):
        import_region(store, ImportOrder("tiny", path), NOW)
    assert not (store.root / "tiny").exists()


def test_a_single_road_is_region_enough(tmp_path: Path) -> None:
    path = tmp_path / "road.osm.pbf"
    with osmium.SimpleWriter(str(path)) as writer:
        for number in range(1, 6):
            writer.add_node(mutable.Node(id=number, version=1, location=(33.9 + number / 500, 58.9), tags={}))
        tags = {"highway": "residential", "name": "Дорожная улица"}
        writer.add_way(mutable.Way(id=1, version=1, nodes=[1, 2, 3, 4, 5], tags=tags))
    store = RegionStore(tmp_path / "data")
    installed = import_region(store, ImportOrder("road", path), NOW)
    assert installed.manifest.counts["streets"] == 1
    assert (installed.manifest.time_zone, installed.manifest.time_zone_guessed) == ("Europe/Moscow", True)


@pytest.fixture
def half_way(store: RegionStore, hamlet: Path) -> Iterator["subprocess.Popen[str]"]:
    """A real import in a process of its own, stopped as soon as it has written the addresses."""
    program = (
        "import signal, sys, time\n"
        "from datetime import UTC, datetime\n"
        "from pathlib import Path\n"
        "from brigada.regions.importer import ImportOrder, import_region\n"
        "from brigada.regions.store import RegionStore\n"
        # Whoever is started in the background of a shell inherits that Ctrl-C is ignored.
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "def report(stage, done):\n"
        "    if stage == 'base_map':\n"
        "        print('half-way', flush=True)\n"
        "        time.sleep(60)\n"
        "import_region(RegionStore(Path(sys.argv[1])), ImportOrder('demo', Path(sys.argv[2])),"
        " datetime.now(UTC), report)\n"
    )
    data = store.root.parent
    with subprocess.Popen(
        [sys.executable, "-c", program, str(data), str(hamlet)], stdout=subprocess.PIPE, text=True
    ) as process:
        yield process
        process.kill()


def test_an_import_killed_half_way_leaves_the_old_region_and_the_next_one_cleans_up(
    store: RegionStore, half_way: "subprocess.Popen[str]", hamlet: Path
) -> None:
    before = store.generation()
    assert half_way.stdout is not None
    assert half_way.stdout.readline() == "half-way\n"
    left = list((store.root / "demo").glob(".building-*"))
    assert len(left) == 1
    with pytest.raises(ImportBusyError):
        import_region(store, ImportOrder("demo", hamlet), NOW)
    os.kill(half_way.pid, signal.SIGKILL)
    half_way.wait()
    assert store.generation() == before
    assert store.installed("demo").manifest.title == "Бригадск"  # the hamlet did not get in
    assert left[0].exists()
    installed = import_region(store, ImportOrder("demo", hamlet), NOW + timedelta(days=1))
    assert store.generation() == ("demo", installed.manifest.build)
    assert not list((store.root / "demo").glob(".building-*"))


@pytest.mark.long
def test_an_import_interrupted_by_its_user_cleans_up_by_itself(
    store: RegionStore, half_way: "subprocess.Popen[str]"
) -> None:
    assert half_way.stdout is not None
    assert half_way.stdout.readline() == "half-way\n"
    half_way.send_signal(signal.SIGINT)
    half_way.wait(timeout=20)
    assert not list((store.root / "demo").glob(".building-*"))


def test_the_region_in_use_cannot_be_removed(store: RegionStore, hamlet: Path) -> None:
    with pytest.raises(RegionError, match="in use"):
        store.remove("demo")
    import_region(store, replace(ImportOrder("other", hamlet), activate=False), NOW)
    assert store.names() == ["demo", "other"]
    store.use("other")
    store.remove("demo")
    assert store.names() == ["other"]


@pytest.mark.parametrize("name", ["../evil", "", "Демо", "a/b", "current", ".hidden", "x" * 64])
def test_a_name_that_is_no_folder_is_refused(store: RegionStore, name: str) -> None:
    with pytest.raises(RegionError):
        store.installed(name)


def test_the_service_may_bend_the_rules_of_the_road_in_a_file(tmp_path: Path) -> None:
    path = tmp_path / "rules.toml"
    path.write_text("against_oneway = true\nspeed_factor = 1.3\n", encoding="utf-8")
    assert load_rules(path) == EmergencyRules(against_oneway=True, speed_factor=1.3)
    path.write_text("fly = true\n", encoding="utf-8")
    with pytest.raises(RegionError, match="no rule 'fly'"):
        load_rules(path)
    path.write_text("bus_lanes = 3\n", encoding="utf-8")
    with pytest.raises(RegionError, match="kind"):
        load_rules(path)


def test_a_download_goes_on_where_it_was_cut_off(extract: Path, tmp_path: Path) -> None:
    content = extract.read_bytes()
    asked: list[tuple[str | None, str | None]] = []

    def server(request: httpx.Request) -> httpx.Response:
        asked.append((request.headers.get("range"), request.headers.get("if-range")))
        if "range" in request.headers:
            start = int(request.headers["range"].removeprefix("bytes=").removesuffix("-"))
            return httpx.Response(206, content=content[start:])
        return httpx.Response(200, content=content[:1000], headers={"Content-Length": str(len(content))})

    url = "https://maps.example/city-latest.osm.pbf"
    (tmp_path / "city.osm.part").write_bytes(content[:5000])
    (tmp_path / "city.osm.part.version").write_text('"v1"')
    path = download(url, tmp_path, lambda _stage, _done: None, httpx.MockTransport(server))
    assert asked == [("bytes=5000-", '"v1"')]
    assert path.read_bytes() == content
    assert region_name(url) == "city"


def test_pieces_of_two_versions_of_a_file_are_never_put_together(extract: Path, tmp_path: Path) -> None:
    content = extract.read_bytes()

    def server(request: httpx.Request) -> httpx.Response:
        # A newer file than the one of which the first part was fetched: all of it, as HTTP has it.
        assert request.headers.get("if-range") in {None, '"old"'}
        return httpx.Response(200, content=content, headers={"ETag": '"new"'})

    url = "https://maps.example/city-latest.osm.pbf"
    for version in ('"old"', None):
        (tmp_path / "city.osm.part").write_bytes(b"of another day" * 100)
        if version:
            (tmp_path / "city.osm.part.version").write_text(version)
        path = download(url, tmp_path, lambda _stage, _done: None, httpx.MockTransport(server))
        assert path.read_bytes() == content
        assert sorted(item.name for item in tmp_path.iterdir()) == ["city.osm.pbf"]


@pytest.mark.long
def test_a_full_disk_is_told_in_one_sentence_and_changes_nothing(store: RegionStore, hamlet: Path) -> None:
    before, files = store.generation(), listing(store)
    # No file may grow beyond 20 KB: what a full disk does, without filling one. Compiled modules are files, too, and
    # Python keeps one that was cut off: everybody else would stumble over it.
    done = subprocess.run(
        [sys.executable, "-B", "-m", "brigada", "region", "add", str(hamlet), "--name", "demo"],
        env=os.environ | {"BRIGADA_DATA_DIR": str(store.root.parent), "PYTHONDONTWRITEBYTECODE": "1"},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    assert "failed" in done.stderr
    assert (store.generation(), listing(store)) == (before, files)


def test_regions_are_added_listed_chosen_and_removed_from_the_shell(
    hamlet: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BRIGADA_DATA_DIR", str(tmp_path))

    def region(*args: str) -> tuple[int, str]:
        done = CliRunner().invoke(app, args)
        return done.exit_code, done.output

    assert "No region is installed" in region("list")[1]
    code, told = region("add", str(hamlet), "--time-zone", "Asia/Omsk")
    assert (code, RegionStore(tmp_path).generation() is not None) == (0, True)
    assert "8 addresses" in told
    assert "Asia/Omsk" in told
    assert "peak memory" in told
    assert region("add", str(hamlet), "--name", "other", "--no-use")[0] == 0
    monkeypatch.setenv("COLUMNS", "40")  # however narrow the window, a name is shown whole
    listed = region("list")[1]
    assert "● " in listed
    assert "hamlet" in listed
    assert "other" in listed
    assert region("remove", "hamlet")[0] == 1
    assert region("use", "other")[0] == 0
    assert region("remove", "hamlet")[0] == 0
    assert RegionStore(tmp_path).names() == ["other"]
    code, told = region("add", str(tmp_path / "nowhere.osm.pbf"))
    assert (code, "There is no file" in told) == (1, True)
    assert region("add", str(hamlet), "--time-zone", "Mars/Olympus")[0] == 1


def test_a_damaged_region_is_listed_as_such_and_can_be_removed(
    store: RegionStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BRIGADA_DATA_DIR", str(store.root.parent))
    shutil.copytree(store.root / "demo", store.root / "hurt", symlinks=True)
    _spoil(store, "hurt")
    told = CliRunner().invoke(app, ["list"])
    assert told.exit_code == 0, told.output
    lines = told.output.splitlines()
    assert ["damaged" in line for line in lines if "hurt" in line] == [True]
    assert ["damaged" in line for line in lines if "demo" in line] == [False]
    assert CliRunner().invoke(app, ["use", "hurt"]).exit_code == 1
    assert CliRunner().invoke(app, ["remove", "hurt"]).exit_code == 0
    assert store.names() == ["demo"]


def test_a_demo_makes_its_own_damaged_region_anew_and_names_any_other_that_is_damaged(
    store: RegionStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = load_settings(_env_file=None, mode="demo", data_dir=store.root.parent)
    begun: list[list[str]] = []
    start = subprocess.Popen

    def begin(command: list[str], **more: Any) -> subprocess.Popen[bytes]:
        begun.append(command[1:])
        return start([sys.executable, "-c", ""], **more)

    monkeypatch.setattr("brigada.running.subprocess.Popen", begin)
    with Steps() as steps:
        with _demo_region(settings, steps):
            pass
        assert begun == []
        _spoil(store, "demo")
        with _demo_region(settings, steps):
            pass
        assert begun == [["-m", "brigada", "region", "add", "demo"]]
        (store.root / "demo").rename(store.root / "town")
        (store.root / "current").unlink()
        (store.root / "current").symlink_to("town")
        with pytest.raises(StartError, match="'town' can't be read"), _demo_region(settings, steps):
            pass


def _spoil(store: RegionStore, name: str) -> None:
    for manifest in (store.root / name).glob("*/manifest.json"):
        manifest.write_text("{", encoding="utf-8")


def test_an_address_that_does_not_answer_is_told_in_one_sentence(tmp_path: Path) -> None:
    def server(_: httpx.Request) -> httpx.Response:
        return httpx.Response(404)

    with pytest.raises(RegionError, match="answered 404"):
        download("https://maps.example/x.osm.pbf", tmp_path, lambda _s, _d: None, httpx.MockTransport(server))
