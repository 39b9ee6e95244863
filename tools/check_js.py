"""Check the console's JavaScript with TypeScript's native compiler, against the types of the vendored libraries.

The compiler is one binary of 24 MB inside its npm tarball: too large to commit, fetched once under the lock's sum.
Where there is no npm the check says so and is skipped.
"""

from __future__ import annotations

import json
import platform
import shutil
import subprocess
import sys
from pathlib import Path

from tools.npm_packages import ROOT, NpmMissingError, fetch, read_lock

CONSOLE = ROOT / "src" / "brigada" / "web"
WORK = ROOT / "var" / "js-check"
COMPILER = "@typescript/typescript-linux-x64"
TYPED = (
    "lit",
    "lit-element",
    "lit-html",
    "@lit/reactive-element",
    "maplibre-gl",
    "idb",
    "@types/geojson",
    "@types/trusted-types",
    "@maplibre/maplibre-gl-style-spec",
)


def main() -> int:
    """Run the check; 0 when there is nothing to say or nothing to check with."""
    if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        print("check-js: skipped, the locked compiler is for Linux on x86-64")
        return 0
    try:
        packages = {
            name: fetch(package) for name, package in read_lock().items() if name in {COMPILER, *TYPED}
        }
    except NpmMissingError as missing:
        print(f"check-js: skipped, {missing}")
        return 0
    prepare({name: packages[name] for name in TYPED})
    compiler = packages[COMPILER] / "lib" / "tsc"
    done = subprocess.run(
        [str(compiler), "--project", str(WORK / "static"), "--pretty", "false"], check=False
    )
    print("check-js: every type holds" if done.returncode == 0 else "check-js: FAILED")
    return done.returncode


def prepare(packages: dict[str, Path]) -> None:
    """Lay the sources beside a `node_modules` of links: the compiler looks for types upwards from each file."""
    shutil.rmtree(WORK, ignore_errors=True)
    modules = WORK / "node_modules"
    for name, folder in packages.items():
        target = modules / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.symlink_to(folder)
    shutil.copytree(CONSOLE / "static", WORK / "static")
    config = json.loads((CONSOLE / "tsconfig.json").read_text("utf-8"))
    config["compilerOptions"]["preserveSymlinks"] = True
    config["include"] = [pattern.removeprefix("static/") for pattern in config["include"]]
    (WORK / "static" / "tsconfig.json").write_text(json.dumps(config), "utf-8")


if __name__ == "__main__":
    sys.exit(main())
