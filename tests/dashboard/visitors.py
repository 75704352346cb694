"""Several people at once in one browser, each signed in and with a page of their own."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

from playwright.sync_api import Browser, Page

from identity.permissions import Role
from tests.dashboard.conftest import Site
from tests.dashboard.people import OWN, People

NOBODY = "nobody"


@contextmanager
def visiting(
    browser: Browser, site: Site, people: People, roles: Iterable[str], look: Mapping[str, Any]
) -> Iterator[dict[str, Page]]:
    """A page for each role, by its name; NOBODY is not signed in, and the admin is of an agency."""
    with ExitStack() as open_ones:
        pages: dict[str, Page] = {}
        for who in dict.fromkeys(roles):
            token = "" if who == NOBODY else people.sign_in(Role(who), OWN if who == Role.OPD_ADMIN else "kominfo")
            context = browser.new_context(**look)
            open_ones.callback(context.close)
            cookies = site.with_session(token).cookie.items()
            context.add_cookies([{"name": name, "value": value, "url": site.url} for name, value in cookies])
            pages[who] = context.new_page()
        yield pages
