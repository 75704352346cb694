"""The settings of the pages, as `cli/settings.py` reads them."""

from typing import Annotated

from pydantic import Field
from pydantic_settings import BaseSettings

from cli.notice_fields import Folder


class PageFields(BaseSettings):
    """Where people open the pages, their passwords, and whose signatures count."""

    public_url: Annotated[str, Field(pattern=r"^https?://[^\s/?#]+/?$")] | None = Field(
        None, description="Alamat halaman web seperti diketik di peramban; bawaan: alamat stack lokal."
    )
    password_least: Annotated[int, Field(ge=12, le=64)] = Field(12, description="Panjang minimal kata sandi pengguna.")
    password_mix: bool = Field(default=True, description="Kata sandi perlu huruf besar, kecil, angka, dan tanda baca.")
    signature_anchors: Folder | None = Field(
        None,
        description="Berkas atau folder PEM penerbit sertifikat yang tanda tangannya dipercaya; bawaan: issuers di "
        "folder keadaan. Tanpa isinya, naskah bertanda tangan belum dapat diterima.",
    )
