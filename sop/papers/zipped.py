"""Containers of office documents that are the same bytes for the same content. Pure."""

import io
import zipfile
from collections.abc import Sequence
from typing import Final

_BEGINNING: Final = (1980, 1, 1, 0, 0, 0)  # of the time that a ZIP file knows; no part says when it was written
_UNIX, _READABLE = 3, 0o100644 << 16


def container(parts: Sequence[tuple[str, bytes]]) -> bytes:
    """The file; a part `mimetype` is not compressed, as OpenDocument wants it (part 2, 3.3)."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as made:
        for name, content in parts:
            about = zipfile.ZipInfo(name, _BEGINNING)
            about.create_system, about.external_attr = _UNIX, _READABLE
            about.compress_type = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            made.writestr(about, content)
    return target.getvalue()
