"""The session behind a request's cookie."""

from datetime import UTC, datetime

from dashboard.database import snapshot, writing
from dashboard.errors import SourceAway
from dashboard.site import Site
from dashboard.visit import Visit
from identity.permissions import Permission
from identity.sessions import TOUCHED_EVERY, csrf_token, csrf_valid, look, principal_of
from jobs.notices_views import counts

__all__ = ["csrf_token", "csrf_valid", "find", "still_allowed"]


def find(site: Site, token: str | None, path: str, now: datetime) -> Visit | None:
    """The visit of whoever brings the token; None without a living session. Raises SourceAway.

    Looking is read-only. That the session was used is written in a transaction of its own, once a minute at most.
    """
    if token is None:
        return None
    zone = site.settings.instance.zone
    with snapshot(site.pool) as conn:
        signed = look(conn, token, now=now, zone=zone)
        if signed is None:
            return None
        notices = None
        if signed.principal.may(Permission.VIEW_NOTICES):
            notices = counts(conn, signed.principal.scope(Permission.VIEW_NOTICES)).untaken
    if now - signed.session.seen_at >= TOUCHED_EVERY:
        with writing(site.writers) as conn:
            principal_of(conn, token, now=now, zone=zone)
    return Visit(
        now,
        path,
        csrf=csrf_token(token),
        person=signed.principal,
        session=signed.session,
        waiting=signed.waiting,
        token=token,
        notices=notices,
    )


def still_allowed(site: Site, token: str, permission: Permission) -> bool:
    """Whether the session lives and may still see this; an absent database ends nothing."""
    try:
        with snapshot(site.pool) as conn:
            signed = look(conn, token, now=datetime.now(UTC), zone=site.settings.instance.zone)
    except SourceAway:
        return True
    return signed is not None and signed.principal.scope(permission).everywhere
