"""What every page works with, put together once when the application is made."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated

from fastapi import Depends, Request

from dashboard.database import Pool
from dashboard.entities import ApprovedEntities, Entities
from dashboard.pages import Pages
from dashboard.rest.parts import Rest
from dashboard.sampler import Sampler
from dashboard.settings import Settings
from dashboard.strangers import Strangers
from dashboard.stream import Broadcast
from dashboard.turns import Turns
from hub_db.layouts import KnownEntities


@dataclass(frozen=True, slots=True)
class Site:
    """The parts of the running application."""

    settings: Settings
    pool: Pool  # sessions that only read
    writers: Pool
    pages: Pages
    sampler: Sampler
    broadcast: Broadcast
    sign_ins: Turns
    approved: ApprovedEntities
    known: KnownEntities  # the same as the hub folds them, with their sources
    rest: Rest  # for programs
    strangers: Strangers  # who have not signed in

    @property
    def entities(self) -> Entities:
        """The entities as the hub has them now, by name. Raises SourceAway."""
        return self.approved.now()

    def today(self, now: datetime) -> date:
        """The day here."""
        return now.astimezone(self.settings.instance.zone).date()


def site_of(request: Request) -> Site:
    site: Site = request.app.state.site
    return site


async def _site(request: Request) -> Site:
    return site_of(request)


CurrentSite = Annotated[Site, Depends(_site)]
