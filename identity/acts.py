"""Every act that the audit tells of, by the name that stands in `audit.entry.act`, with its Indonesian title.

A published list: docs/reference/audit.md is made from it. A new act is one line here.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Act(StrEnum):
    """Acts by room: dotted, `<subject>.<verb>`."""

    # identity: agencies and their systems
    OPD_ADD = "opd.add"
    OPD_CHANGE = "opd.change"
    OPD_SWITCH = "opd.switch"
    SYSTEM_ADD = "system.add"
    SYSTEM_SWITCH = "system.switch"
    # identity: people and their roles
    PEOPLE_INVITE = "people.invite"
    PEOPLE_CHANGE = "people.change"
    PEOPLE_DISABLE = "people.disable"
    PEOPLE_ENABLE = "people.enable"
    PEOPLE_APPOINT = "people.appoint"
    PEOPLE_DISMISS = "people.dismiss"
    # identity: how people prove who they are
    LINK_ISSUE = "link.issue"
    LINK_REDEEM = "link.redeem"
    PASSWORD_SET = "password.set"  # noqa: S105 - the name of an act
    SECOND_FACTOR_ADD = "second_factor.add"
    SECOND_FACTOR_REMOVE = "second_factor.remove"
    RECOVERY_CODE_USE = "second_factor.recover"
    SIGN_IN = "session.begin"
    SIGN_IN_REFUSED = "session.refuse"
    SIGN_OUT = "session.end"
    # identity: service tokens
    TOKEN_ISSUE = "token.issue"  # noqa: S105 - the name of an act
    TOKEN_REVOKE = "token.revoke"  # noqa: S105 - the name of an act
    # grants, and the agreements on which they stand
    AGREEMENT_ADD = "agreement.add"
    AGREEMENT_END = "agreement.end"
    GRANT_ADD = "grant.add"
    GRANT_REVOKE = "grant.revoke"
    GRANT_COPY = "grant.copy"
    # requests for access, and what readers deleted when their grant was over
    ACCESS_ASK = "access.request"
    ACCESS_NAME_AGREEMENT = "access.name_agreement"
    ACCESS_AGREE = "access.agree"
    ACCESS_DECIDE = "access.decide"
    ACCESS_GRANT = "access.grant"
    ACCESS_REFUSE = "access.refuse"
    ACCESS_WITHDRAW = "access.withdraw"
    DELETION_CONFIRM = "access.confirm_deletion"
    # contracts of interchange documents
    CONTRACT_DRAFT = "contract.draft"
    CONTRACT_SUBMIT = "contract.submit"
    CONTRACT_RETURN = "contract.return"
    CONTRACT_WITHDRAW = "contract.withdraw"
    CONTRACT_APPROVE = "contract.approve"
    CONTRACT_ENFORCE = "contract.enforce"
    # returned events
    LETTERS_REPLAY = "dead_letters.replay"
    # loads
    LOAD_APPROVE = "load.approve"
    LOAD_REFUSE = "load.refuse"
    LOAD_WITHDRAW = "load.withdraw"
    LOAD_RESTORE = "load.restore"
    # tables made again out of the history
    TABLE_REBUILD = "table.rebuild"
    # partitions at rest
    PAUSE_END = "exchange.resume"
    STOP_END = "exchange.reopen"
    # reference data in the clear
    RECORDS_UNMASK = "records.unmask"
    RECORDS_SEARCH = "records.search"
    RECORDS_PAST = "records.past"
    # the audit itself
    AUDIT_SEARCH = "audit.search"
    DATABASE_RESTORED = "audit.database_restored"
    # sources of data and what they have on Kafka
    SOURCE_STATE = "source.state"
    SOURCE_EPOCH = "source.epoch"
    PROFILE_RENEW = "profile.renew"
    PROVISION_APPLY = "provision.apply"
    PROVISION_DESTROY = "provision.destroy"
    CREDENTIAL_CODE = "credential.code"
    CREDENTIAL_FETCH = "credential.fetch"
    # cases of the procedure
    CASE_BEGIN = "case.begin"
    CASE_CONTACT = "case.contact"
    CASE_SUBMIT = "case.submit"
    CASE_ATTACH = "case.attach"
    CASE_FREEZE = "case.freeze"
    CASE_SIGN = "case.sign"
    CASE_STATE = "case.state"
    CASE_CONFIRM = "case.confirm"
    CASE_RETURN = "case.return"
    CASE_REWORK = "case.rework"
    CASE_HOLD = "case.hold"
    CASE_RESUME = "case.resume"
    CASE_CORRECT = "case.correct"
    CASE_CANCEL = "case.cancel"
    CASE_COMMENT = "case.comment"
    CASE_PAPER = "case.paper"
    CASE_FILE = "case.file"
    CASE_REGISTER = "case.register"
    CASE_REPORT = "case.report"
    CASE_BUNDLE = "case.bundle"
    # Tidak Padan
    CONFLICT_DECIDE = "conflict.decide"
    CONFLICT_TAKE_BACK = "conflict.take_back"
    # the working calendar
    CALENDAR_CLOSE = "calendar.close"
    CALENDAR_OPEN = "calendar.open"
    # jobs
    JOB_PAUSE = "job.pause"
    JOB_RESUME = "job.resume"
    JOB_CANCEL = "job.cancel"
    # jobs: notices and the programs that are told of them
    NOTICE_ACKNOWLEDGE = "notice.acknowledge"
    NOTICE_SILENCE = "notice.silence"
    NOTICE_CLOSE = "notice.close"
    WEBHOOK_ADD = "webhook.add"
    WEBHOOK_RENEW = "webhook.renew"
    WEBHOOK_DISABLE = "webhook.disable"


TITLES: Mapping[Act, str] = MappingProxyType(
    {
        Act.OPD_ADD: "OPD ditambahkan",
        Act.OPD_CHANGE: "OPD diubah",
        Act.OPD_SWITCH: "OPD diaktifkan atau dinonaktifkan",
        Act.SYSTEM_ADD: "Sistem ditambahkan",
        Act.SYSTEM_SWITCH: "Sistem diaktifkan atau dinonaktifkan",
        Act.PEOPLE_INVITE: "Pengguna diundang",
        Act.PEOPLE_CHANGE: "Data pengguna diubah",
        Act.PEOPLE_DISABLE: "Akun dinonaktifkan",
        Act.PEOPLE_ENABLE: "Akun diaktifkan kembali",
        Act.PEOPLE_APPOINT: "Peran diberikan",
        Act.PEOPLE_DISMISS: "Peran diakhiri",
        Act.LINK_ISSUE: "Tautan masuk diterbitkan",
        Act.LINK_REDEEM: "Tautan masuk dipakai",
        Act.PASSWORD_SET: "Kata sandi diganti",
        Act.SECOND_FACTOR_ADD: "Verifikasi dua langkah diaktifkan",
        Act.SECOND_FACTOR_REMOVE: "Verifikasi dua langkah dihapus",
        Act.RECOVERY_CODE_USE: "Kode pemulihan dipakai",
        Act.SIGN_IN: "Masuk",
        Act.SIGN_IN_REFUSED: "Masuk ditolak",
        Act.SIGN_OUT: "Sesi diakhiri",
        Act.TOKEN_ISSUE: "Token layanan diterbitkan",
        Act.TOKEN_REVOKE: "Token layanan dicabut",
        Act.AGREEMENT_ADD: "PKS dicatat",
        Act.AGREEMENT_END: "PKS diakhiri",
        Act.GRANT_ADD: "Hak Akses diberikan",
        Act.GRANT_REVOKE: "Hak Akses dicabut",
        Act.GRANT_COPY: "Salinan utuh bagi pemegang Hak Akses diminta lagi",
        Act.ACCESS_ASK: "Akses diajukan",
        Act.ACCESS_NAME_AGREEMENT: "PKS disebut untuk permohonan akses",
        Act.ACCESS_AGREE: "Permohonan akses disetujui pemilik data",
        Act.ACCESS_DECIDE: "Permohonan akses disetujui Walidata",
        Act.ACCESS_GRANT: "Hak Akses diberikan atas permohonan",
        Act.ACCESS_REFUSE: "Permohonan akses tidak disetujui",
        Act.ACCESS_WITHDRAW: "Permohonan akses ditarik",
        Act.DELETION_CONFIRM: "Penghapusan data dinyatakan",
        Act.CONTRACT_DRAFT: "Rancangan kontrak dibuat",
        Act.CONTRACT_SUBMIT: "Rancangan kontrak diajukan",
        Act.CONTRACT_RETURN: "Rancangan kontrak dikembalikan",
        Act.CONTRACT_WITHDRAW: "Rancangan kontrak ditarik",
        Act.CONTRACT_APPROVE: "Rancangan kontrak disetujui",
        Act.CONTRACT_ENFORCE: "Versi kontrak mulai berlaku",
        Act.LETTERS_REPLAY: "Data yang dikembalikan dikirim ulang",
        Act.LOAD_APPROVE: "Muatan disetujui",
        Act.LOAD_REFUSE: "Muatan ditolak",
        Act.LOAD_WITHDRAW: "Muatan ditarik",
        Act.LOAD_RESTORE: "Muatan dipulihkan",
        Act.TABLE_REBUILD: "Tabel dibangun ulang dari riwayat",
        Act.PAUSE_END: "Partisi yang dijeda dilanjutkan",
        Act.STOP_END: "Partisi yang dihentikan diperiksa lagi",
        Act.RECORDS_UNMASK: "Nilai yang disamarkan dibuka",
        Act.RECORDS_SEARCH: "Data dicari dengan kunci pribadi",
        Act.RECORDS_PAST: "Asal dan riwayat data dilihat",
        Act.AUDIT_SEARCH: "Jejak audit dicari menurut orang atau OPD",
        Act.DATABASE_RESTORED: "Basis data dipulihkan dari cadangan",
        Act.SOURCE_STATE: "Keadaan sumber data diubah",
        Act.SOURCE_EPOCH: "Epoch baru sumber data dimulai",
        Act.PROFILE_RENEW: "Isian mulai dibandingkan dari awal",
        Act.PROVISION_APPLY: "Topik, hak, dan pengguna Kafka disesuaikan",
        Act.PROVISION_DESTROY: "Topik, hak, atau pengguna Kafka dihapus",
        Act.CREDENTIAL_CODE: "Kode pengambilan kata sandi Kafka diterbitkan",
        Act.CREDENTIAL_FETCH: "Kata sandi Kafka diambil",
        Act.CASE_BEGIN: "Permohonan integrasi dirancang",
        Act.CASE_CONTACT: "Narahubung permohonan diisi",
        Act.CASE_SUBMIT: "Permohonan integrasi diajukan",
        Act.CASE_ATTACH: "Berkas tahap diunggah",
        Act.CASE_FREEZE: "Naskah disiapkan untuk ditandatangani",
        Act.CASE_SIGN: "Berkas bertanda tangan diunggah",
        Act.CASE_STATE: "Pernyataan pada tahap diberikan atau ditarik",
        Act.CASE_CONFIRM: "Tahap ditegaskan",
        Act.CASE_RETURN: "Tahap dikembalikan",
        Act.CASE_REWORK: "Catatan perbaikan ditulis",
        Act.CASE_HOLD: "Tahap ditahan",
        Act.CASE_RESUME: "Tahap dilanjutkan",
        Act.CASE_CORRECT: "Langkah pada permohonan dikoreksi",
        Act.CASE_CANCEL: "Permohonan integrasi dibatalkan",
        Act.CASE_COMMENT: "Permohonan dikomentari",
        Act.CASE_PAPER: "Naskah permohonan dibuat dan dibuka",
        Act.CASE_FILE: "Berkas permohonan dibuka",
        Act.CASE_REGISTER: "Register permohonan diunduh",
        Act.CASE_REPORT: "Laporan bulanan dibuat",
        Act.CASE_BUNDLE: "Kumpulan bukti SPBE dibuat",
        Act.CONFLICT_DECIDE: "Tidak Padan diputus",
        Act.CONFLICT_TAKE_BACK: "Keputusan Tidak Padan ditarik kembali",
        Act.JOB_PAUSE: "Pekerjaan dijeda",
        Act.JOB_RESUME: "Pekerjaan dilanjutkan",
        Act.JOB_CANCEL: "Pekerjaan dibatalkan",
        Act.NOTICE_ACKNOWLEDGE: "Pemberitahuan ditandai sedang ditangani",
        Act.NOTICE_SILENCE: "Pemberitahuan dibisukan sampai suatu waktu",
        Act.NOTICE_CLOSE: "Pemberitahuan ditutup",
        Act.WEBHOOK_ADD: "Webhook ditambahkan",
        Act.WEBHOOK_RENEW: "Kunci webhook diganti",
        Act.WEBHOOK_DISABLE: "Webhook dimatikan",
        Act.CALENDAR_CLOSE: "Hari kerja diliburkan",
        Act.CALENDAR_OPEN: "Hari libur dijadikan hari kerja",
    }
)
