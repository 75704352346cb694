"""Refusals of the REST interface: RFC 9457 problem details, with a stable code and a page for each code."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from starlette.responses import JSONResponse

MEDIA_TYPE: Final = "application/problem+json"
PAGES: Final = "/kesalahan"


@dataclass(frozen=True, slots=True)
class Code:
    """One kind of refusal. The texts are Indonesian; they stand in the answer and on the page of the code."""

    name: str
    status: int
    title: str
    meaning: str
    remedy: str


CODES: Final[Mapping[str, Code]] = {
    code.name: code
    for code in (
        Code(
            "token-diperlukan",
            401,
            "Token layanan diperlukan",
            "Permintaan tidak membawa token layanan.",
            "Sertakan header Authorization: Bearer smp_…. Programmer OPD menerbitkan token di menu Token.",
        ),
        Code(
            "token-tidak-berlaku",
            401,
            "Token layanan tidak berlaku",
            "Token tidak dikenal, sudah berakhir, sudah dicabut, atau sistemnya dinonaktifkan.",
            "Terbitkan token baru, pasang di program, lalu cabut yang lama.",
        ),
        Code(
            "token-tanpa-hak",
            403,
            "Token ini tidak untuk keperluan itu",
            "Token berlaku, tetapi tidak diterbitkan untuk tindakan atau dokumen ini.",
            "Terbitkan token dengan hak yang disebut dalam rincian.",
        ),
        Code(
            "hak-akses-tidak-ada",
            403,
            "Tidak ada Hak Akses",
            "OPD pemilik token tidak memiliki Hak Akses yang berlaku atas data atau isian ini.",
            "Ajukan permohonan akses dari katalog; untuk data kependudukan diperlukan PKS.",
        ),
        Code(
            "tujuan-diperlukan",
            403,
            "Tujuan belum disebut",
            "Data perorangan dibuka dengan tujuan yang tercatat dalam jejak audit.",
            "Sertakan header Simpul-Purpose berisi tujuan pembukaan data, paling sedikit 20 huruf.",
        ),
        Code(
            "isian-tertutup",
            403,
            "Isian tidak dapat dipakai",
            "Isian yang tersamar tidak dapat dipakai untuk menyaring, karena nilainya dapat ditebak dari jawabannya.",
            "Saring dengan isian yang terbuka bagi OPD.",
        ),
        Code(
            "penyaring-diperlukan",
            400,
            "Penyaring diperlukan",
            "Data perorangan tidak ditampilkan seluruhnya, tetapi menurut penyaring.",
            "Sertakan paling sedikit satu penyaring, atau minta baris menurut kuncinya.",
        ),
        Code(
            "parameter-tidak-dikenal",
            400,
            "Parameter tidak dikenal",
            "Ada parameter yang bukan isian dokumen ini dan bukan parameter layanan.",
            "Periksa ejaannya; daftar parameter ada pada berkas OpenAPI dokumen.",
        ),
        Code(
            "nilai-tidak-sah",
            400,
            "Nilai parameter tidak sah",
            "Nilai suatu parameter bukan bentuk yang dimaksud.",
            "Periksa nilai yang disebut dalam rincian: tanggal YYYY-MM-DD, ya/tidak true atau false.",
        ),
        Code(
            "entitas-tidak-ada",
            404,
            "Entitas tidak ada",
            "Tidak ada Data Induk dengan nama itu yang dilayani di sini.",
            "Lihat daftar di /api/v1/reference.",
        ),
        Code(
            "baris-tidak-ada",
            404,
            "Baris tidak ada",
            "Tidak ada baris dengan kunci itu, atau sudah dihapus oleh sumbernya.",
            "Periksa kuncinya. Kunci yang diganti ditunjukkan oleh header Simpul-Replaced-By.",
        ),
        Code(
            "permohonan-tidak-ada",
            404,
            "Permohonan tidak ada",
            "Tidak ada permohonan integrasi dengan nomor itu pada OPD pemilik token.",
            "Lihat daftar di /api/v1/cases.",
        ),
        Code(
            "di-luar-masa-simpan",
            410,
            "Di luar masa simpan",
            "Riwayat pada waktu itu sudah di luar masa simpan menurut kontrak dokumen.",
            "Minta waktu yang masih dalam masa simpan, yang disebut dalam rincian.",
        ),
        Code(
            "alamat-tidak-ada",
            404,
            "Alamat tidak ada",
            "Layanan ini tidak memiliki alamat itu.",
            "Lihat daftar di /api/v1/reference.",
        ),
        Code(
            "cara-tidak-dilayani",
            405,
            "Cara itu tidak dilayani",
            "Layanan ini hanya untuk membaca. Data diubah di sumbernya, lalu diterbitkan sebagai kejadian.",
            "Pakai GET.",
        ),
        Code(
            "terlalu-sering",
            429,
            "Permintaan terlalu sering",
            "Permintaan dari token ini melebihi batas.",
            "Tunggu sebanyak detik pada header Retry-After, atau minta beberapa kunci sekaligus.",
        ),
        Code(
            "kesalahan-simpul",
            500,
            "Ada kesalahan pada Simpul",
            "Bukan kesalahan pemanggil, dan sudah tercatat.",
            "Coba lagi; bila berulang, mohon hubungi operator.",
        ),
        Code(
            "basis-data-tidak-menjawab",
            503,
            "Basis data tidak menjawab",
            "Simpul sedang tidak dapat membaca basis datanya. Tidak ada data yang hilang.",
            "Coba lagi sesudah Retry-After detik.",
        ),
    )
}


class Problem(Exception):
    """A refusal. `detail` says what about this very request; it holds no personal value."""

    def __init__(self, code: str, detail: str | None = None, *, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail or code)
        self.code, self.detail, self.headers = CODES[code], detail, dict(headers or {})

    def answer(self) -> JSONResponse:
        """The answer of it."""
        told = {
            "type": f"{PAGES}/{self.code.name}",
            "title": self.code.title,
            "status": self.code.status,
            "code": self.code.name,
            "detail": self.detail or f"{self.code.meaning} {self.code.remedy}",
        }
        headers = self.headers | ({"WWW-Authenticate": "Bearer"} if self.code.status == 401 else {})
        return JSONResponse(told, status_code=self.code.status, headers=headers, media_type=MEDIA_TYPE)
