"""Who may talk through the web: ids that only the server can make, and exact origins.

Whoever knows a conversation's id can read on in it, so the server makes each id from 144 random
bits and signs it. An id that it did not sign opens nothing.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import re
import secrets
from collections.abc import Collection
from urllib.parse import urlsplit

from backstride.settings import SettingsError

ORIGINS_VARIABLE = "BACKSTRIDE_ORIGINS"
_RANDOM_BYTES = 18
_SIGNED = re.compile(r"(web-[A-Za-z0-9_-]{24})\.([A-Za-z0-9_-]{43})")
_DEFAULT_PORTS = {"http": 80, "https": 443}


def new_id(secret: bytes) -> str:
    """The signed id of a new conversation."""
    conversation = f"web-{secrets.token_urlsafe(_RANDOM_BYTES)}"
    return f"{conversation}.{_signature(secret, conversation)}"


def conversation_of(secret: bytes, signed_id: object) -> str | None:
    """The conversation that a signed id opens, or nothing when we did not sign it."""
    match = _SIGNED.fullmatch(signed_id) if isinstance(signed_id, str) else None
    if match is None or not hmac.compare_digest(match[2], _signature(secret, match[1])):
        return None
    return match[1]


def allowed_origins() -> frozenset[str]:
    """The origins of other sites that may embed the chat.

    Raises:
        SettingsError: one of them is no exact origin.
    """
    listed = re.split(r"[\s,]+", os.environ.get(ORIGINS_VARIABLE, "").strip())
    return frozenset(_origin(item) for item in listed if item)


def is_allowed(origin: str | None, host: str | None, allowed: Collection[str]) -> bool:
    """Whether a page of this origin may talk to us.

    Args:
        origin: the `Origin` header; programs that are no browser send none.
        host: the `Host` header. A page of our own comes from there.
        allowed: the exact origins of other sites.
    """
    if origin is None or origin in allowed:
        return True
    parts = urlsplit(origin)
    # Behind a proxy the scheme is not known here, so the host decides.
    return parts.scheme in _DEFAULT_PORTS and bool(host) and parts.netloc == host


def _origin(text: str) -> str:
    try:
        parts = urlsplit(text.rstrip("/"))
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname or "*" in text:
        exact = False
    else:
        exact = not (parts.path or parts.query or parts.fragment or parts.username)
    if not exact:
        raise SettingsError(
            f"{ORIGINS_VARIABLE}: '{text}' is no exact origin. Write it as the browser sends it,"
            " such as https://www.example.org, without a path or a star; separate several by spaces"
        )
    host = f"[{parts.hostname}]" if ":" in str(parts.hostname) else parts.hostname
    suffix = "" if port in (None, _DEFAULT_PORTS[parts.scheme]) else f":{port}"
    return f"{parts.scheme}://{host}{suffix}"


def _signature(secret: bytes, conversation: str) -> str:
    digest = hmac.new(secret, conversation.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
