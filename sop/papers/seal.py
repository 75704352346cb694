"""The mark by which a paper is found again: a code for a telephone, with the address of the page that tells of it."""

import io

import segno


def qr_code(address: str) -> str:
    """The code as SVG; error correction M, as printed papers get creased (ISO/IEC 18004)."""
    drawn = io.BytesIO()
    segno.make(address, error="m").save(drawn, kind="svg", scale=4, border=2, xmldecl=False)
    return drawn.getvalue().decode()
