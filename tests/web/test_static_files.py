"""The console's files: one version for all, kept for a year, under a strict policy."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient

from brigada.web.assets import load_assets
from brigada.web.router import console_router

pytestmark = pytest.mark.anyio

ASSETS = load_assets()


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def client() -> AsyncIterator[AsyncClient]:
    app = FastAPI(openapi_url="/api/openapi.json", docs_url=None, redoc_url=None)
    app.include_router(console_router(ASSETS))
    async with AsyncClient(transport=ASGITransport(app), base_url="https://brigada.test") as client:
        yield client


@pytest.mark.parametrize("path", ["/", "/console", "/console/admin/teams", "/docs"])
async def test_a_page_allows_nothing_inline_no_eval_and_no_other_host(client: AsyncClient, path: str) -> None:
    answer = await client.get(path)
    policy = answer.headers["content-security-policy"]
    assert answer.status_code == 200
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", answer.text)


@pytest.mark.parametrize(
    "path", ["/", "/docs", "/manifest.webmanifest", "/manifest-en.webmanifest", "/sw.js"]
)
async def test_every_file_that_a_page_names_is_served(client: AsyncClient, path: str) -> None:
    named = set(re.findall(r'"(/static/[^"]+)"', (await client.get(path)).text))
    assert named
    assert [name for name in named if (await client.get(name)).status_code != 200] == []


async def test_a_file_under_the_present_version_is_kept_for_a_year(client: AsyncClient) -> None:
    answer = await client.get(f"/static/{ASSETS.version}/vendor/lit.js")
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["content-type"].startswith("text/javascript")


async def test_a_file_under_another_version_is_asked_for_each_time(client: AsyncClient) -> None:
    assert (await client.get("/static/000000000000/vendor/lit.js")).headers["cache-control"] == "no-cache"


async def test_an_unchanged_page_is_answered_without_its_body(client: AsyncClient) -> None:
    etag = (await client.get("/")).headers["etag"]
    again = await client.get("/", headers={"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")


async def test_a_path_outside_the_static_files_is_absent(client: AsyncClient) -> None:
    assert (await client.get(f"/static/{ASSETS.version}/%2e%2e/router.py")).status_code == 404


async def test_the_version_is_told_without_being_kept(client: AsyncClient) -> None:
    answer = await client.get("/console-version.json")
    assert answer.json() == {"version": ASSETS.version}
    assert answer.headers["cache-control"] == "no-store"
