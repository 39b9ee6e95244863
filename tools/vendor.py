"""Build the console's third-party files from npm tarballs; only a maintainer who updates a library needs npm.

    python -m tools.vendor lock    # fetch the versions below and write their sums to tools/vendor.lock.json
    python -m tools.vendor build   # rebuild src/brigada/web/static/vendor and tests/browser/vendor
    python -m tools.vendor check   # rebuild elsewhere and compare with what is committed, byte by byte

Every library's licence is kept beside it in `licences/`, and `vendor.json` names what stands there.
"""

from __future__ import annotations

import filecmp
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tools.npm_packages import ROOT, NpmMissingError, Package, fetch, read_lock, write_lock

VERSIONS = {
    "lit": "3.3.3",
    "lit-element": "4.2.2",
    "lit-html": "3.3.3",
    "@lit/reactive-element": "2.1.2",
    "maplibre-gl": "6.17.0",
    "idb": "8.0.4",
    "swagger-ui-dist": "5.35.0",
    "@fontsource/pt-sans": "5.3.0",
    "@expo-google-fonts/pt-sans": "0.4.1",
    "axe-core": "4.14.1",
    "@esbuild/linux-x64": "0.28.2",
    "@typescript/typescript-linux-x64": "7.0.2",
    "@types/geojson": "7946.0.16",
    "@types/trusted-types": "2.0.7",
    "@maplibre/maplibre-gl-style-spec": "26.6.0",
}

SHIPPED = ROOT / "src" / "brigada" / "web" / "static" / "vendor"
FOR_TESTS = ROOT / "tests" / "browser" / "vendor"

# Lit and the directives that the console uses, as one module.
LIT_ENTRY = """\
export { LitElement, html, svg, nothing, render } from "lit";
export { repeat } from "lit/directives/repeat.js";
export { classMap } from "lit/directives/class-map.js";
export { ifDefined } from "lit/directives/if-defined.js";
export { live } from "lit/directives/live.js";
export { ref, createRef } from "lit/directives/ref.js";
export { keyed } from "lit/directives/keyed.js";
export { unsafeHTML } from "lit/directives/unsafe-html.js";
"""

# The compiler reads these instead of the bundles; the real types come with the packages (tools/check_js.py).
LIT_TYPES = LIT_ENTRY
FONT_SUBSETS = ("latin", "cyrillic")
FONT_CSS = """\
@font-face {{
  font-family: "PT Sans";
  font-style: normal;
  font-weight: {weight};
  font-display: swap;
  src: url("fonts/pt-sans-{subset}-{weight}-normal.woff2") format("woff2");
  unicode-range: {unicode_range};
}}
"""


def main() -> int:
    """Run one of `lock`, `build`, `check`; 0 when all is well."""
    command = sys.argv[1] if len(sys.argv) == 2 else ""
    try:
        if command == "lock":
            write_lock(VERSIONS)
        elif command == "build":
            build(SHIPPED, FOR_TESTS)
        elif command == "check":
            return check()
        else:
            print(__doc__)
            return 2
    except NpmMissingError as missing:
        print(f"vendor: skipped, {missing}")
    return 0


def build(shipped: Path, for_tests: Path) -> None:
    """Write both folders anew; nothing of an earlier build remains."""
    packages = {name: (package, fetch(package)) for name, package in read_lock().items()}
    for folder in (shipped, for_tests):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    bundle_lit(shipped, {name: folder for name, (_, folder) in packages.items()})
    copy(packages["idb"][1] / "build/index.js", shipped / "idb.js")
    (shipped / "idb.d.ts").write_text('export * from "idb";\n', "utf-8")
    for name in ("maplibre-gl.mjs", "maplibre-gl-worker.mjs", "maplibre-gl.css"):
        copy(packages["maplibre-gl"][1] / "dist" / name, shipped / name)
    (shipped / "maplibre-gl.d.mts").write_text('export * from "maplibre-gl";\n', "utf-8")
    for name in ("swagger-ui.css", "swagger-ui-bundle.js"):
        copy(packages["swagger-ui-dist"][1] / name, shipped / name)
    copy_fonts(packages["@fontsource/pt-sans"][1], packages["@expo-google-fonts/pt-sans"][1], shipped)
    copy(packages["axe-core"][1] / "axe.min.js", for_tests / "axe.min.js")
    copy(packages["axe-core"][1] / "LICENSE", for_tests / "axe-core.LICENSE.txt")
    keep_licences(packages, shipped)


def bundle_lit(shipped: Path, folders: dict[str, Path]) -> None:
    """Bundle Lit with esbuild's own binary, in production conditions and without a source map."""
    with tempfile.TemporaryDirectory() as work:
        modules = Path(work) / "node_modules"
        for name in ("lit", "lit-element", "lit-html", "@lit/reactive-element"):
            target = modules / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.symlink_to(folders[name])
        entry = Path(work) / "lit.js"
        entry.write_text(LIT_ENTRY, "utf-8")
        subprocess.run(
            [
                str(folders["@esbuild/linux-x64"] / "bin/esbuild"),
                entry.name,
                "--bundle",
                "--format=esm",
                "--minify",
                "--target=es2022",
                "--legal-comments=inline",
                "--preserve-symlinks",
                f"--outfile={shipped / 'lit.js'}",
                "--log-level=error",
            ],
            cwd=work,
            check=True,
            env={"PATH": os.environ.get("PATH", "")},
        )
    (shipped / "lit.d.ts").write_text(LIT_TYPES, "utf-8")


def copy_fonts(web: Path, desktop: Path, shipped: Path) -> None:
    """PT Sans: woff2 subsets for pages, whole TTF files for charts and PDF documents."""
    fonts = shipped / "fonts"
    fonts.mkdir()
    ranges = json.loads((web / "unicode.json").read_text("utf-8"))
    css = []
    for weight in (400, 700):
        for subset in FONT_SUBSETS:
            copy(web / "files" / f"pt-sans-{subset}-{weight}-normal.woff2", fonts)
            css.append(FONT_CSS.format(weight=weight, subset=subset, unicode_range=ranges[subset]))
    (shipped / "fonts.css").write_text("\n".join(css), "utf-8")
    copy(desktop / "400Regular" / "PTSans_400Regular.ttf", fonts / "PTSans-Regular.ttf")
    copy(desktop / "700Bold" / "PTSans_700Bold.ttf", fonts / "PTSans-Bold.ttf")


def keep_licences(packages: dict[str, tuple[Package, Path]], shipped: Path) -> None:
    """Keep the licence texts of what is shipped, and a list with versions and sums."""
    licences = shipped / "licences"
    licences.mkdir()
    listed = {}
    not_shipped = ("axe-core", "@esbuild/linux-x64", "@maplibre/maplibre-gl-style-spec")
    for name, (package, folder) in sorted(packages.items()):
        if name in not_shipped or name.startswith(("@typescript/", "@types/")):
            continue
        about = json.loads((folder / "package.json").read_text("utf-8"))
        listed[name] = {
            "version": package.version,
            "licence": about["license"],
            "integrity": package.integrity,
        }
        plain = name.removeprefix("@").replace("/", "-")
        for source in sorted(folder.iterdir()):
            if source.name.upper().startswith(("LICENSE", "LICENCE", "NOTICE")):
                copy(source, licences / f"{plain}.{source.name.removesuffix('.txt')}.txt")
    copy(
        packages["swagger-ui-dist"][1] / "swagger-ui-bundle.js.LICENSE.txt",
        licences / "swagger-ui-dist.bundle.txt",
    )
    (shipped / "vendor.json").write_text(json.dumps(listed, indent=2) + "\n", "utf-8")


def copy(source: Path, target: Path) -> None:
    """Copy the bytes alone: modes and times of the tarball do not matter."""
    shutil.copyfile(source, target / source.name if target.is_dir() else target)


def check() -> int:
    """Rebuild into a temporary folder and compare; 1 when a committed file differs."""
    with tempfile.TemporaryDirectory() as work:
        shipped, for_tests = Path(work) / "shipped", Path(work) / "tests"
        build(shipped, for_tests)
        different = [*differences(shipped, SHIPPED), *differences(for_tests, FOR_TESTS)]
    for path in different:
        print(f"vendor: differs from its source: {path}")
    print(f"vendor: {'FAILED' if different else 'every committed file is rebuilt byte by byte'}")
    return 1 if different else 0


def differences(fresh: Path, committed: Path) -> list[str]:
    """Relative paths that are missing, left over, or different in content."""
    names = {path.relative_to(fresh) for path in fresh.rglob("*") if path.is_file()}
    present = {path.relative_to(committed) for path in committed.rglob("*") if path.is_file()}
    both = names & present
    changed = {path for path in both if not filecmp.cmp(fresh / path, committed / path, shallow=False)}
    return sorted(str(path) for path in (names ^ present) | changed)


if __name__ == "__main__":
    raise SystemExit(main())
