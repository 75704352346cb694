"""Every code with which an event is refused, in one table.

A code is stable: programs of an OPD, dead letters and statistics keep it. Codes of formats (`nik.bentuk`) are
declared with their format, codes of rules are `rule:<name>`; all others stand here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from schemas.rejection import Fault, Rejection


@dataclass(frozen=True, slots=True)
class Reason:
    """What a code means. `meaning` is Indonesian, for the reader of the table; `remedy` is the default advice."""

    fault: Fault
    meaning: str
    remedy: str


_ADAPTER: Final = "Mohon periksa program pengirim (adaptor), lalu kirim lagi."
_SOURCE: Final = "Mohon perbaiki kolom ini di sistem asal, lalu kirim lagi."
_KEY: Final = "Mohon samakan kunci pesan dengan kolom kunci di dalam data, lalu kirim lagi."

REASONS: Final[Mapping[str, Reason]] = {
    # a batch of records that was not unpacked
    "batch-too-large": Reason(
        Fault.SIZE,
        "Kumpulan pesan terlalu besar setelah dibuka, atau tidak dapat dibuka.",
        "Mohon kirim lagi dalam kumpulan yang lebih kecil.",
    ),
    # a record that ended the worker each time it was read
    "crash": Reason(
        Fault.WIRE,
        "Pesan ini menghentikan proses penerima berulang kali, lalu dilewati tanpa dibaca.",
        "Mohon jangan kirim lagi sebelum operator memeriksanya; isinya disimpan utuh.",
    ),
    # the bytes of the value
    "empty-value": Reason(Fault.WIRE, "Nilai pesan ada tetapi panjangnya nol (hapus = nilai null).", _ADAPTER),
    "magic": Reason(Fault.WIRE, "Bita pertama bukan 0 (format Confluent).", _ADAPTER),
    "truncated": Reason(Fault.WIRE, "Data terpotong sebelum selesai.", _ADAPTER),
    "trailing-bytes": Reason(Fault.WIRE, "Ada sisa bita sesudah data.", _ADAPTER),
    "text-encoding": Reason(Fault.WIRE, "Teks bukan UTF-8 yang sah.", "Mohon kirim teks dalam UTF-8."),
    "undecodable": Reason(Fault.WIRE, "Data tidak dapat dibaca menurut skemanya.", _ADAPTER),
    "schema-unknown": Reason(Fault.SCHEMA, "Nomor skema tidak terdaftar.", "Mohon pakai skema yang terdaftar."),
    "schema-subject": Reason(
        Fault.SCHEMA, "Nomor skema milik dokumen lain.", "Mohon pakai skema dokumen ini dari registri."
    ),
    # the key of the message
    "key-empty": Reason(Fault.KEY, "Pesan tidak berkunci.", _KEY),
    "key-encoding": Reason(Fault.KEY, "Kunci bukan UTF-8 yang sah.", _KEY),
    "key-size": Reason(Fault.KEY, "Kunci lebih panjang daripada 512 bita.", _KEY),
    "key-text": Reason(Fault.KEY, "Kunci memuat karakter kendali atau bukan bentuk NFC.", _KEY),
    "key-parts": Reason(Fault.KEY, "Jumlah bagian kunci berbeda dari kontrak.", _KEY),
    "key-format": Reason(Fault.KEY, "Bagian kunci tidak sesuai kolomnya.", _KEY),
    "key-mismatch": Reason(Fault.KEY, "Kunci pesan berbeda dari kunci di dalam data.", _KEY),
    # the headers of the message
    "header-missing": Reason(Fault.HEADER, "Header wajib tidak ada.", _ADAPTER),
    "header-doubled": Reason(Fault.HEADER, "Header yang sama dikirim lebih dari sekali.", _ADAPTER),
    "header-id": Reason(Fault.HEADER, "ce_id kosong, terlalu panjang, atau bukan ASCII.", _ADAPTER),
    "header-source": Reason(Fault.HEADER, "ce_source bukan milik OPD ini.", _ADAPTER),
    "header-sequence": Reason(Fault.HEADER, "ce_sequence bukan bilangan bulat 0 sampai 2^63-1.", _ADAPTER),
    "header-epoch": Reason(Fault.HEADER, "ce_simpulepoch bukan bilangan bulat 0 sampai 2^31-1.", _ADAPTER),
    "header-time": Reason(Fault.HEADER, "ce_time bukan waktu RFC 3339.", _ADAPTER),
    "header-load": Reason(Fault.HEADER, "ce_simpulload terlalu panjang atau bukan ASCII.", _ADAPTER),
    "header-letter": Reason(
        Fault.HEADER, "ce_simpulletter tidak menunjuk data dokumen ini yang dikembalikan, atau isinya lain.", _ADAPTER
    ),
    "load-withdrawn": Reason(
        Fault.HEADER,
        "Muatan kejadian ini (ce_simpulload) ditarik.",
        "Mohon kirim data yang benar sebagai muatan baru.",
    ),
    "header-size": Reason(Fault.HEADER, "Header terlalu banyak atau terlalu besar.", _ADAPTER),
    # the record that a field refers to
    "reference-missing": Reason(
        Fault.FIELD,
        "Data yang dirujuk tidak datang sampai batas waktu kontrak (parkFor).",
        "Mohon pastikan data yang dirujuk sudah terdaftar, atau perbaiki rujukannya, lalu kirim lagi.",
    ),
    # one field
    "required": Reason(Fault.FIELD, "Kolom wajib kosong atau tidak ada.", _SOURCE),
    "unknown-field": Reason(Fault.FIELD, "Kolom tidak ada dalam kontrak.", _ADAPTER),
    "type": Reason(Fault.FIELD, "Jenis nilai berbeda dari kontrak.", _ADAPTER),
    "number": Reason(Fault.FIELD, "Bilangan di luar jangkauan jenisnya, atau bukan bilangan.", _SOURCE),
    "minimum": Reason(Fault.FIELD, "Nilai di bawah batas.", _SOURCE),
    "maximum": Reason(Fault.FIELD, "Nilai di atas batas.", _SOURCE),
    "date-range": Reason(Fault.FIELD, "Tanggal atau waktu di luar tahun 1850 sampai 2200.", _SOURCE),
    "minLength": Reason(Fault.FIELD, "Teks terlalu pendek.", _SOURCE),
    "maxLength": Reason(Fault.FIELD, "Teks terlalu panjang.", _SOURCE),
    "pattern": Reason(Fault.FIELD, "Bentuk teks berbeda dari kontrak.", _SOURCE),
    "enum": Reason(Fault.FIELD, "Nilai di luar pilihan.", _SOURCE),
    "codes": Reason(Fault.FIELD, "Kode di luar daftar.", _SOURCE),
    "text-nul": Reason(Fault.FIELD, "Teks memuat karakter NUL.", _SOURCE),
    "text-control": Reason(Fault.FIELD, "Teks memuat karakter kendali.", _SOURCE),
    "text-bidi": Reason(Fault.FIELD, "Teks memuat pengubah arah tulisan.", _SOURCE),
    "text-surrogate": Reason(Fault.FIELD, "Teks memuat separuh karakter (surrogate).", _SOURCE),
    "text-key": Reason(Fault.FIELD, "Kolom kunci memuat karakter yang tidak boleh ada dalam kunci.", _SOURCE),
    # a file of an OPD, before anything is sent
    "csv-columns": Reason(Fault.FIELD, "Jumlah sel baris berbeda dari baris judul.", "Mohon periksa baris ini."),
    "csv-exponent": Reason(
        Fault.FIELD,
        "Nomor berbentuk bilangan berpangkat karena diubah Excel.",
        "Mohon atur kolom sebagai Teks, isi ulang, lalu simpan sebagai CSV.",
    ),
    "csv-date": Reason(Fault.FIELD, "Tanggal tidak dapat dibaca atau tidak ada dalam kalender.", _SOURCE),
    "csv-number": Reason(Fault.FIELD, "Bilangan tidak dapat dibaca.", _SOURCE),
    "csv-boolean": Reason(Fault.FIELD, "Isian ya/tidak tidak dapat dibaca.", _SOURCE),
}  # fmt: skip


def reject(
    code: str, field: str | None, found: str, expected: str, *, remedy: str | None = None, fault: Fault | None = None
) -> Rejection:
    """A rejection with the class and the advice that the table has for its code.

    A code of a format or rule (not in the table) is a field's fault unless `fault` says otherwise.
    """
    reason = REASONS.get(code)
    if reason is None:
        return Rejection(fault or Fault.FIELD, code, field, found, expected, remedy or _SOURCE)
    return Rejection(fault or reason.fault, code, field, found, expected, remedy or reason.remedy)
