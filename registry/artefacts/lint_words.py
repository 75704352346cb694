"""The words by which the lint knows what a field is: what the hub never takes, what is personal, what is shortened."""

import re
from typing import Final

# PP 40/2019 and UU 24/2013, Pasal 84: specially protected; and health beyond what a document needs
# (docs/reference/contract.md).
REFUSED: Final = {
    "biometrik": r"biometri\w*|sidik[ _]?jari|fingerprint|iris([ _]mata)?|retina|pengenalan[ _]wajah"
    r"|(foto|citra)[ _]wajah|face[ _]?(id|print)|rekaman[ _]suara",
    # not the day of a signature, nor who signed
    "tanda-tangan": r"(?<!tanggal )(?<!waktu )(?<!pe )tanda[ _]?tangan|signature|spesimen[ _]paraf",
    "diagnosis": r"diagnos\w*|rekam[ _]medis|kode[ _]icd\w*|icd[ _-]?10|riwayat[ _]penyakit"
    r"|jenis[ _]penyakit|status[ _]hiv",
    "aib": r"aib",
    "rahasia": r"kata[ _]sandi|password|pin[ _]atm|kunci[ _]privat",
}
REFUSED_PATTERNS: Final = {name: re.compile(rf"\b(?:{words})\b", re.IGNORECASE) for name, words in REFUSED.items()}

# formats and names whose values tell of one person
PERSONAL_FORMATS: Final = frozenset({"nik", "no-kk", "nama-orang", "nisn"})
PERSONAL_NAMES: Final = re.compile(r"(?:^|_)(?:nik|no_kk|tempat_lahir|tanggal_lahir|nama_ibu|nama_ayah|agama)(?:$|_)")
# the names of persons in an office are not private where the document is of the office
NAME_FORMATS: Final = frozenset({"nama-orang"})
OFFICE_FORMATS: Final = frozenset({"nip", "nuptk"})
# personal where the document is about persons; of an office or a school they are open
CONTACT: Final = re.compile(r"^(?:telepon|email|alamat|hp)(?:$|_(?!kantor))")
CONTACT_FORMATS: Final = frozenset({"telepon"})
# at least terbatas
RESTRICTED_FORMATS: Final = frozenset({"nip", "nuptk", "npwp16"})
# data spesifik of UU 27/2022, Pasal 4: health, children, finance
SPECIFIC_NAMES: Final = re.compile(
    r"(?:^|_)(?:golongan_darah|disabilitas|status_gizi|nisn|desil|penghasilan|gaji|omzet|nominal|kip)(?:$|_)"
)
PERSON_MARKS: Final = re.compile(
    r"^(?i:bapak|ibu|sdr|saudara)\b\.? +[A-Z]|\b(?i:drs?|ir|hj?)\b\.? +[A-Z]"
    r"|, *(?i:S|M|A\.?Md)\.? ?(?i:Kom|T|Si|Pd|E|H|Sos|AP|M)\b"
)
PRIVATE_MAIL: Final = re.compile(r"@(?:gmail|yahoo|ymail|hotmail|outlook|icloud|proton)\.", re.IGNORECASE)
SHORTENED: Final = {
    "tgl": "tanggal",
    "jml": "jumlah",
    "kd": "kode",
    "nm": "nama",
    "jk": "jenis_kelamin",
    "ket": "keterangan",
    "thn": "tahun",
    "bln": "bulan",
    "hp": "telepon",
    "almt": "alamat",
    "kel": "kelurahan",
    "kec": "kecamatan",
}


def in_full(name: str) -> str:
    """A field's name without shortened words: "tgl_lahir" → "tanggal_lahir"."""
    return "_".join(SHORTENED.get(part, part) for part in name.split("_"))


# what a draft that was made from data or by questions says of what nobody has looked at yet
GUESSED: Final = "(dugaan"
