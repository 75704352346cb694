"""The parts of the books that are made from the code, between `<!-- made:<name> -->` and `<!-- end -->`.

python -m tests.structure.books      writes them into the books
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from base import instance, instance_tables
from base.calendar import pinned
from base.instance import Instance
from cli.main import COMMANDS, command_line
from cli.preparation import contracts
from cli.settings import ROOT, Settings
from hub_db.sqlstate import ROADS
from identity.acts import TITLES as ACT_TITLES
from identity.permissions import (
    ROLE_TITLES,
    ROLES_OF_ANY_OPD,
    ROLES_WITH_SECOND_FACTOR,
    ROWS,
    TABLE,
    TOKEN_PERMISSIONS,
    Reach,
    Role,
)
from producers.synthetic.kinds import KINDS
from registry.provisioning.rights import Pattern
from registry.provisioning.wanted import wanted_of_seed
from schemas.expressions import FUNCTIONS, MACROS, WORDS
from schemas.formats import FORMATS
from schemas.names import TopicName
from schemas.reasons import REASONS
from schemas.sop_topics import FACTS, STATUS, schema
from sop import procedure as procedures
from sop.errors import Rule

SAMPLE = "disdukcapil"
BOOKS = Path("docs/reference")
MADE = re.compile(r"<!-- made:([a-z-]+) -->\n(.*?)<!-- end -->", re.DOTALL)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(map(escaped, line))} |\n" for line in lines)


def escaped(cell: str) -> str:
    """A cell as Markdown wants it; `<opd>` in a sentence would be taken for HTML."""
    return (cell if cell.startswith("`") else cell.replace("<", "\\<")).replace("|", "\\|")


def codes() -> str:
    rows = ((f"`{code}`", f"`{reason.fault}`", reason.meaning, reason.remedy) for code, reason in REASONS.items())
    return table(("code", "fault", "meaning", "what the agency reads"), rows)


def formats() -> str:
    rows = ((f"`{known.name}`", known.label, known.expected, str(known.kind)) for known in FORMATS.values())
    return table(("format", "is", "expected", "type"), rows)


def format_codes() -> str:
    rows = []
    for known in FORMATS.values():
        if known.pattern is not None:
            rows.append((f"`{known.form_code}`", f"`{known.name}`", known.expected))
        rows += [(f"`{check.code}`", f"`{known.name}`", check.expected) for check in known.checks]
    return table(("code", "format", "expected"), rows)


def rules() -> str:
    words, functions = (", ".join(f"`{word}`" for word in sorted(part)) for part in (WORDS, FUNCTIONS))
    own = ((f"`{name}({', '.join(macro.parameters)})`", macro.meaning) for name, macro in MACROS.items())
    return f"Words: {words}. Functions: {functions}.\n\n" + table(("our own function", "is"), own)


def sqlstates() -> str:
    rows = ((f"`{prefix}`", road.value) for prefix, road in ROADS.items())
    return table(("SQLSTATE begins with", "what the worker does"), rows)


def kinds() -> str:
    rows = (
        (
            f"`{name}`",
            f"`{kind.expected}`",
            f"`{kind.fault}`" if kind.fault else "",
            f"`{kind.code}`" if kind.code else "",
        )
        for name, kind in KINDS.items()
    )
    return table(("kind", "expected", "fault", "code"), rows)


def rights() -> str:
    """One OPD stands for all of them."""
    contract = next(each for each in contracts(None) if each.opd == SAMPLE)
    found: dict[tuple[str, str, str], list[str]] = {}
    for right in sorted(wanted_of_seed([contract]).rights):
        name = right.name + ("…" if right.pattern is Pattern.PREFIXED else "")
        name = name.replace(contract.document, "<document>").replace(contract.entity, "<entity>")
        place = tuple(part.replace(SAMPLE, "<opd>") for part in (right.principal, right.resource, name))
        found.setdefault((place[0], place[1], place[2]), []).append(right.operation)
    rows = ((f"`{who}`", kind, f"`{name}`", ", ".join(what)) for (who, kind, name), what in found.items())
    return table(("principal", "on", "name", "may"), rows)


def acts() -> str:
    return table(("act", "is"), ((f"`{act}`", ACT_TITLES[act]) for act in sorted(ACT_TITLES)))


def settings() -> str:
    rows = []
    for name, field in Settings.model_fields.items():
        variable = str(field.validation_alias or f"SIMPUL_{name.upper()}")
        rows.append((f"`{variable}`", f"`{name}`", default(field.default), field.description or ""))
    return table(("variable", "key in simpul.toml", "default", "meaning"), rows)


def commands() -> str:
    return "".join(section(name) for name, command in COMMANDS.items() if not command.hidden)


def processes() -> str:
    return "".join(section(name) for name, command in COMMANDS.items() if command.hidden)


def section(name: str) -> str:
    """A command with its arguments and options, and the same of the commands under it."""
    group: Any = command_line([name])
    parts = [f"### simpul {name}\n\n{COMMANDS[name].help}\n"]
    for path, command in under(f"simpul {name}", group.commands[name]):
        if path != f"simpul {name}":
            parts.append(f"`{path}`: {command.help}\n")
        rows = [(spelling(each), getattr(each, "help", None) or "") for each in command.params if not hidden(each)]
        if rows:
            parts.append(table(("", ""), rows))
    return "\n".join(parts) + "\n"


def under(path: str, command: Any) -> Iterator[tuple[str, Any]]:
    """The command and, if it is a group, those under it, each with its whole name."""
    yield path, command
    for name, inner in getattr(command, "commands", {}).items():
        yield from under(f"{path} {name}", inner)


def hidden(parameter: Any) -> bool:
    return bool(getattr(parameter, "hidden", False))


def spelling(parameter: Any) -> str:
    """How a parameter is written: `--detach, -d`, or `BERKAS` for an argument."""
    if parameter.param_type_name == "argument":
        return f"`{parameter.metavar or parameter.name.upper()}`"
    return f"`{', '.join(parameter.opts)}`"


def default(value: Any) -> str:
    """A setting's default; paths of this repository as they are seen from its root."""
    if value is PydanticUndefined or value is None or value == "":
        return "–"
    if isinstance(value, Path):
        return f"`{value.relative_to(ROOT)}`"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def instance_keys() -> str:
    """Each table of the instance file with its keys."""
    tables: dict[str, type[BaseModel]] = {
        "[daerah]": instance_tables.Region,
        "[kop]": instance_tables.Letterhead,
        "[sop]": instance_tables.Procedure,
        "[nomor]": instance_tables.Numbers,
        "[setempat]": instance_tables.Marks,
        "[jam]": instance_tables.Hours,
        "[dokumen]": instance_tables.Documents,
        "[[dokumen.turunan]]": instance_tables.Derived,
        "[[opd]]": instance_tables.Agency,
        "[[libur]]": instance_tables.Closure,
    }
    told = {name.strip("[]").partition(".")[0] for name in tables} - {"daerah"}
    if told != Instance.model_fields.keys() - instance_tables.Region.model_fields.keys():
        raise KeyError("a table of the instance is not in its book")
    parts = []
    for name, model in tables.items():
        rows = [(f"`{key}`", shown(field), field.description or "") for key, field in model.model_fields.items()]
        parts.append(f"## `{name}`\n\n{table(('key', 'default', 'meaning'), rows)}")
    return "\n".join(parts) + "\n"


def shown(field: Any) -> str:
    """A key's default as the file would have it; – for a key that must be there."""
    if field.is_required() or field.default is None:
        return "–" if field.is_required() else "none"
    if isinstance(field.default, instance_tables.Span):
        return f"`{{ mulai = {field.default.mulai}, selesai = {field.default.selesai} }}`"
    if isinstance(field.default, tuple):
        return f"`{json.dumps(field.default)}`"
    return f'`"{field.default}"`'


def calendar_years() -> str:
    known = pinned()
    rows = (
        (str(year), str(known.working_days(year)), str(len(known.days_off(year))), decree or "none yet: estimates")
        for year, decree in known.decrees.items()
    )
    return table(("year", "working days", "days off", "decree"), rows)


def sop_fields(topic: TopicName) -> str:
    """The fields of one of the hub's own topics."""
    here = instance.load(ROOT / "instansi.toml")
    rows = []
    for field in schema(topic, here)["fields"]:
        kinds = field["type"] if isinstance(field["type"], list) else [field["type"]]
        names = [each if isinstance(each, str) else each.get("logicalType", each["type"]) for each in kinds]
        meaning = field["doc"] + (": " + ", ".join(f"`{kind}`" for kind in field["enum"]) if "enum" in field else "")
        rows.append((f"`{field['name']}`", " or ".join(names), meaning))
    return table(("field", "type", "meaning"), rows)


def roles() -> str:
    rows = (
        (
            f"`{role}`",
            ROLE_TITLES[role],
            "any" if role in ROLES_OF_ANY_OPD else "the data guardian",
            "yes" if role in ROLES_WITH_SECOND_FACTOR else "",
        )
        for role in Role
    )
    return table(("role", "title", "held in", "second factor"), rows)


def permissions() -> str:
    words = {Reach.NONE: "", Reach.OWN: "own", Reach.ALL: "all"}
    rows = (
        (
            f"`{row.permission}`",
            row.title,
            *(words[TABLE[role][row.permission]] for role in Role),
            "yes" if row.permission in TOKEN_PERMISSIONS else "",
        )
        for row in ROWS
    )
    return table(("permission", "lets one", *(f"`{role}`" for role in Role), "token"), rows)


def procedure() -> str:
    """The stages of the version under which cases are begun."""
    rows = (
        (
            str(stage.number),
            stage.label,
            ", ".join(stage.actors),
            f"`{stage.role}`",
            f"{stage.target.count}{stage.target.unit} / {stage.due.count}{stage.due.unit}",
            "; ".join(each.title + ("*" if each.signed else "") for each in stage.output),
        )
        for stage in procedures.book().newest.stage
    )
    return table(("no", "label", "done by", "confirmed by", "target / due", "output"), rows)


def procedure_evidence() -> str:
    rows = (
        (
            str(stage.number),
            f"`{each.code}`",
            each.title + (" (optional)" if each.optional else ""),
            {
                "submission": "the request",
                "slot": f"slot `{each.slot}`",
                "statement": f"word of {', '.join(each.roles)}",
            }.get(each.source, ", ".join(f"`{label}`" for label in each.met)),
            ", ".join(f"`{label}`" for label in each.lost),
        )
        for stage in procedures.book().newest.stage
        for each in stage.evidence
    )
    return table(("stage", "code", "shows", "met by", "lost by"), rows)


MAKERS: dict[str, Callable[[], str]] = {
    "acts": acts,
    "codes": codes,
    "formats": formats,
    "format-codes": format_codes,
    "rules": rules,
    "sqlstates": sqlstates,
    "rights": rights,
    "kinds": kinds,
    "settings": settings,
    "roles": roles,
    "permissions": permissions,
    "commands": commands,
    "processes": processes,
    "instance": instance_keys,
    "calendar": calendar_years,
    "procedure": procedure,
    "procedure-evidence": procedure_evidence,
    "procedure-rules": lambda: table(("code", "forbids"), ((f"`{rule}`", rule.forbids) for rule in Rule)),
    "sop-fact": lambda: sop_fields(FACTS),
    "sop-status": lambda: sop_fields(STATUS),
}


def made(text: str) -> str:
    """A book with its made parts as they should be. KeyError for a part that nothing makes."""
    return MADE.sub(lambda match: f"<!-- made:{match[1]} -->\n{MAKERS[match[1]]()}<!-- end -->", text)


if __name__ == "__main__":
    for book in (ROOT / BOOKS).glob("*.md"):
        book.write_text(made(book.read_text(encoding="utf-8")), encoding="utf-8")
