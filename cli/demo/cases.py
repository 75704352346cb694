"""The demo's requests: three led through the stages by the demo's own persons, by the acts that their pages offer.

Evidence is what the hub reports of the demo's document. Where a stage asks for what a demo has not (a machine of the
agency, say), a signed paper stands in, with its reason, as the procedure allows. Papers are really signed, by an issuer
of the demo's own whose certificate lies where the hub looks for those that it trusts.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from cli.demo.pen import Pen
from cli.demo.plan import RESIDENTS
from cli.hub_access import HubAccess, acting
from cli.settings import Settings

if TYPE_CHECKING:
    from identity.permissions import Role
    from identity.principals import Principal
    from sop.asking import Answers
    from sop.case import Case
    from sop.commands import File, Letter
    from sop.procedure import Slot, Stage

WHY: Final = "Peragaan: bukti ini tidak dihasilkan pada peragaan, berkas bertanda tangan menjadi penggantinya."
NOT_CLEAR: Final = "Peragaan: kolom alamat pada struktur database belum dipetakan."
NOT_SHOWN: Final = "Peragaan: data pada dasbor belum sesuai dengan yang disepakati pada skenario."
LETTER: Final = "000/{number}/2026-PERAGAAN"


def lead(told: Settings) -> list[str]:
    """Lead them; the numbers. Nothing when the demo's folder has requests already."""
    with acting(told) as hub:
        if hub.conn.execute('select exists (select from sop."case")').fetchone() != (False,):
            return []
    pen = Pen.new(told, datetime.now(UTC))
    back_at_3, back_at_11, at_4 = (_Course(told, pen) for _ in range(3))
    back_at_3.to(3)
    back_at_3.send_back(2, NOT_CLEAR)
    back_at_11.to(11)
    back_at_11.send_back(3, NOT_SHOWN)
    at_4.to(4)
    return [each.number for each in (back_at_3, back_at_11, at_4)]


@dataclass
class _Desk:
    """One act's transaction: the persons of the demo, and what decisions need."""

    hub: HubAccess
    people: "Mapping[Role, Principal]"

    def act(self, role: "Role", number: str, key: str, answers: "Answers") -> "Case":
        from dashboard import desk
        from sop.asking import Ask
        from sop.commands import Expected
        from sop.moments import Moment
        from sop.setting import setting_of
        from sop.store import find

        current = find(self.hub.conn, number).current
        seen = None if current is None else Expected(current.stage, current.round, current.state)
        now = datetime.now(UTC)
        decision = desk.act(
            self.hub.conn, self.people[role], number, Ask.of(key), answers, seen=seen,
            command_id=f"peragaan-{now.timestamp()}", now=Moment.of(now, self.hub.zone),
            setting=setting_of(self.hub.conn, self.hub.instance),
        )  # fmt: skip
        return decision.case


@dataclass
class _Course:
    """One request of the agency whose residents the demo sends."""

    told: Settings
    pen: Pen
    number: str = field(init=False)

    def __post_init__(self) -> None:
        from dashboard import desk
        from identity.permissions import Role
        from sop.moments import Moment
        from sop.procedure import book
        from sop.setting import setting_of
        from sop.store import Contact

        with _at_the_desk(self.told) as at:
            admin, hub = at.people[Role.OPD_ADMIN], at.hub
            now = Moment.of(hub.now, hub.zone)
            begun = desk.begin(
                hub.conn, admin, RESIDENTS.partition(".")[0], [RESIDENTS],
                command_id=f"peragaan-{hub.now.timestamp()}", now=now,
                setting=setting_of(hub.conn, hub.instance), instance=hub.instance,
            )  # fmt: skip
            self.number = begun.case.number
            desk.set_contact(hub.conn, admin, self.number, Contact("Contoh Narahubung", "0812 0000 9001"), now=now)
            for slot in book().newest.at(1).input:
                self._hand_in(at, Role.OPD_ADMIN, f"attach:{slot.slot}", slot.slot, slot.title)
            at.act(Role.OPD_ADMIN, self.number, "submit", _answers(letter=self._letter(at)))

    def to(self, stage: int) -> None:
        """Confirm stage after stage until that one is open."""
        while (open_stage := self._stage()).number != stage:
            self._confirm(open_stage)

    def send_back(self, to: int, reason: str) -> None:
        """The open stage's officer returns the request."""
        from identity.permissions import Role

        stage = self._stage()
        with _at_the_desk(self.told) as at:
            answers = _answers(reason=reason, documents=(RESIDENTS,))
            at.act(Role(stage.role), self.number, f"return:{to}", answers)

    def _confirm(self, stage: "Stage") -> None:
        from identity.permissions import Role
        from sop.errors import Forbidden, Rule

        by = Role.OPD_PROGRAMMER if stage.side == "opd" else Role.TIM_TEKNIS
        with _at_the_desk(self.told) as at:
            for slot in stage.output:
                self._hand_in(at, by, f"attach:{slot.slot}", slot.slot, slot.title)
                if slot.signed:
                    self._sign(at, slot)
            for each in stage.evidence:
                if each.source == "statement":
                    at.act(Role(each.roles[0]), self.number, f"state:{each.code}", _answers())
        try:
            with _at_the_desk(self.told) as at:
                at.act(Role(stage.role), self.number, "confirm", _answers())
        except Forbidden as refusal:
            if refusal.rule is not Rule.EVIDENCE_MISSING:
                raise
            with _at_the_desk(self.told) as at:
                if not stage.output[0].signed:
                    self._sign(at, stage.output[0])
                at.act(Role(stage.role), self.number, "stand-in", _answers(reason=WHY))

    def _hand_in(self, at: _Desk, role: "Role", key: str, slot: str, title: str) -> None:
        from dashboard.case_papers import hand_in

        data = self._paper(at.hub, slot, title)
        file = hand_in(at.hub.conn, at.people[role], self.number, data, f"{slot}.pdf", now=datetime.now(UTC))
        at.act(role, self.number, key, _answers(file=file))

    def _sign(self, at: _Desk, slot: "Slot") -> None:
        """The paper made ready and signed by all whose it is, where the stage wants that; else the draft, signed."""
        from identity.permissions import Role
        from sop.papers.words import GUARDIAN

        who = at.people[Role.PEJABAT_PENGAWAS]
        if slot.signed:
            data = self.pen.freeze(at.hub, who, self.number, slot.slot, self._letter(at))
        else:
            data = self.pen.sign(self._paper(at.hub, slot.slot, slot.title), (GUARDIAN,))
        self.pen.hand_in(at.hub, who, self.number, slot.slot, data)

    def _paper(self, hub: HubAccess, slot: str, title: str) -> bytes:
        """The paper as the hub writes it; for a slot of which it writes none, a page that says what it stands for."""
        from sop.papers import render
        from sop.papers.gathering import dossier
        from sop.papers.kinds import KINDS
        from sop.papers.parts import Paper, Paragraph, Section
        from sop.papers.pdf import pdf
        from sop.procedure import book

        if slot in KINDS:
            return render(hub.conn, self.number, slot, instance=hub.instance, on=hub.today).data
        found = dossier(hub.conn, self.number, on=hub.today, instance=hub.instance, book=book(), with_contact=False)
        text = f"Halaman ini mengisi tempat berkas “{title}” pada peragaan."
        sections = (Section("", (Paragraph(text),)),)
        return pdf(Paper(slot, title, found.opd, "", self.number, hub.today, found.letterhead, sections))

    def _stage(self) -> "Stage":
        from sop.procedure import book
        from sop.store import find

        with acting(self.told) as hub:
            case = find(hub.conn, self.number)
        if case.current is None:
            raise RuntimeError(f"{self.number} has no open stage")
        return book().of(case.procedure).at(case.current.stage)

    def _letter(self, at: _Desk) -> "Letter":
        from sop.commands import Letter

        return Letter(LETTER.format(number=self.number[-2:]), at.hub.today)


@contextmanager
def _at_the_desk(told: Settings) -> Iterator[_Desk]:
    """A transaction with the persons of the demo."""
    from cli.demo.links import offices
    from identity.demo import demo_name
    from identity.people import find_person
    from identity.principals import Appointment, Principal

    with acting(told) as hub:
        people = {}
        for role, opd in offices(hub.instance):
            person = find_person(hub.conn, demo_name(role, opd))
            people[role] = Principal(person.id, person.name, person.shown_name, (Appointment(role, opd),))
        yield _Desk(hub, people)


def _answers(
    *, reason: str = "", letter: "Letter | None" = None, file: "File | None" = None, documents: tuple[str, ...] = ()
) -> "Answers":
    from sop.asking import Answers

    return Answers(reason=reason, letter=letter, file=file, documents=documents)
