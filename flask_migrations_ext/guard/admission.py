"""Who may see the page, and press its buttons: whoever sits at this machine.

What another site could do in a browser here is kept out by the name of the host, as
DNS can be made to point to us; by the origin of a form; and by a token that stands
both in the form and in a cookie that other sites cannot send.
"""

from __future__ import annotations

import hmac
import ipaddress
import secrets
from typing import Any
from urllib.parse import quote
from urllib.parse import urlsplit

from werkzeug.wrappers import Request

TOKEN = "fme_token"
SKIPPED = "fme_skipped"

# A proxy speaks for somebody who may be anywhere.
_FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP")


def is_local(environ: dict[str, Any]) -> bool:
    """Return whether a request comes from this machine, and for it."""
    if any(name in environ for name in _FORWARDED):
        return False

    host = urlsplit(f"//{environ.get('HTTP_HOST', '')}").hostname or ""
    is_named = host == "localhost" or host.endswith(".localhost")
    return _is_loopback(environ.get("REMOTE_ADDR", "")) and (
        is_named or _is_loopback(host)
    )


def _is_loopback(address: str) -> bool:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False

    mapped = getattr(found, "ipv4_mapped", None)
    return (mapped or found).is_loopback


def is_navigation(environ: dict[str, Any]) -> bool:
    """Return whether a person asks for a page; what scripts ask for is let through."""
    return (
        environ.get("REQUEST_METHOD") == "GET"
        and "text/html" in environ.get("HTTP_ACCEPT", "")
        and environ.get("HTTP_SEC_FETCH_DEST", "document") == "document"
    )


def is_ours(request: Request) -> bool:
    """Return whether a form was sent from the page, and from nowhere else."""
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc != request.host:
        return False
    if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        return False

    token = request.cookies.get(TOKEN, "")
    if not token:
        # What is read of a request is gone, and it may be the app's.
        return False

    sent = request.form.get("token", "")
    return hmac.compare_digest(token.encode(), sent.encode())


def token_of(environ: dict[str, Any]) -> str:
    """Return the token that a browser has, or a new one."""
    return Request(environ).cookies.get(TOKEN) or secrets.token_urlsafe(24)


def place_of(environ: dict[str, Any]) -> str:
    """Return the path that was asked for, with its query."""
    path = environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")
    query = environ.get("QUERY_STRING", "")
    written = quote(path.encode("latin-1", "replace"), safe="/:@!$&'()*+,;=~-._")
    return f"{written}?{query}" if query else written


def safe_place(place: str) -> str:
    """Return a path of this site to go on to; its root for anything else."""
    is_path = place.startswith("/") and not place.startswith("//")
    is_plain = "\\" not in place and place.isprintable()
    return place if is_path and is_plain else "/"
