"""What people type into forms, and where they may be sent afterwards."""

from datetime import UTC, date, datetime
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard import forms, onward
from dashboard.forms import Form

JAKARTA = ZoneInfo("Asia/Jakarta")
WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


@pytest.mark.parametrize(
    "text", ["17 Agustus 2026", "17 agustus 2026", "17-08-2026", "17/08/2026", "2026-08-17", "17-8-2026"]
)
def test_a_day_may_be_written_in_the_usual_ways(text: str) -> None:
    assert forms.read_date(text) == date(2026, 8, 17)


@pytest.mark.parametrize(
    "text",
    ["", "30 Februari 2026", "08/17/2026", "17-08-26", "\u0661\u0667-\u0660\u0668-2026", "0-0-0000"],
)
def test_what_is_no_day_is_refused(text: str) -> None:
    assert forms.read_date(text) is None


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("17 Agustus 2026 14.05", datetime(2026, 8, 17, 7, 5, tzinfo=UTC)),
        ("17-08-2026 14:05", datetime(2026, 8, 17, 7, 5, tzinfo=UTC)),
        ("17 Agustus 2026", datetime(2026, 8, 16, 17, 0, tzinfo=UTC)),
        ("17 Agustus 2026 24.00", None),
        ("14.05", None),
    ],
)
def test_a_moment_is_one_of_this_place(text: str, at: datetime | None) -> None:
    form = Form.of(sampai=text)

    assert form.moment("sampai", "Waktu", JAKARTA) == at
    assert form.good == (at is not None)


def test_a_text_too_short_too_long_or_with_hidden_signs_is_refused_with_its_reason() -> None:
    form = Form.of(a="pendek", b="x" * 11, c="a\x1bb", d=" ")

    form.text("a", "Alasan", least=20)
    form.text("b", "Nama", longest=10)
    form.text("c", "Catatan")
    form.text("d", "Tujuan")

    assert form.faults == {
        "a": "Alasan baru 6 huruf, paling sedikit 20. Mohon lengkapi.",
        "b": "Nama berisi 11 huruf, paling banyak 10. Mohon ringkas.",
        "c": "Catatan berisi tanda yang tidak tampak. Mohon ketik ulang.",
        "d": "Tujuan belum diisi. Mohon lengkapi.",
    }


def test_a_choice_that_was_not_offered_is_refused() -> None:
    form = forms.read(b"role=administrator&opd=dinkes&opd=lain")

    form.choice("role", "Peran", {"reader"})
    chosen = form.choices("opd", "OPD", {"dinkes"})

    assert chosen == ["dinkes"]
    assert set(form.faults) == {"role", "opd"}


@pytest.mark.parametrize("body", [b"\xff=1", b"a=%ff", b"a=%00", b"&".join(b"a=1" for _ in range(201))])
def test_a_body_that_no_browser_makes_is_no_form(body: bytes) -> None:
    with pytest.raises(forms.NotAForm):
        forms.read(body)


@given(st.dictionaries(WORDS, WORDS, max_size=20))
def test_what_a_browser_sends_is_read_back(fields: dict[str, str]) -> None:
    form = forms.read(urlencode(fields).encode())

    assert {name: form[name] for name in fields} == fields


@pytest.mark.parametrize("target", ["/", "/pertukaran", "/data-dikembalikan?dokumen=a.b&sebelum=12", "/a%2f%2fevil"])
def test_a_page_of_ours_is_gone_on_to(target: str) -> None:
    assert onward.safe(target) == target


@pytest.mark.parametrize(
    "target",
    [
        "", "//evil.example", "/\\evil.example", "\\\\evil", "https:evil", "https://evil.example",
        "javascript:alert(1)", "/\t/evil.example", "/\n//evil", "///evil", "/a//b", "pertukaran", "/ evil",
        "/" + "x" * 500, "/é", "http:/x",
    ],
)  # fmt: skip
def test_whatever_is_no_page_of_ours_becomes_the_start_page(target: str) -> None:
    assert onward.safe(target) == "/"
