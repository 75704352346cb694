"""Every address of the running application, visited as every role with an own and a foreign agency's thing, against a
reviewed file (`permission_matrix.txt`); who was let in where the file says no, or the other way round, fails it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from html import unescape
from pathlib import Path

import httpx
import psycopg
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute, Mount

from dashboard.rest.callers import API
from identity.permissions import Role
from identity.sessions import SessionToken, csrf_token
from tests.conftest import Database
from tests.dashboard.conftest import SESSION_COOKIE, Site
from tests.dashboard.exchange_rows import ExchangeRows
from tests.dashboard.matrix_objects import FILLINGS, LISTS, OF_NO_AGENCY, QUERIES, Town, home_of, settle
from tests.dashboard.people import FOREIGN, People
from tests.dashboard.test_edge import SECURITY
from tests.database_contents import Contents
from tests.eventually import eventually

TABLE = Path(__file__).with_name("permission_matrix.txt")
BEFORE_COOKIE = "simpul-pra"
BEFORE = "x" * 43  # what stands for a session at the door
READS = frozenset({"GET", "HEAD"})
OPEN = frozenset(
    {"/healthz", "/readyz", "/static", "/kesalahan", "/kesalahan/{name}", "/masuk", "/masuk/tautan/{secret}"}
    | {"/kredensial/kode", "/naskah/{code}"}
)  # no session is needed
PROGRAMS = frozenset({"/aliran"})  # a status instead of a page
# What an address answers to whoever is let in: its page, its form's faults, where it leads on, or "not in this state".
LET_IN = frozenset({200, 303, 409, 422})
ALSO = {("POST", "/masuk"): frozenset({401, 429})}  # the door's own answers to a wrong password
DOOR = re.compile(r"/masuk(\?(lanjut=|sebab=berakhir).*)?")
ROLES = tuple(Role)


@dataclass(frozen=True, slots=True)
class Line:
    """One address with what the file says of each role."""

    method: str
    path: str
    about: str
    cells: Mapping[Role, str]

    @property
    def is_read(self) -> bool:
        return self.method in READS

    @property
    def has_things(self) -> bool:
        """Whether an own and a foreign agency's thing fill the address."""
        return self.about in FILLINGS and self.about not in OF_NO_AGENCY

    def admits(self, role: Role, *, foreign: bool) -> bool:
        cell = self.cells[role]
        return cell in {"yes", "all"} or (cell == "own" and not (foreign and self.has_things))


def lines() -> list[Line]:
    """The reviewed file. Its head names the roles, so that no column can slip."""
    read = [line.split() for line in TABLE.read_text().splitlines() if line and not line.startswith("#")]
    head, *rows = read
    assert head == ["method", "address", "about", *ROLES]
    for row in rows:
        assert len(row) == len(head), row
        assert set(row[3:]) <= {"yes", "all", "own", "-"}, row
    return [Line(row[0], row[1], row[2], dict(zip(ROLES, row[3:], strict=True))) for row in rows]


def addresses_of(routes: Sequence[BaseRoute]) -> Iterator[tuple[str, str]]:
    """What the application answers to people; addresses for programs are visited in `test_reference_api.py`."""
    for route in routes:
        if isinstance(route, APIRoute):
            if not route.path.startswith(API):
                yield from ((method, route.path) for method in route.methods or () if method != "HEAD")
        elif isinstance(route, Mount):
            yield "GET", route.path
        else:
            yield "?", str(route)


@dataclass(slots=True)
class Visitors:
    """A person of each role with a session that lasts, and the connection they all come by."""

    site: Site
    people: People
    town: Town
    client: httpx.Client
    conn: psycopg.Connection
    lasting: dict[Role, SessionToken] = field(default_factory=dict)
    numbers: dict[Role, int] = field(default_factory=dict)  # of the lasting sessions
    told: set[str] = field(default_factory=set)  # personal values that stood in an answer

    def sign_in(self) -> None:
        """A session for each role, which lasts until somebody ends it."""
        for role in ROLES:
            self.lasting[role] = self.people.sign_in(role, home_of(role))
            self.numbers[role] = session_number(self.conn, role)

    def path(self, line: Line, role: Role, *, foreign: bool) -> str:
        its = self.town.of[FOREIGN if foreign else home_of(role)]
        if line.about == "session" and not foreign:
            its = replace(its, session=self.numbers[role])
        path = line.path
        for name, value in FILLINGS.get(line.about, FILLINGS["-"])(self.town, its).items():
            path = path.replace(f"{{{name}}}", str(value))
        path = path.replace("/static", "/static/simpul.css") if line.about == "file" else path
        path += QUERIES.get(line.path, "") if line.is_read else ""
        assert "{" not in path, f"{line.path}: nothing fills it for {line.about!r}"
        return path

    def send(self, line: Line, path: str, token: str, *, method: str = "", **changed: str | None) -> httpx.Response:
        """Visit as a page of ours would; `changed` headers and form fields, None to leave one out."""
        is_open = line.path in OPEN
        sent: dict[str, str | None] = {"Cookie": f"{SESSION_COOKIE}={token}; {BEFORE_COOKIE}={BEFORE}"}
        fields: dict[str, str | None] = {"isian": "1"}
        if not line.is_read:
            sent |= {"Origin": self.site.url, "Sec-Fetch-Site": "same-origin"}
            fields["csrf"] = csrf_token(BEFORE if is_open else token)
        for name, value in changed.items():
            (fields if name == "csrf" else sent)[name.replace("_", "-")] = value
        headers = {name: value for name, value in sent.items() if value is not None}
        form = {name: value for name, value in fields.items() if value is not None}
        with self.client.stream(
            method or line.method, path, headers=headers, data=None if line.is_read else form
        ) as answer:
            if "event-stream" not in answer.headers.get("content-type", ""):
                answer.read()
                self.told |= self.town.personal_values_in(unescape(answer.text))
        self.client.cookies.clear()
        return answer


@pytest.fixture
def visitors(site: Site, people: People, rows: ExchangeRows, database: Database) -> Iterator[Visitors]:
    town = settle(database, people, rows)
    with database.connect(autocommit=True) as conn, httpx.Client(base_url=site.url, timeout=20, trust_env=False) as one:
        eventually(lambda: one.get("/readyz").status_code, until=lambda status: status == 200)
        visitors = Visitors(site, People(database.dsn(), conn), town, one, conn)
        visitors.sign_in()
        yield visitors
        assert visitors.told == set()


def session_number(conn: psycopg.Connection, role: Role) -> int:
    name = f"{role}.{home_of(role)}".replace("_", "-")
    query = "select max(s.id) from identity.session s join identity.person p on p.id = s.person_id where p.name = %s"
    row = conn.execute(query, (name,)).fetchone()
    assert row is not None
    return int(row[0])


@pytest.fixture
def contents(database: Database) -> Iterator[Contents]:
    with database.connect(autocommit=True) as conn:
        yield Contents(conn)


def test_the_file_has_every_address_of_the_running_application_and_no_other(site: Site) -> None:
    named = [(line.method, line.path) for line in lines()]

    assert len(named) == len(set(named))
    assert sorted(set(addresses_of(site.app.routes)) - set(named)) == [], "in the application, not in the file"
    assert sorted(set(named) - set(addresses_of(site.app.routes))) == [], "in the file, not in the application"


def test_an_address_that_nobody_wrote_into_the_file_is_found() -> None:
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.get("/rahasia")(lambda: None)

    assert list(addresses_of(app.routes)) == [("GET", "/rahasia")]


def test_every_role_is_let_in_where_the_file_says_so_and_nowhere_else(visitors: Visitors, contents: Contents) -> None:
    wrong: list[str] = []
    cells = 0
    for line in lines():
        cases = [
            # whoever is refused for any thing is refused before it is looked up
            (role, foreign)
            for role in ROLES
            for foreign in ((False, True) if line.has_things and line.cells[role] != "-" else (False,))
        ]
        quiet = [case for case in cases if line.is_read or not line.admits(case[0], foreign=case[1])]
        with contents.unchanged(wrong, f"{line.method} {line.path}"):
            for role, foreign in quiet:
                for method in methods_of(line, role):
                    path = visitors.path(line, role, foreign=foreign)
                    answer = visitors.send(line, path, visitors.lasting[role], method=method)
                    wrong += judged(line, role, answer, visitors.town, foreign=foreign)
                    cells += 1
        for role, foreign in (case for case in cases if case not in quiet):
            path = visitors.path(line, role, foreign=foreign)
            answer = visitors.send(line, path, visitors.people.sign_in(role, home_of(role)))
            wrong += judged(line, role, answer, visitors.town, foreign=foreign)
            cells += 1
        if len(quiet) < len(cases):
            visitors.sign_in()  # an act may have ended the sessions

    assert wrong == [], "\n".join(wrong[:60])
    assert cells >= 1_000


def test_what_changes_something_asks_for_a_session_a_token_and_a_page_of_ours(
    visitors: Visitors, contents: Contents
) -> None:
    wrong: list[str] = []
    for line in (line for line in lines() if not line.is_read):
        with contents.unchanged(wrong, f"{line.method} {line.path}"):
            # The browser is asked before the role is: two who are let in would do it, one who is not would not.
            for role in (
                *[each for each in ROLES if line.admits(each, foreign=False)][:2],
                *[each for each in ROLES if not line.admits(each, foreign=False)][:1],
            ):
                token, path = visitors.lasting[role], visitors.path(line, role, foreign=False)
                attempts = {
                    "no token": visitors.send(line, path, token, csrf=None),
                    "another session's token": visitors.send(line, path, token, csrf=csrf_token("x" * 42)),
                    "another origin": visitors.send(
                        line, path, token, Origin="https://penyerang.example", Sec_Fetch_Site="cross-site"
                    ),
                    "a neighbour": visitors.send(line, path, token, Sec_Fetch_Site="same-site"),
                    "neither header": visitors.send(line, path, token, Origin=None, Sec_Fetch_Site=None),
                }
                wrong += [
                    f"{role}: {line.method} {line.path} with {what}: {answer.status_code}"
                    for what, answer in attempts.items()
                    if answer.status_code != 403 or not has_the_headers(answer, line)
                ]

    assert wrong == [], "\n".join(wrong[:60])


def test_without_a_session_only_the_door_is_open(visitors: Visitors, contents: Contents) -> None:
    wrong: list[str] = []
    for line in lines():
        path = visitors.path(line, Role.OPERATOR, foreign=False)
        for token in ("", "y" * 43):
            with contents.unchanged(wrong, f"{line.method} {line.path}"):
                answer = visitors.send(line, path, token) if line.path not in OPEN or line.is_read else None
            if answer is None:  # signing in is counted
                continue
            led_away = answer.status_code == 303 and DOOR.fullmatch(answer.headers["location"])
            if line.path in OPEN:
                right = answer.status_code == 200
            else:
                right = answer.status_code == 401 if line.path in PROGRAMS else bool(led_away)
            if not right or not has_the_headers(answer, line):
                wrong.append(f"{line.method} {line.path}: {answer.status_code}")

    assert wrong == [], "\n".join(wrong[:60])


def methods_of(line: Line, role: Role) -> tuple[str, ...]:
    """A page is asked for as HEAD too, by one role that is let in and one that is not: both pass the same guard."""
    if not line.is_read or line.path in PROGRAMS:
        return (line.method,)
    by_admission = {line.admits(each, foreign=False): each for each in ROLES}
    return ("GET", "HEAD") if role in by_admission.values() else ("GET",)


def judged(line: Line, role: Role, answer: httpx.Response, town: Town, *, foreign: bool) -> list[str]:
    """What is wrong with one answer."""
    who = f"{role}: {answer.request.method} {line.path} ({'foreign' if foreign else 'own'})"
    wrong = [] if has_the_headers(answer, line) else [f"{who} has other headers"]
    allowed = LET_IN | ALSO.get((line.method, line.path), frozenset())
    at_the_door = answer.status_code == 303 and DOOR.fullmatch(answer.headers["location"])
    let_in = answer.status_code in allowed and not at_the_door
    if line.admits(role, foreign=foreign):
        if not let_in or (line.is_read and answer.status_code != 200):
            wrong.append(f"{who} should be let in: {answer.status_code}")
        elif line.about in LISTS and answer.request.method == "GET":
            wrong += listed(line, role, answer.text, town, who)
    elif answer.status_code != (404 if line.cells[role] == "own" else 403):
        wrong.append(f"{who} should be refused: {answer.status_code}")
    return wrong


def listed(line: Line, role: Role, html: str, town: Town, who: str) -> list[str]:
    """What stands on a list and should not, or the other way round."""
    own, foreign = (town.of[opd].marks[line.about] in html for opd in (home_of(role), FOREIGN))
    wrong = [] if own else [f"{who} does not show the own agency's"]
    if foreign != (line.cells[role] == "all"):
        wrong.append(f"{who} {'shows' if foreign else 'does not show'} the foreign agency's")
    return wrong


def has_the_headers(answer: httpx.Response, line: Line) -> bool:
    """The security headers exactly, over plain http without HSTS; cookies no script can read."""
    told = dict(answer.headers)
    kept = "no-cache" if line.about == "file" and answer.status_code == 200 else "no-store"
    if line.path in PROGRAMS and answer.status_code == 200:
        kept = told["cache-control"]
    cookies = answer.headers.get_list("set-cookie")
    return (
        SECURITY.items() <= told.items()
        and told["cache-control"] == kept
        and "strict-transport-security" not in told
        and all(f"; {mark}" in each.replace("lax", "Lax") for each in cookies for mark in COOKIE)
    )


COOKIE = ("HttpOnly", "Path=/", "SameSite=Lax")
