"""A form that brings a file: its fields, and the file's bytes, with a limit on both."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Final

from fastapi import Request
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser

from dashboard.forms import MAX_FIELDS, Form
from sop.slots import LARGEST

KIND: Final = "multipart/form-data"
MAX_AROUND: Final = 64 * 1024  # bytes of fields and borders beside the file
FIELD: Final = "berkas"


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it came; the name is the sender's word and is shown only."""

    name: str
    data: bytes


class TooLarge(MultiPartException):
    """More bytes came than a file may have."""

    def __init__(self) -> None:
        super().__init__("too large")


async def read(request: Request) -> tuple[Form, Upload | None]:
    """The fields and the file of the body, None where none was chosen. Too much is 413, no such form 400."""
    parser = MultiPartParser(
        request.headers, _limited(request.stream()), max_files=1, max_fields=MAX_FIELDS, max_part_size=MAX_AROUND
    )
    try:
        found = await parser.parse()
    except TooLarge:
        raise HTTPException(413) from None
    except (MultiPartException, UnicodeDecodeError):
        raise HTTPException(400) from None
    fields: dict[str, list[str]] = {}
    upload = None
    for name, value in found.multi_items():
        if isinstance(value, UploadFile):
            data = await value.read()
            await value.close()
            if name == FIELD and value.filename:
                upload = Upload(value.filename[:200], data)
        elif "\0" in value:
            raise HTTPException(400)
        else:
            fields.setdefault(name, []).append(value)
    return Form(fields), upload


async def _limited(stream: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
    size = 0
    async for piece in stream:
        size += len(piece)
        if size > LARGEST + MAX_AROUND:
            raise TooLarge
        yield piece
