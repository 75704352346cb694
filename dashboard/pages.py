"""Turning what is known into HTML. The live stream renders the same partials as the page."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from types import CodeType
from typing import Any

from jinja2 import BytecodeCache, Environment, FileSystemLoader, StrictUndefined
from jinja2.bccache import Bucket
from starlette.responses import HTMLResponse

from base import indonesian
from base.instance import Instance
from base.titles import in_sentence
from dashboard import wording
from dashboard.navigation import menu
from dashboard.picture import draw
from dashboard.sampler import Sample
from dashboard.sparkline import spark
from dashboard.visit import Visit
from identity.permissions import Permission

FOLDER = Path(__file__).parent
ANNOUNCE_S = 10.0  # a screen reader hears at most one sentence in this time

# The parts of the page of the exchange that live figures replace: id of the element, its partial.
REGIONS = {
    "keadaan": "_state.html",
    "angka": "_figures.html",
    "gambar": "_flow.html",
    "dokumen": "_documents.html",
    "surat": "_dead_letters.html",
}


class Compiled(BytecodeCache):
    """What became of the templates in this process, for every application that is made in it.

    The hub's process makes one; one of the tests makes hundreds, and compiled each template for each of them. No filter
    that the instance decides stands on a constant, which would be reckoned while it is compiled.
    """

    def __init__(self) -> None:
        self._codes: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        if bucket.code is not None:
            self._codes[bucket.key, bucket.checksum] = bucket.code


COMPILED = Compiled()


class Pages:
    """The templates, in the words and the time zone of the instance."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._environment = Environment(
            loader=FileSystemLoader(FOLDER / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
            bytecode_cache=COMPILED,
        )
        self._environment.filters |= self._filters()
        self._environment.tests["contains"] = lambda seq, value: value in seq
        self._environment.globals |= {"instance": instance, "faults": wording.FAULTS, "menu": menu}
        self._announced: tuple[datetime, str] | None = None

    def render(self, template: str, **values: Any) -> str:
        """A partial, which knows nothing of who asks."""
        return self._environment.get_template(template).render(values)

    def page(self, template: str, visit: Visit, *, status: int = 200, **values: Any) -> HTMLResponse:
        """A whole page for whoever asks."""
        return HTMLResponse(self.render(template, visit=visit, **values), status_code=status)

    def exchange(self, sample: Sample, visit: Visit, *, live: bool) -> HTMLResponse:
        """The page of the exchange. `sample.whole` must be there. `live`: this person may have the stream too."""
        return self.page("exchange.html", visit, **self.exchange_values(sample), announcement="", live=live)

    def start(self, visit: Visit, sample: Sample | None, **values: Any) -> HTMLResponse:
        """The start page, with as much of the exchange as this person may see."""
        seen = self.exchange_values(sample) if sample else {"whole": None}
        scope = visit.principal.scope(Permission.VIEW_EXCHANGE)
        opening = wording.opening(len(values["tasks"]), len(values["troubles"]))
        live = bool(scope.everywhere and sample and sample.whole and sample.whole.standings)
        return self.page("start.html", visit, **seen, **values, opening=opening, live=live, may_see=not scope.is_empty)

    def fault(
        self,
        visit: Visit,
        title: str,
        text: str,
        *,
        status: int,
        act: str,
        way: str = "",
        look: str = "bad",
        again_s: int = 0,
    ) -> HTMLResponse:
        """A page that says what happened and what to do. `way` "" is the same address again."""
        return self.page(
            "fault.html", visit, status=status, title=title, text=text, act=act, way=way, look=look, again_s=again_s
        )

    def regions(self, sample: Sample) -> dict[str, str]:
        """The live parts of the page of the exchange; only the state while there is no picture yet."""
        if sample.whole is None:
            return {}
        values = self.exchange_values(sample)
        if not sample.whole.standings:
            return {"keadaan": self.render(REGIONS["keadaan"], **values)}
        parts = {name: self.render(template, **values) for name, template in REGIONS.items()}
        return parts | {"siaran": self._announcement(sample)}

    def exchange_values(self, sample: Sample) -> dict[str, Any]:
        whole = sample.whole
        if whole is None:
            raise ValueError("no picture of the exchange yet")
        return {
            "whole": whole,
            "away_since": sample.away_since,
            "sentence": wording.sentence(whole),
            "picture": draw(whole),
            "speeds": spark(whole.speeds),
            "lags": spark(whole.lags),
        }

    def _announcement(self, sample: Sample) -> str:
        """The state for a screen reader, the same text until ANNOUNCE_S have passed."""
        before = self._announced
        if before is not None and (sample.at - before[0]).total_seconds() < ANNOUNCE_S:
            return before[1]
        text = self.render("_announcement.html", **self.exchange_values(sample))
        if before is None or before[1] != text:
            self._announced = (sample.at, text)
        return text

    def _filters(self) -> dict[str, Callable[..., object]]:
        zone = self._instance.zone

        def clock(at: datetime) -> str:
            return f"{at.astimezone(zone):%H.%M.%S} {self._instance.zona_waktu_singkat}"

        return {
            "in_sentence": in_sentence,
            "number": indonesian.number,
            "duration": indonesian.duration,
            "moment": lambda at: indonesian.moment(at, zone),
            "short_moment": lambda at: indonesian.short_moment(at, zone),
            "day": lambda on: indonesian.day(on.astimezone(zone) if isinstance(on, datetime) else on),
            "weekday": indonesian.weekday,
            "clock": clock,
            "badge": wording.badge,
            "pace": wording.pace,
            "events_pace": wording.events_pace,
            "waited": wording.waited,
            "share": wording.share,
            "brief": wording.brief,
        }
