"""What is told of many short texts at once is what Python says of each."""

from hypothesis import given
from hypothesis import strategies as st

from schemas.wire.ascii_texts import printable, whole_numbers
from schemas.wire.cursor import Spans

NEARLY = st.binary(max_size=20) | st.lists(st.sampled_from(b"\x00\x1f \x21~\x7f\x80\xff09a"), max_size=20).map(bytes)


@given(texts=st.lists(NEARLY, max_size=12), longest=st.integers(1, 18))
def test_printable_is_visible_ascii_of_some_length(texts: list[bytes], longest: int) -> None:
    expected = [0 < len(text) <= longest and all(32 <= byte <= 126 for byte in text) for text in texts]

    assert printable(Spans.of(texts), longest).tolist() == expected


@given(texts=st.lists(NEARLY | st.integers(0, 10**22).map(lambda number: str(number).encode()), max_size=12))
def test_numbers_are_those_of_up_to_eighteen_digits(texts: list[bytes]) -> None:
    found, good = whole_numbers(Spans.of(texts))

    assert good.tolist() == [0 < len(text) <= 18 and set(text) <= set(b"0123456789") for text in texts]
    assert [int(number) for number, is_one in zip(found, good, strict=True) if is_one] == [
        int(text) for text, is_one in zip(texts, good, strict=True) if is_one
    ]
