"""What a page says once after something was done. The word stands in the address; the sentence is ours."""

PARAMETER = "kabar"
SENTENCES = {
    "tersimpan": "Perubahan tersimpan.",
    "diundang": "Akun dibuat.",
    "peran": "Peran diberikan. Orangnya perlu masuk lagi.",
    "peran-akhir": "Peran diakhiri. Orangnya perlu masuk lagi.",
    "nonaktif": "Akun dinonaktifkan dan semua sesinya berakhir.",
    "aktif": "Akun diaktifkan kembali.",
    "langkah-kedua": "Verifikasi dua langkah dihapus; orangnya dapat mengaktifkannya lagi.",
    "opd": "OPD ditambahkan.",
    "sistem": "Sistem ditambahkan.",
    "sumber": "Keadaan sumber diubah.",
    "padan": "Keputusan disimpan; Data Induk mengikutinya, dan OPD yang perlu memperbaiki datanya diberi tahu.",
    "padan-tarik": "Keputusan ditarik kembali; Data Induk kembali seperti tanpa keputusan itu.",
    "dicabut": "Dicabut. Berlaku sejak permintaan berikutnya.",
    "pks": "PKS dicatat.",
    "pks-akhir": "PKS diakhiri; Hak Akses yang bersandar padanya ikut berakhir.",
    "hak": "Hak Akses diberikan.",
    "tanggapan": "Tanggapan tercatat.",
    "diajukan": "Rancangan diajukan; Tim Teknis diberi tahu.",
    "dampak": "Dampak sedang dihitung. Mohon muat ulang halaman ini sebentar lagi.",
    "dikembalikan": "Rancangan dikembalikan kepada pembuatnya.",
    "disetujui": "Disetujui. Versinya diterapkan dalam beberapa detik.",
    "ditarik": "Rancangan ditarik.",
    "permohonan": "Permohonan diajukan; pemilik data diberi tahu.",
    "diputus": "Putusan dicatat.",
    "pks-disebut": "Nomor PKS dicatat pada permohonan.",
    "permohonan-ditarik": "Permohonan ditarik.",
    "dihapus": "Penghapusan data dicatat.",
    "kasus": "Rancangan permohonan dibuat. Mohon unggah suratnya, lalu ajukan.",
    "kasus-menyusul": "Rancangan permohonan dibuat. Mohon unggah suratnya, lalu ajukan. Papan tahap menyusul.",
    "langkah": "Langkah tercatat.",
    "langkah-menyusul": "Langkah tercatat. Halaman ini sudah memuatnya; papan tahap dan statistik menyusul.",
    "komentar": "Komentar tercatat.",
    "siap": "Naskah siap ditandatangani. Mohon unduh, tanda tangani secara elektronik, lalu unggah hasilnya.",
    "siap-menyusul": "Naskah siap ditandatangani. Halaman ini sudah memuatnya; papan tahap menyusul.",
    "sah": "Tanda tangan sah. Berkas bertanda tangan diterima.",
    "sah-menyusul": "Tanda tangan sah. Berkas bertanda tangan diterima; papan tahap menyusul.",
    "narahubung": "Narahubung tersimpan.",
    "sandi": "Kata sandi diganti. Sesi lain berakhir.",
    "sesi": "Sesi diakhiri.",
    "ditangani": "Tercatat sebagai ditangani.",
    "dibisukan": "Pemberitahuan dibisukan sampai waktu itu.",
    "muatan": "Keputusan tentang muatan tercatat.",
    "jeda": "Partisi dilanjutkan dalam beberapa detik.",
    "pekerjaan": "Permintaan diteruskan kepada pekerjaan.",
}


def of(word: str | None) -> str:
    """The sentence of a word, "" for any other."""
    return SENTENCES.get(word or "", "")


def after(way: str, word: str) -> str:
    """The address of a page that says so."""
    return f"{way}?{PARAMETER}={word}"
