"""The cookies: session, what stands for one before sign-in, and the mark of a known device.

Over https each has the `__Host-` prefix, so that no other host or path can set it. A browser takes such a cookie
over https only, so the demo on plain http uses other names, and its sign-in page says what that means.
"""

import re
import secrets
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

SESSION, BEFORE, DEVICE = "sid", "pra", "alat"
DEVICE_S = 180 * 24 * 3600  # a device is known for half a year
_VALUE = re.compile(r"[A-Za-z0-9_-]{20,128}")


def name(request: Request, cookie: str) -> str:
    return f"__Host-{cookie}" if request.url.scheme == "https" else f"simpul-{cookie}"


def read(request: Request, cookie: str) -> str | None:
    """The cookie's value, unless it is none of ours by its form."""
    value = _cookies(request).get(name(request, cookie))
    return value if value is not None and _VALUE.fullmatch(value) else None


def give(response: Response, request: Request, cookie: str, value: str, *, lasts_s: int | None = None) -> None:
    """`lasts_s` None: until the browser is closed."""
    response.set_cookie(
        name(request, cookie),
        value,
        max_age=lasts_s,
        path="/",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="lax",
    )


def take_back(response: Response, request: Request, cookie: str) -> None:
    response.delete_cookie(
        name(request, cookie), path="/", secure=request.url.scheme == "https", httponly=True, samesite="lax"
    )


def fresh() -> str:
    """A value nobody can guess: 256 bits."""
    return secrets.token_urlsafe(32)


def _cookies(request: Request) -> Mapping[str, str]:
    return request.cookies
