"""Papers as OpenDocument text (ISO/IEC 26300), for who goes on writing in them."""

from collections.abc import Iterator
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from sop.papers.flow import Element, Grid, Line, Look, Turn, flow
from sop.papers.parts import Paper
from sop.papers.zipped import container
from sop.slots import ODT

_SPACES: Final = (
    ' xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
    ' xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0"'
    ' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
    ' xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
    ' xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0"'
    ' xmlns:meta="urn:oasis:names:tc:opendocument:xmlns:meta:1.0"'
    ' xmlns:dc="http://purl.org/dc/elements/1.1/" office:version="1.3"'
)
_XML: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'
_WIDTHS: Final = {False: 16.5, True: 26.7}  # cm between the margins: upright, wide
_PAGES: Final = {False: "Standard", True: "Mendatar"}
# Paragraph and text properties of each style.
_LOOKS: Final = {
    Look.HEAD: ('fo:text-align="center"', 'fo:font-size="13pt"'),
    Look.HEAD_OFFICE: ('fo:text-align="center"', 'fo:font-size="15pt" fo:font-weight="bold"'),
    Look.HEAD_CONTACT: (
        'fo:text-align="center" fo:border-bottom="2.5pt double #000000" fo:padding-bottom="0.1cm"'
        ' fo:margin-bottom="0.5cm"',
        'fo:font-size="9.5pt"',
    ),
    Look.TITLE: ('fo:text-align="center"', 'fo:font-size="13pt" fo:font-weight="bold"'),
    Look.CENTRED: ('fo:text-align="center"', ""),
    Look.NAME: ('fo:text-align="center"', 'fo:font-weight="bold"'),
    Look.HEADING: (
        'fo:margin-top="0.45cm" fo:margin-bottom="0.2cm" fo:keep-with-next="always"',
        'fo:font-weight="bold"',
    ),
    Look.CAPTION: (
        'fo:margin-top="0.3cm" fo:margin-bottom="0.1cm" fo:keep-with-next="always"',
        'fo:font-size="11pt" fo:font-style="italic"',
    ),
    Look.BODY: ('fo:margin-bottom="0.1cm"', ""),
    Look.ITEM: ('fo:margin-left="0.6cm" fo:text-indent="-0.6cm" fo:margin-bottom="0.1cm"', ""),
    Look.CELL: ("", 'fo:font-size="9pt"'),
    Look.CELL_RIGHT: ('fo:text-align="end"', 'fo:font-size="9pt"'),
    Look.CELL_CODE: ("", 'style:font-name="Mono" fo:font-size="8pt"'),
    Look.CELL_HEAD: ('fo:text-align="center"', 'fo:font-size="9pt" fo:font-weight="bold"'),
    Look.LABEL: ("", 'fo:font-size="9pt" fo:color="#505050"'),
    Look.RULED: ('fo:border-bottom="0.5pt dotted #808080" fo:margin-top="0.35cm" style:join-border="false"', ""),
    Look.ROOM: ('fo:margin-top="1.8cm"', ""),
}


def odt(paper: Paper) -> bytes:
    """The file. The same paper is the same bytes."""
    return container(
        [
            ("mimetype", ODT.encode()),
            ("content.xml", _content(paper).encode()),
            ("styles.xml", _styles(paper).encode()),
            ("meta.xml", _meta(paper).encode()),
            ("META-INF/manifest.xml", _MANIFEST.encode()),
        ]
    )


def _content(paper: Paper) -> str:
    styles, body = _Styles(), list[str]()
    turned: bool | None = None  # what the next element has to turn the page to
    for element in flow(paper):
        if isinstance(element, Turn):
            turned = styles.wide = element.wide
            continue
        if turned is not None:
            body.append(_turning(turned))
            turned = None
        body += styles.element(element)
    made = "".join(styles.made)
    return (
        f"{_XML}<office:document-content{_SPACES}><office:automatic-styles>{_TURNS}{made}</office:automatic-styles>"
        f"<office:body><office:text>{''.join(body)}</office:text></office:body></office:document-content>"
    )


def _turning(wide: bool) -> str:  # noqa: FBT001 - which way
    return f'<text:p text:style-name="Balik{_PAGES[wide]}"/>'


class _Styles:
    """Writes elements, and the styles of the grids among them, which are named in their order."""

    def __init__(self) -> None:
        self.wide = False
        self.made: list[str] = []
        self.count = 0

    def element(self, element: Element) -> Iterator[str]:
        if isinstance(element, Line):
            yield _paragraph(element)
        elif isinstance(element, Grid):
            yield from self._grid(element)

    def _grid(self, grid: Grid) -> Iterator[str]:
        self.count += 1
        name, width = f"T{self.count}", _WIDTHS[self.wide]
        below = "0.2cm" if grid.headed or not grid.ruled else "0cm"  # the rows of a form are grids that touch
        self.made.append(
            f'<style:style style:name="{name}" style:family="table"><style:table-properties style:width="{width}cm"'
            f' table:align="left" fo:margin-bottom="{below}" style:may-break-between-rows="true"/></style:style>'
        )
        yield f'<table:table table:style-name="{name}">'
        for at, share in enumerate(grid.shares):
            cm = f"{width * share / sum(grid.shares):.3f}cm"
            self.made.append(
                f'<style:style style:name="{name}.{at}" style:family="table-column">'
                f'<style:table-column-properties style:column-width="{cm}"/></style:style>'
            )
            yield f'<table:table-column table:style-name="{name}.{at}"/>'
        for at, row in enumerate(grid.rows):
            head = at == 0 and grid.headed
            style = "SelJudul" if head else "SelBergaris" if grid.ruled else "SelPolos"
            cells = "".join(
                f'<table:table-cell table:style-name="{style}" office:value-type="string">'
                f"{''.join(map(_paragraph, cell))}</table:table-cell>"
                for cell in row
            )
            line = f"<table:table-row>{cells}</table:table-row>"
            yield f"<table:table-header-rows>{line}</table:table-header-rows>" if head else line
        yield "</table:table>"


def _paragraph(line: Line) -> str:
    return f'<text:p text:style-name="{_encoded(line.look)}">{escape(line.text)}</text:p>'


def _encoded(look: Look) -> str:
    """The name of a style as XML has it; the one that people read stands beside it."""
    return look.replace(" ", "_20_")


def _styles(paper: Paper) -> str:
    looks = "".join(
        f'<style:style style:name="{_encoded(look)}" style:display-name={quoteattr(look)} style:family="paragraph">'
        f"<style:paragraph-properties {paragraph}/><style:text-properties {text}/></style:style>"
        for look, (paragraph, text) in _LOOKS.items()
    )
    mark = "KONSEP" if paper.is_draft else ""
    foot = escape(" · ".join(filter(None, (mark, paper.case, paper.title))))
    masters = "".join(
        f'<style:master-page style:name="{name}" style:page-layout-name="{name}">'
        f'<style:header><text:p text:style-name="Tanda">{mark}</text:p></style:header>'
        f'<style:footer><text:p text:style-name="Kaki">{foot}<text:tab/>Halaman <text:page-number/> dari '
        "<text:page-count/></text:p></style:footer></style:master-page>"
        for name in _PAGES.values()
    )
    return (
        f"{_XML}<office:document-styles{_SPACES}>{_FONTS}<office:styles>{_DEFAULT}{looks}</office:styles>"
        f"<office:automatic-styles>{_LAYOUTS}</office:automatic-styles>"
        f"<office:master-styles>{masters}</office:master-styles></office:document-styles>"
    )


def _meta(paper: Paper) -> str:
    return (
        f"{_XML}<office:document-meta{_SPACES}><office:meta><meta:generator>Simpul</meta:generator>"
        f"<dc:title>{escape(paper.title)} {escape(paper.case)}</dc:title>"
        f"<meta:creation-date>{paper.on.isoformat()}T00:00:00</meta:creation-date></office:meta></office:document-meta>"
    )


_FONTS: Final = (
    '<office:font-face-decls xmlns:svg="urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0">'
    '<style:font-face style:name="Serif" style:font-family-generic="roman" svg:font-family="Liberation Serif"/>'
    '<style:font-face style:name="Mono" style:font-family-generic="modern" svg:font-family="Liberation Mono"/>'
    "</office:font-face-decls>"
)
_DEFAULT: Final = (
    '<style:default-style style:family="paragraph"><style:paragraph-properties fo:hyphenation-ladder-count="no-limit"/>'
    '<style:text-properties style:font-name="Serif" fo:font-size="12pt" fo:language="id" fo:country="ID"/>'
    "</style:default-style>"
    '<style:style style:name="Tanda" style:family="paragraph"><style:paragraph-properties fo:text-align="center"/>'
    '<style:text-properties fo:font-size="16pt" fo:font-weight="bold" fo:color="#b0b0b0"/></style:style>'
    '<style:style style:name="Kaki" style:family="paragraph"><style:text-properties fo:font-size="8pt"/></style:style>'
)
_TURNS: Final = "".join(
    f'<style:style style:name="Balik{name}" style:family="paragraph" style:master-page-name="{name}">'
    '<style:paragraph-properties fo:margin-bottom="0cm"/><style:text-properties fo:font-size="2pt"/></style:style>'
    for name in _PAGES.values()
) + "".join(
    f'<style:style style:name="{name}" style:family="table-cell"><style:table-cell-properties fo:padding="0.1cm"'
    f' fo:border="{border}"{more}/></style:style>'
    for name, border, more in (
        ("SelPolos", "none", ""),
        ("SelBergaris", "0.5pt solid #5a5a5a", ""),
        ("SelJudul", "0.5pt solid #5a5a5a", ' fo:background-color="#e8e8e8"'),
    )
)
_LAYOUTS: Final = "".join(
    f'<style:page-layout style:name="{name}"><style:page-layout-properties fo:page-width="{width}"'
    f' fo:page-height="{height}" style:print-orientation="{way}" fo:margin-top="1.2cm" fo:margin-bottom="1.2cm"'
    f' fo:margin-left="{left}"'
    f' fo:margin-right="{right}"/><style:header-style/><style:footer-style/></style:page-layout>'
    for name, width, height, way, left, right in (
        ("Standard", "21cm", "29.7cm", "portrait", "2.5cm", "2cm"),
        ("Mendatar", "29.7cm", "21cm", "landscape", "1.5cm", "1.5cm"),
    )
)
_MANIFEST: Final = (
    f'{_XML}<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"'
    ' manifest:version="1.3">'
    f'<manifest:file-entry manifest:full-path="/" manifest:version="1.3" manifest:media-type="{ODT}"/>'
    + "".join(
        f'<manifest:file-entry manifest:full-path="{name}.xml" manifest:media-type="text/xml"/>'
        for name in ("content", "styles", "meta")
    )
    + "</manifest:manifest>"
)
