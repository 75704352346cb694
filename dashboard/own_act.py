"""After an act upon a case: a short wait until the boards show it, as the next page may be a list of theirs."""

from datetime import UTC, datetime, timedelta

from dashboard.database import lending
from dashboard.errors import SourceAway, WriteFailed
from dashboard.site import Site
from sop import boards
from sop.case import Case
from sop.lag import behind_since

LATER = "-menyusul"  # of the words of `news`: it is done, and the boards follow


def word_of(site: Site, case: Case, done: str) -> str:
    """The word of the news: `done`, or that the boards follow later."""
    return done if is_on_boards(site, case.number, case.version) else f"{done}{LATER}"


def is_on_boards(site: Site, number: str, version: int) -> bool:
    """Whether the boards have the case at this version, within the settings' wait; no wait where they stand still."""
    wait_s = site.settings.board_wait_s
    try:
        with lending(site.writers) as conn:
            since = behind_since(conn)
            stands_still = since is not None and datetime.now(UTC) - since > timedelta(seconds=wait_s)
            return boards.wait_for(conn, number, version, 0.0 if stands_still else wait_s)
    except (SourceAway, WriteFailed):  # what was decided is decided
        return False
