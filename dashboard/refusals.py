"""What a request gets instead of its page: each error of the room and each status, in one place."""

from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import urlencode

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response

from dashboard import cookies
from dashboard.errors import Crowded, Forbidden, NotOurForm, NotSignedIn, SourceAway
from dashboard.guard import SAFE
from dashboard.onward import HOME
from dashboard.pages import Pages
from dashboard.rest.callers import API
from dashboard.rest.problems import Problem
from dashboard.visit import Visit
from identity.permissions import ROLE_TITLES, TABLE, TITLES, Permission, Reach

AGAIN_S = 5  # after this the page that says that the database is away asks again by itself
FAULTS = {
    400: ("Permintaan tidak terbaca", "Isi yang dikirim bukan isian halaman ini. Mohon buka lagi dari menu."),
    404: ("Halaman tidak ditemukan", "Alamat ini tidak ada. Mohon periksa ketikannya, atau buka dari menu."),
    405: ("Cara membuka tidak sesuai", "Alamat ini tidak dapat dibuka dengan cara itu. Mohon buka dari menu."),
    413: ("Isian terlalu besar", "Isian lebih dari 1 MB, atau berkas lebih dari 20 MB, belum disimpan. Mohon ringkas."),
    415: ("Permintaan tidak terbaca", "Isi yang dikirim bukan isian halaman ini. Mohon buka lagi dari menu."),
    422: ("Alamat tidak lengkap", "Bagian di belakang tanda tanya pada alamat tidak dikenali. Mohon buka dari menu."),
}
OTHER_FAULT = (
    "Halaman gagal dibuat",
    "Ada kesalahan pada Simpul, bukan pada Anda, dan sudah tercatat. Mohon coba lagi.",
)


def install(app: FastAPI, pages: Pages) -> None:
    """Every error that a page or an address for programs may raise has its answer."""
    _install_faults(app, pages)
    _install_doors(app, pages)


def _install_faults(app: FastAPI, pages: Pages) -> None:
    """What is not there, cannot be understood, or does not answer."""

    @app.exception_handler(Problem)
    async def problem(_request: Request, error: Problem) -> Response:
        return error.answer()

    @app.exception_handler(HTTPException)
    async def refused(request: Request, error: HTTPException) -> Response:
        if is_for_programs(request):
            return of_status(error.status_code).answer()
        return fault(pages, error.status_code, known(request), error.headers)

    @app.exception_handler(RequestValidationError)
    async def not_understood(request: Request, _error: RequestValidationError) -> Response:
        if is_for_programs(request):
            return Problem("nilai-tidak-sah").answer()
        return fault(pages, 422, known(request))

    @app.exception_handler(SourceAway)
    async def away(request: Request, _error: SourceAway) -> Response:
        if is_for_programs(request):
            return Problem("basis-data-tidak-menjawab", headers={"Retry-After": str(AGAIN_S)}).answer()
        return is_away(pages, known(request))

    @app.exception_handler(Crowded)
    async def crowded(request: Request, _error: Crowded) -> Response:
        text = "Terlalu banyak orang masuk pada saat yang sama. Mohon coba lagi sebentar."
        response = pages.fault(known(request), "Mohon tunggu sebentar", text, status=503, act="Coba lagi", way="/masuk")
        response.headers["Retry-After"] = str(AGAIN_S)
        return response


def _install_doors(app: FastAPI, pages: Pages) -> None:
    """Who may not pass."""

    @app.exception_handler(NotSignedIn)
    async def unknown(request: Request, error: NotSignedIn) -> Response:
        return to_the_door(request, error)

    @app.exception_handler(Forbidden)
    async def forbidden(request: Request, error: Forbidden) -> Response:
        if error.for_programs:
            return PlainTextResponse("Bukan untuk peran Anda.", status_code=403)
        return no_right(pages, known(request), error.permission)

    @app.exception_handler(NotOurForm)
    async def not_ours(request: Request, _error: NotOurForm) -> Response:
        text = (
            "Isian ini tidak berasal dari halaman yang sedang terbuka, atau halamannya sudah lama. "
            "Tidak ada yang diubah; mohon buka lagi halamannya, lalu ulangi."
        )
        visit = known(request)
        return pages.fault(visit, "Isian tidak diterima", text, status=403, act="Ke beranda", way=HOME)


def is_for_programs(request: Request) -> bool:
    """Whether the answer is read by a program: a problem then, no page."""
    return request.url.path.startswith(API)


def of_status(status: int) -> Problem:
    """What the framework refused, as a problem."""
    return Problem({404: "alamat-tidak-ada", 405: "cara-tidak-dilayani"}.get(status, "nilai-tidak-sah"))


def of_ours(pages: Pages, path: str, now: datetime) -> Response:
    """The answer when a fault of ours was in the way, of which nothing is told."""
    return Problem("kesalahan-simpul").answer() if path.startswith(API) else fault(pages, 500, Visit(now))


def known(request: Request) -> Visit:
    """Who asks, if the guard has come so far."""
    visit: Visit = getattr(request.state, "visit", Visit(datetime.now(UTC)))
    return visit


def fault(pages: Pages, status: int, visit: Visit, headers: Mapping[str, str] | None = None) -> HTMLResponse:
    title, text = FAULTS.get(status, OTHER_FAULT)
    response = pages.fault(visit, title, text, status=status, act="Ke halaman utama", way=HOME)
    response.headers.update(headers or {})
    return response


def is_away(pages: Pages, visit: Visit) -> HTMLResponse:
    """The page while PostgreSQL does not answer; the browser asks again by itself."""
    text = (
        "Data dari OPD tetap aman di Kafka dan diolah setelah pulih. "
        f"Halaman ini mencoba lagi sendiri setiap {AGAIN_S} detik; bila lebih dari beberapa menit, "
        "mohon periksa basis data dengan perintah ./simpul status."
    )
    response = pages.fault(visit, "Basis data tidak menjawab", text, status=503, act="Coba lagi", again_s=AGAIN_S)
    response.headers["Retry-After"] = str(AGAIN_S)
    return response


def to_the_door(request: Request, error: NotSignedIn) -> Response:
    """To the sign-in page, and back here afterwards; a program gets 401."""
    if error.for_programs:
        return PlainTextResponse("Mohon masuk dahulu.", status_code=401)
    query = {}
    if request.method in SAFE and request.url.path != HOME:
        query["lanjut"] = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    if error.ended:
        query["sebab"] = "berakhir"
    response = RedirectResponse("/masuk" + (f"?{urlencode(query)}" if query else ""), status_code=303)
    if error.ended:
        cookies.take_back(response, request, cookies.SESSION)
    return response


def no_right(pages: Pages, visit: Visit, permission: Permission) -> HTMLResponse:
    """The page is there, and not for this person: whose it is, and whom to ask."""
    having = [ROLE_TITLES[role] for role, row in TABLE.items() if row[permission] is not Reach.NONE]
    text = (
        f"Anda masuk sebagai {visit.office or 'pengguna tanpa peran yang berlaku'}. "
        f"{TITLES[permission]} adalah hak {' atau '.join(filter(None, [', '.join(having[:-1]), *having[-1:]]))}. "
        "Bila Anda memerlukannya, mohon hubungi administrator."
    )
    title = "Halaman ini bukan untuk peran Anda"
    return pages.fault(visit, title, text, status=403, act="Ke beranda", way=HOME, look="held")
