"""Who asks for a page, in which session, and when."""

from dataclasses import dataclass
from datetime import datetime

from identity.permissions import ROLE_TITLES
from identity.principals import Appointment, Principal
from identity.sessions import Session


@dataclass(frozen=True, slots=True)
class Visit:
    """One request. Without a person nobody is signed in: a public page, or the page of a fault."""

    now: datetime
    path: str = ""
    csrf: str = ""  # what a form of this page must bring back
    person: Principal | None = None
    session: Session | None = None
    waiting: tuple[Appointment, ...] = ()  # roles that count only after a second factor
    news: str = ""  # the result of what this person just did
    token: str = ""  # of the session; for ending it and for finding it among others
    notices: int | None = None  # of this person's offices, that nobody has in hand; None: not for this person

    @property
    def principal(self) -> Principal:
        """Who asks, on a page that is not public."""
        if self.person is None:
            raise ValueError("nobody is signed in")
        return self.person

    @property
    def own_session(self) -> Session:
        """The session, on a page that is not public."""
        if self.session is None:
            raise ValueError("nobody is signed in")
        return self.session

    @property
    def office(self) -> str:
        """ "Operator, kominfo": the offices held now, for people."""
        return "; ".join(map(office, self.person.roles)) if self.person else ""


def office(appointment: Appointment) -> str:
    """ "Plh. Kepala Dinas, kominfo"."""
    acting = f"{appointment.acting} " if appointment.acting else ""
    return f"{acting}{ROLE_TITLES[appointment.role]}, {appointment.opd}"
