"""Papers as Office Open XML text (ISO/IEC 29500, transitional), for who goes on writing in them."""

from collections.abc import Iterator
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from sop.papers.flow import Grid, Line, Look, Turn, flow
from sop.papers.parts import Paper
from sop.papers.zipped import container

_XML: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_SPACE: Final = ' xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_RELATED: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_WORD: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_TWIPS: Final = 567  # in a centimetre
_WIDTHS: Final = {False: int(16.5 * _TWIPS), True: int(26.7 * _TWIPS)}
_CENTRED: Final = '<w:jc w:val="center"/>'
_NEAR: Final = '<w:spacing w:before="{0}" w:after="{1}"/>'
_BOTTOM: Final = '<w:pBdr><w:bottom w:val="{0}" w:sz="{1}" w:space="2" w:color="000000"/></w:pBdr>'
_BETWEEN: Final = '<w:between w:val="dotted" w:sz="4" w:space="2" w:color="000000"/></w:pBdr>'
_MONO: Final = '<w:rFonts w:ascii="Liberation Mono" w:hAnsi="Liberation Mono"/>'
# Of each style: properties of the paragraph in the order of the schema, and of its text; sizes are half points.
_LOOKS: Final = {
    Look.HEAD: (_NEAR.format(0, 0) + _CENTRED, '<w:sz w:val="26"/>'),
    Look.HEAD_OFFICE: (_NEAR.format(0, 0) + _CENTRED, '<w:b/><w:sz w:val="30"/>'),
    Look.HEAD_CONTACT: (_BOTTOM.format("double", 12) + _NEAR.format(0, 280) + _CENTRED, '<w:sz w:val="19"/>'),
    Look.TITLE: (_NEAR.format(0, 0) + _CENTRED, '<w:b/><w:sz w:val="26"/>'),
    Look.CENTRED: (_NEAR.format(0, 0) + _CENTRED, ""),
    Look.NAME: (_NEAR.format(0, 0) + _CENTRED, "<w:b/>"),
    Look.HEADING: ("<w:keepNext/>" + _NEAR.format(260, 120) + '<w:outlineLvl w:val="0"/>', "<w:b/>"),
    Look.CAPTION: ("<w:keepNext/>" + _NEAR.format(160, 60), '<w:i/><w:sz w:val="22"/>'),
    Look.BODY: (_NEAR.format(0, 60), ""),
    Look.ITEM: (_NEAR.format(0, 60) + '<w:ind w:left="340" w:hanging="340"/>', ""),
    Look.CELL: (_NEAR.format(0, 0), '<w:sz w:val="18"/>'),
    Look.CELL_RIGHT: (_NEAR.format(0, 0) + '<w:jc w:val="right"/>', '<w:sz w:val="18"/>'),
    Look.CELL_CODE: (_NEAR.format(0, 0), _MONO + '<w:sz w:val="16"/>'),
    Look.CELL_HEAD: (_NEAR.format(0, 0) + _CENTRED, '<w:b/><w:sz w:val="18"/>'),
    Look.LABEL: (_NEAR.format(0, 0), '<w:color w:val="505050"/><w:sz w:val="18"/>'),
    Look.RULED: (_BOTTOM.format("dotted", 4).replace("</w:pBdr>", _BETWEEN) + _NEAR.format(200, 0), ""),
    Look.ROOM: (_NEAR.format(1000, 0), ""),
}


def docx(paper: Paper) -> bytes:
    """The file. The same paper is the same bytes."""
    return container(
        [
            ("[Content_Types].xml", _TYPES.encode()),
            ("_rels/.rels", _relations(("officeDocument", "word/document.xml"), ("core", "docProps/core.xml"))),
            ("word/document.xml", _document(paper).encode()),
            (
                "word/_rels/document.xml.rels",
                _relations(("styles", "styles.xml"), ("header", "header1.xml"), ("footer", "footer1.xml")),
            ),
            ("word/styles.xml", _STYLES.encode()),
            ("word/header1.xml", _header(paper).encode()),
            ("word/footer1.xml", _footer(paper).encode()),
            ("docProps/core.xml", _core(paper).encode()),
        ]
    )


def _document(paper: Paper) -> str:
    body, wide = list[str](), False
    for element in flow(paper):
        match element:
            case Turn():
                if body:
                    body.append(f"<w:p><w:pPr>{_section(wide)}</w:pPr></w:p>")
                wide = element.wide
            case Line():
                body.append(_paragraph(element))
            case Grid():
                body += _grid(element, _WIDTHS[wide])
    whole = "".join(body) + _section(wide)
    return f'{_XML}<w:document{_SPACE} xmlns:r="{_RELATED}"><w:body>{whole}</w:body></w:document>'


def _section(wide: bool) -> str:  # noqa: FBT001 - which way
    """What ends a stretch of pages and says how they lie."""
    size = 'w:w="16838" w:h="11906" w:orient="landscape"' if wide else 'w:w="11906" w:h="16838"'
    sides = 'w:right="850" w:left="850"' if wide else 'w:right="1134" w:left="1417"'
    return (
        '<w:sectPr><w:headerReference w:type="default" r:id="rId2"/><w:footerReference w:type="default" r:id="rId3"/>'
        f'<w:pgSz {size}/><w:pgMar w:top="1020" {sides} w:bottom="1134" w:header="400" w:footer="500" w:gutter="0"/>'
        "</w:sectPr>"
    )


def _paragraph(line: Line) -> str:
    style = f'<w:pPr><w:pStyle w:val="{_id(line.look)}"/></w:pPr>'
    return f'<w:p>{style}<w:r><w:t xml:space="preserve">{escape(line.text)}</w:t></w:r></w:p>'


def _grid(grid: Grid, width: int) -> Iterator[str]:
    widths = [round(width * share / sum(grid.shares)) for share in grid.shares]
    edge = '<w:{0} w:val="single" w:sz="4" w:space="0" w:color="5A5A5A"/>'
    edges = "".join(edge.format(side) for side in ("top", "left", "bottom", "right", "insideH", "insideV"))
    columns = "".join(f'<w:gridCol w:w="{each}"/>' for each in widths)
    borders = f"<w:tblBorders>{edges}</w:tblBorders>" if grid.ruled else ""
    yield (
        f'<w:tbl><w:tblPr><w:tblW w:w="{sum(widths)}" w:type="dxa"/>{borders}<w:tblLayout w:type="fixed"/></w:tblPr>'
        f"<w:tblGrid>{columns}</w:tblGrid>"
    )
    for at, row in enumerate(grid.rows):
        head = at == 0 and grid.headed
        again = "<w:tblHeader/>" if head else ""
        shade = '<w:shd w:val="clear" w:color="auto" w:fill="E8E8E8"/>' if head else ""
        cells = "".join(
            f'<w:tc><w:tcPr><w:tcW w:w="{wide}" w:type="dxa"/>{shade}</w:tcPr>{"".join(map(_paragraph, cell))}</w:tc>'
            for wide, cell in zip(widths, row, strict=True)
        )
        yield f"<w:tr><w:trPr><w:cantSplit/>{again}</w:trPr>{cells}</w:tr>"
    yield "</w:tbl>"
    size = '<w:rPr><w:sz w:val="2"/></w:rPr>' if grid.ruled and not grid.headed else ""
    yield f'<w:p><w:pPr><w:spacing w:before="0" w:after="0"/>{size}</w:pPr></w:p>'  # tables that touch become one


def _header(paper: Paper) -> str:
    mark = "KONSEP" if paper.is_draft else ""
    text = '<w:rPr><w:b/><w:color w:val="B0B0B0"/><w:sz w:val="32"/></w:rPr>'
    return f"{_XML}<w:hdr{_SPACE}><w:p><w:pPr>{_CENTRED}</w:pPr><w:r>{text}<w:t>{mark}</w:t></w:r></w:p></w:hdr>"


def _footer(paper: Paper) -> str:
    mark = "KONSEP" if paper.is_draft else ""
    told = escape(" · ".join(filter(None, (mark, paper.case, paper.title))))
    small = '<w:rPr><w:sz w:val="16"/></w:rPr>'

    def text(words: str) -> str:
        return f'<w:r>{small}<w:t xml:space="preserve">{words}</w:t></w:r>'

    def number(what: str) -> str:
        return f'<w:fldSimple w:instr="{what}"><w:r>{small}<w:t>1</w:t></w:r></w:fldSimple>'

    line = text(f"{told} · Halaman ") + number("PAGE") + text(" dari ") + number("NUMPAGES")
    return f"{_XML}<w:ftr{_SPACE}><w:p>{line}</w:p></w:ftr>"


def _core(paper: Paper) -> str:
    at = f"{paper.on.isoformat()}T00:00:00Z"
    return (
        f'{_XML}<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/"'
        ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<dc:title>{escape(paper.title)} {escape(paper.case)}</dc:title><dc:creator>Simpul</dc:creator>"
        f'<dcterms:created xsi:type="dcterms:W3CDTF">{at}</dcterms:created></cp:coreProperties>'
    )


def _relations(*parts: tuple[str, str]) -> bytes:
    core = "http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties"
    told = "".join(
        f'<Relationship Id="rId{at}" Type="{core if kind == "core" else f"{_RELATED}/{kind}"}" Target="{target}"/>'
        for at, (kind, target) in enumerate(parts, 1)
    )
    space = "http://schemas.openxmlformats.org/package/2006/relationships"
    return f'{_XML}<Relationships xmlns="{space}">{told}</Relationships>'.encode()


def _id(look: Look) -> str:
    return look.replace(" ", "")


_STYLES: Final = (
    f'{_XML}<w:styles{_SPACE}><w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii="Liberation Serif"'
    ' w:hAnsi="Liberation Serif" w:cs="Liberation Serif"/><w:sz w:val="24"/><w:lang w:val="id-ID"/></w:rPr>'
    "</w:rPrDefault></w:docDefaults>"
    '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/></w:style>'
    + "".join(
        f'<w:style w:type="paragraph" w:customStyle="1" w:styleId="{_id(look)}"><w:name w:val={quoteattr(look)}/>'
        f'<w:basedOn w:val="Normal"/><w:qFormat/><w:pPr>{paragraph}</w:pPr><w:rPr>{text}</w:rPr></w:style>'
        for look, (paragraph, text) in _LOOKS.items()
    )
    + "</w:styles>"
)
_TYPES: Final = (
    f'{_XML}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.core-properties+xml"/>'
    + "".join(
        f'<Override PartName="/word/{part}.xml" ContentType="{_WORD}.{kind}+xml"/>'
        for part, kind in (
            ("document", "document.main"),
            ("styles", "styles"),
            ("header1", "header"),
            ("footer1", "footer"),
        )
    )
    + "</Types>"
)
