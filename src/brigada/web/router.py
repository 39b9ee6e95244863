"""Serves the console and the offline Swagger UI with a strict Content-Security-Policy."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from brigada.web.assets import Asset, Assets

# A file under its version never changes, so a browser may keep it for a year without asking.
_FOREVER = "public, max-age=31536000, immutable"
# A page, the service worker and the version are asked for each time; the ETag makes the answer short.
_ASK = "no-cache"

# No inline script or style and no eval. `data:` pictures: the controls of the map are drawn so.
# `blob:` pictures: MapLibre decodes its pictures from them where `createImageBitmap` is missing.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "connect-src 'self'",
        "worker-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
_PAGE_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    # No address of the console ever reaches another site.
    "Referrer-Policy": "no-referrer",
    # A crew's phone tells where it is; nothing else of the device is used.
    "Permissions-Policy": "geolocation=(self), camera=(), microphone=(), payment=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_ROOT_FILES = ("manifest.webmanifest", "manifest-en.webmanifest", "sw.js")


def console_router(assets: Assets) -> APIRouter:
    """Routes of the console over files that were loaded once; none belongs to the API's description."""
    router = APIRouter(include_in_schema=False)

    @router.get("/")
    @router.get("/console")
    @router.get("/console/{rest:path}")
    async def page(request: Request) -> Response:
        """The one page of the console; the address after `/console` belongs to the page's own code."""
        return _answer(request, assets.pages["index.html"], _ASK)

    @router.get("/docs")
    async def swagger(request: Request) -> Response:
        """Swagger UI from files of this server."""
        return _answer(request, assets.pages["docs.html"], _ASK)

    @router.get("/console-version.json")
    async def version() -> Response:
        """The version of the files served now: a console of another version asks its user to reload."""
        return JSONResponse({"version": assets.version}, headers={"Cache-Control": "no-store"})

    @router.get("/static/{version}/{path:path}")
    async def static(request: Request, version: str, path: str) -> Response:
        """A file of the console; under an outdated version the present file, which is then not kept."""
        asset = assets.files.get(path)
        if asset is None:
            return Response(status_code=404)
        return _answer(request, asset, _FOREVER if version == assets.version else _ASK)

    for name in _ROOT_FILES:
        router.add_api_route(f"/{name}", _root_file(assets.pages[name]), methods=["GET"])
    router.add_api_route("/favicon.ico", _root_file(assets.files["icons/icon-32.png"]), methods=["GET"])
    return router


def _root_file(asset: Asset) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        return _answer(request, asset, _ASK)

    return endpoint


def _answer(request: Request, asset: Asset, cache_control: str) -> Response:
    """The file itself, or 304 when the browser has it already."""
    headers = _PAGE_HEADERS | {
        "Cache-Control": cache_control,
        "ETag": asset.etag,
        "Vary": "Accept-Encoding",
    }
    if asset.etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    body = asset.plain
    if asset.compressed is not None and "gzip" in request.headers.get("accept-encoding", ""):
        body = asset.compressed
        headers["Content-Encoding"] = "gzip"
    return Response(body, media_type=asset.media_type, headers=headers)
