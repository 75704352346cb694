"""`simpul serve registry` and `simpul serve web`: one HTTP service of the hub, as the stack starts it."""

import gc
import sys
from collections.abc import Callable
from typing import Any, Final

import typer

from base import logs
from cli import settings
from cli.loading import loading

GRACE_S = 2  # a live page's connection never ends by itself

# Python's own are 700, 10, 10: at a thousand requests a second all that the application has loaded was walked again and
# again, for a sixth of the process's time (`./simpul bench api`, docs/performance.md).
COLLECT_AFTER: Final = (20_000, 20, 50)

# Python's own is 5 ms: so long a request waits for a thread that computes, each time that it has read or written.
SWITCH_S: Final = 0.0005

app = typer.Typer(no_args_is_help=True)


@app.command("registry", help="Menjalankan registri skema.")
def serve_registry() -> None:
    with loading():
        from registry.api import create_app

    serve("registry", lambda: create_app(settings.registry_server_settings(None)))


@app.command("web", help="Menjalankan halaman web.")
def serve_web() -> None:
    with loading():
        from dashboard.app import create_app

    serve("web", lambda: create_app(settings.dashboard_settings(None)))


def serve(name: str, make: Callable[[], Any]) -> None:
    """Serve an ASGI application until a signal comes."""
    import uvicorn

    from cli.bounded_http import BoundedHttp

    told = settings.load()
    logs.configure(name, told.log_level)
    sys.setswitchinterval(SWITCH_S)
    application = make()
    leave_alone_what_stays()
    uvicorn.run(
        application,
        host=told.host,
        port=settings.port_of(told, name),
        http=BoundedHttp,
        loop="asyncio",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_S,
    )


def leave_alone_what_stays() -> None:
    """Have the collector pass over what was loaded until now, and look for cycles less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)
