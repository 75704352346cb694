"""By which ways and when one person is told of one step of a notice. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from base.calendar import IsWorkingDay
from jobs.notices import Act, Severity
from jobs.notices_offices import MailWish, Quiet, Recipient
from jobs.notices_settings import NoticeSettings


class Channel(StrEnum):
    """Where a message goes."""

    APP = "app"
    MAIL = "email"
    WEBHOOK = "webhook"


class Mode(StrEnum):
    """How it goes there."""

    SINGLE = "single"
    MEMBER = "member"  # a line of a digest that is yet to be made
    DIGEST = "digest"


@dataclass(frozen=True, slots=True)
class Way:
    """One message to one person."""

    channel: Channel
    mode: Mode
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Occasion:
    """A step of a notice, as far as it decides who is told how."""

    act: Act
    severity: Severity
    urgent: bool
    silent: bool  # somebody wants to hear no more of it for now
    flapping: bool  # the cause had ended only a moment ago


def ways(person: Recipient, occasion: Occasion, settings: NoticeSettings, now: datetime) -> list[Way]:
    """In the application always; by mail as the person wishes, after quiet hours, in the digest what can wait.

    What is urgent goes out at once: neither quiet hours nor the person's wish hold it back, only a silence does.
    """
    found = [Way(Channel.APP, Mode.SINGLE, now)]
    if settings.smtp is None or not person.email or occasion.silent:
        return found
    wish = person.preference.mail
    if occasion.urgent and not occasion.flapping:
        return [*found, Way(Channel.MAIL, Mode.SINGLE, now)]
    if wish is MailWish.NONE and not occasion.urgent:
        return found
    if occasion.flapping or occasion.severity is Severity.INFO or wish is not MailWish.EACH:
        return [*found, Way(Channel.MAIL, Mode.MEMBER, now)]
    quiet = person.preference.quiet or Quiet(settings.quiet_from, settings.quiet_until)
    return [*found, Way(Channel.MAIL, Mode.SINGLE, after_quiet(now, quiet, settings.zone))]


def after_quiet(at: datetime, quiet: Quiet, zone: ZoneInfo) -> datetime:
    """The moment itself, or the end of the quiet hours that it lies in; hours that end as they begin are none."""
    if quiet.begins == quiet.ends:
        return at
    local = at.astimezone(zone)
    clock = local.time().replace(tzinfo=None)
    if quiet.begins < quiet.ends:
        inside, end_day = quiet.begins <= clock < quiet.ends, local.date()
    else:
        inside = clock >= quiet.begins or clock < quiet.ends
        end_day = local.date() + timedelta(days=1 if clock >= quiet.begins else 0)
    return datetime.combine(end_day, quiet.ends, tzinfo=zone).astimezone(at.tzinfo) if inside else at


def escalates_at(severity: Severity, now: datetime, settings: NoticeSettings, *, urgent: bool) -> datetime | None:
    """When the office above is told, if nobody has taken the notice until then; None for what is only information.

    The time counts from when the office could hear of it: not in the night, unless it is urgent.
    """
    if severity is Severity.INFO:
        return None
    disturbed = severity is Severity.DISTURBANCE
    hours = settings.escalate_disturbance_h if disturbed else settings.escalate_attention_h
    heard = now if urgent else after_quiet(now, Quiet(settings.quiet_from, settings.quiet_until), settings.zone)
    return heard + timedelta(hours=hours)


def is_time_for_digest(hour: int | None, now: datetime, settings: NoticeSettings, worked: IsWorkingDay) -> bool:
    """From the person's hour on, on working days."""
    local = now.astimezone(settings.zone)
    return local.hour >= (settings.digest_hour if hour is None else hour) and worked(local.date())
