"""The page that shows every part of the look in every state."""

from starlette.responses import Response

from dashboard.addresses import Addresses
from dashboard.forms import Form
from dashboard.guard import CurrentVisit
from dashboard.site import CurrentSite
from dashboard.sparkline import spark
from identity.permissions import Permission

addresses = Addresses()
CURVE = (0.1, 0.2, 0.8, 2.1, 2.6, 3.0, 2.9)


@addresses.page("/komponen", Permission.VIEW_COMPONENTS)
def components(site: CurrentSite, visit: CurrentVisit) -> Response:
    form = Form.of(**{"c-nik": "***********9001", "c-tanggal": "30-02-2026", "c-nomor": "PI-2026-0009"})
    form.refuse("c-nik", "NIK baru 15 digit. Mohon ketik 16 digit tanpa spasi.")
    form.refuse("c-tanggal", "Tanggal 30 Februari tidak ada. Mohon periksa akta.")
    return site.pages.page("components.html", visit, form=form, curve=spark(CURVE))
