"""The procedure's sheet, row by row: who, with what, by when, what comes out, what is next."""

from importlib.resources import files

import pytest

from sop.errors import Forbidden, ProcedureError, Rule
from sop.events import CaseState, Kind, StageState
from sop.procedure import book, read
from tests.sop.town import ADMIN, CASE, DOCUMENTS, EVERYBODY, KABID, TEKNIS, Walk

OPD, TEAM = "OPD", "Tim Teknis Data Center"
SUPERVISOR, HEAD = "Pejabat Pengawas/Pranata Komputer Ahli Muda", "Kepala Bidang Aptika"
INTEGRATION, STRUCTURE = "Dokumen Integrasi Aplikasi", "Struktur Database"
TEST, FORMULA = "Unit Tes Integrasi Aplikasi", "Dokumen Rumusan Integrasi Data"
# No, pelaksana, kelengkapan, waktu (sasaran, tenggat), luaran, yang menegaskan, lanjut ke, kembali ke: typed off the
# procedure's sheet; who confirms stands in DOMAIN.md, section 2.
ROWS = [
    (
        1,
        [OPD, HEAD],
        ["Surat Permohonan", "Dokumen Data dan Informasi Aplikasi"],
        ("1d", "1d"),
        ["Disposisi Integrasi Aplikasi"],
        "kabid_aptika",
        2,
        None,
    ),
    (2, [OPD], [INTEGRATION], ("1d", "1d"), [INTEGRATION, STRUCTURE], "opd_admin", 3, None),
    (3, [TEAM, OPD], [INTEGRATION, STRUCTURE], ("1m", "1m"), [INTEGRATION, STRUCTURE], "tim_teknis", 4, 2),
    (4, [OPD, TEAM], [FORMULA], ("1m", "1m"), [FORMULA], "tim_teknis", 5, None),
    (5, [TEAM], [FORMULA], ("1m", "1m"), ["Program Aplikasi API"], "tim_teknis", 6, None),
    (6, [TEAM], ["Program Aplikasi API"], ("1d", "3d"), [TEST], "tim_teknis", 7, None),
    (7, [SUPERVISOR], [TEST], ("2d", "2d"), [TEST], "pejabat_pengawas", 8, None),
    (8, [OPD], [TEST], ("1d", "2d"), ["Validasi Aplikasi"], "opd_admin", 9, None),
    (9, [OPD, TEAM], ["Validasi Aplikasi dan Data"], ("1d", "1d"), ["Laporan Hasil Validasi"], "tim_teknis", 10, None),
    (
        10,
        [SUPERVISOR],
        ["Laporan Hasil Validasi"],
        ("1d", "1d"),
        ["Integrasi Sistem Informasi"],
        "pejabat_pengawas",
        11,
        None,
    ),
    (
        11,
        [HEAD],
        ["Integrasi Sistem Informasi"],
        ("1d", "3d"),
        ["Integrasi Sistem Informasi"],
        "kabid_aptika",
        12,
        3,
    ),
    (
        12,
        [TEAM, HEAD],
        ["Integrasi Sistem Informasi"],
        ("3d", "3d"),
        ["Laporan Hasil Integrasi Aplikasi"],
        "kabid_aptika",
        None,
        None,
    ),
]
SIGNED = {1, 4, 9, 12}  # a draft does not suffice
NUMBERS = [row[0] for row in ROWS]


@pytest.mark.parametrize("row", ROWS, ids=[f"tahap-{number}" for number in NUMBERS])
def test_a_row_of_the_sheet_is_in_the_data(row: tuple[object, ...]) -> None:
    stage = book().newest.at(NUMBERS[NUMBERS.index(row[0])])  # type: ignore[arg-type]

    assert (
        stage.number,
        list(stage.actors),
        [each.title for each in stage.input],
        (f"{stage.target.count}{stage.target.unit}", f"{stage.due.count}{stage.due.unit}"),
        [each.title for each in stage.output],
        stage.role,
        stage.number + 1 if stage.number < 12 else None,
        stage.back_to,
    ) == row
    assert all(each.signed is (stage.number in SIGNED) for each in stage.output)


def test_the_sheet_has_twelve_rows_and_its_title() -> None:
    newest = book().newest

    assert (newest.title, newest.last) == ("Integrasi dan Pertukaran Data Sistem Informasi", 12)


@pytest.mark.parametrize("number", NUMBERS)
def test_a_stage_is_confirmed_by_its_role_alone_and_leads_to_the_next(number: int) -> None:
    _, _, _, _, _, role, following, _ = ROWS[number - 1]
    walk = Walk().to(number)
    walk.fulfil()
    assert walk.attempt.state is StageState.READY

    for person in EVERYBODY:
        if person.offices[0].role != role or (role == "opd_admin" and person is not ADMIN):
            with pytest.raises(Forbidden) as refused:
                walk.confirm(person)
            assert refused.value.rule in (Rule.NOT_YOUR_ROLE, Rule.NOT_YOUR_UNIT)
    told = walk.confirm()

    expected = [Kind.CONFIRMED]
    expected += {11: [Kind.LIVE, Kind.STARTED], 12: [Kind.CLOSED]}.get(number, [Kind.STARTED])
    assert [event.kind for event in told if event.kind is not Kind.EVIDENCE] == expected
    opened = walk.now.current
    assert (None if opened is None else opened.stage) == following
    assert walk.now.attempts[number].state is StageState.DONE


@pytest.mark.parametrize("number", [each for each in NUMBERS if each > 1])
def test_nothing_but_the_drawn_returns_leads_back(number: int) -> None:
    """3 → 2 and 11 → 3; and, by the Kabid, 4–10 → 3 brought forward, which is marked."""
    drawn = {3: (2, "tim_teknis"), 11: (3, "kabid_aptika")}
    by_role = {"tim_teknis": TEKNIS, "kabid_aptika": KABID}
    for to in range(13):
        walk = Walk().to(number)
        outside = 4 <= number <= 10 and to == 3
        if drawn.get(number, (None, ""))[0] == to or outside:
            told = walk.send_back(to, KABID if outside else by_role[drawn[number][1]])
            assert told[0].detail["outside"] is outside
            assert (walk.attempt.stage, walk.attempt.round, walk.attempt.state) == (to, 2, StageState.ACTIVE)
            assert walk.now.past[-1].state is StageState.RETURNED
            between = [walk.now.attempts[each] for each in range(to + 1, number + 1)]
            assert {(each.round, each.state) for each in between} <= {(2, StageState.WAITING)}
        else:
            with pytest.raises(Forbidden) as refused:
                walk.send_back(to, KABID)
            assert refused.value.rule is (Rule.CASE_STATE if number == 12 else Rule.NO_SUCH_RETURN)


def test_a_whole_case_of_five_persons_with_both_returns_ends_closed() -> None:
    walk = Walk().to(3)
    walk.send_back(2, TEKNIS)
    walk.to(11)
    walk.send_back(3, KABID)
    walk.to(12)
    states = [walk.now.state]
    walk.fulfil()
    walk.confirm()

    assert [*states, walk.now.state] == [CaseState.LIVE, CaseState.CLOSED]
    assert walk.now.returns == {(3, 2): 1, (11, 3): 1}
    rounds = {number: attempt.round for number, attempt in walk.now.attempts.items()}
    assert rounds == {1: 1, 2: 2, 3: 3, 4: 2, 5: 2, 6: 2, 7: 2, 8: 2, 9: 2, 10: 2, 11: 2, 12: 1}
    assert [(event.case, event.documents) for event in walk.events if event.kind is Kind.LIVE] == [(CASE, DOCUMENTS)]


def test_a_revised_procedure_is_a_new_version_and_a_running_case_keeps_its_own() -> None:
    text = book_text()
    revised = text[text.index("\n[[procedure]]") :].replace("version = 1", "version = 2", 1)
    both = read(text + revised.replace('due = "3d"', 'due = "5d"'))
    walk = Walk().to(2)
    walk.book = both

    walk.to(6)

    assert walk.attempt.due == walk.calendar.add_working_days(walk.day, 3)
    fresh = Walk(book=both).to(6)
    assert fresh.now.procedure == 2
    assert fresh.attempt.due == fresh.calendar.add_working_days(fresh.day, 5)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (("version = 1", "version = 2"), "versions are not"),
        (("number = 12\n", "number = 13\n"), "not numbered"),
        (('due = "3d"', 'due = "3x"'), "not like 3d"),
        (("back_to = 2", "back_to = 9"), "no earlier stage"),
        (('slot = "disposisi", signed = true },', 'slot = "lain", signed = true },'), "names no slot"),
        (('source = "submission"', 'source = "fact"'), "does not fit"),
    ],
)
def test_a_procedure_that_contradicts_itself_is_refused(change: tuple[str, str], reason: str) -> None:
    text = book_text()
    assert change[0] in text

    with pytest.raises(ProcedureError, match=reason):
        read(text.replace(*change))


def book_text() -> str:

    return files("sop").joinpath("procedure.toml").read_text(encoding="utf-8")
