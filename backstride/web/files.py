"""The files that a browser fetches: the built widget, our pages, the guide's pictures.

Each is read once and again when it changed, and kept compressed with its ETag.
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from backstride.paths import GUIDE, ROOT

BUILT = ROOT / "web" / "dist"  # by `make widget`
PAGES = ROOT / "web" / "page"
PICTURES = GUIDE / "pictures"

# By ending; a file of another kind is not served.
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".webp": "image/webp",
}
_COMPRESSED = frozenset({".html", ".css", ".js", ".svg"})
_DAY = 86400
# The address of the widget stays the same when it is updated, so browsers ask again soon.
_CACHING = {
    ".html": "no-cache",
    ".js": f"public, max-age=300, stale-while-revalidate={_DAY}",
    ".css": "no-cache",
}
_PICTURE_CACHING = f"public, max-age={_DAY}, stale-while-revalidate={7 * _DAY}"
_POLICY = {
    # Nothing but our own script, styles, pictures and server. Bot text never becomes markup:
    # the browser itself refuses it, but for the templates of the widget's library.
    ".html": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
        " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none';"
        " require-trusted-types-for 'script'; trusted-types lit-html"
    ),
    ".svg": "default-src 'none'; sandbox",
}
_SECURITY = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
_PAGE_SECURITY = {
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
# What any site may load: the script and the pictures hold nothing about anybody.
_FOR_ANY_SITE = {
    "Access-Control-Allow-Origin": "*",
    "Cross-Origin-Resource-Policy": "cross-origin",
}


@dataclass(frozen=True)
class Answer:
    """What is sent for a file."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass(frozen=True)
class _File:
    body: bytes
    compressed: bytes | None
    etag: str


def file_answer(path: Path, if_none_match: str = "", accept_encoding: str = "") -> Answer:
    """The answer to a request for this file, or 404.

    Args:
        path: the file, within one of this module's folders.
        if_none_match: the request's header: which version the browser has.
        accept_encoding: the request's header.
    """
    ending = path.suffix
    if ending not in _TYPES or not path.is_file():
        return Answer(404, dict(_SECURITY))
    file = _read(path, path.stat().st_mtime_ns)
    zipped = file.compressed is not None and "gzip" in accept_encoding
    etag = f'"{file.etag}-gz"' if zipped else f'"{file.etag}"'
    headers = {
        **_SECURITY,
        **(_PAGE_SECURITY if ending == ".html" else _FOR_ANY_SITE),
        "Content-Type": _TYPES[ending],
        "Cache-Control": _CACHING.get(ending, _PICTURE_CACHING),
        "ETag": etag,
    }
    if ending in _POLICY:
        headers["Content-Security-Policy"] = _POLICY[ending]
    if file.compressed is not None:
        headers["Vary"] = "Accept-Encoding"
    if etag in [tag.strip().removeprefix("W/") for tag in if_none_match.split(",")]:
        return Answer(304, headers)
    if zipped:
        headers["Content-Encoding"] = "gzip"
    return Answer(200, headers, file.compressed if zipped and file.compressed else file.body)


def picture_path(name: str) -> Path:
    """Where a picture is; its name holds no folder."""
    return PICTURES / Path(name).name


def page_path(name: str) -> Path:
    """Where a page or a part of it is; its name holds no folder."""
    return PAGES / Path(name).name


@lru_cache(maxsize=100)
def _read(path: Path, changed: int) -> _File:
    body = path.read_bytes()
    compressed = gzip.compress(body, mtime=0) if path.suffix in _COMPRESSED else None
    return _File(body, compressed, hashlib.sha256(body).hexdigest()[:20])
