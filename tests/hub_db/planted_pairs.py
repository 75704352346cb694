"""A town of residents with 1,000 planted pairs of eight kinds, six of one person twice and two of two persons.

Imports nothing of the matcher: names, their variants and the errors in them are this module's own.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial
from random import Random

PAIRS_PER_KIND = 125
MEN = (
    "AGUS", "BAMBANG", "BUDI", "DEDI", "EKO", "FAJAR", "GATOT", "HADI", "HENDRA", "HERU", "IMAM", "INDRA", "JOKO",
    "LUKMAN", "MULYONO", "PURNOMO", "RUDI", "SAMSUL", "SLAMET", "SUGENG", "SUPRIYADI", "SUTRISNO", "TEGUH", "UNTUNG",
    "WAHYU", "YUSUF", "ZAINAL", "CHOIRUL", "SYAIFUL", "ANDI", "ANDRE", "HASAN", "HUSEN", "RIZKI", "RIZAL", "DONI",
    "DANI", "ARIF", "ARIS", "KHOIRUL", "MISBACHUL", "SYAMSUDDIN", "DJOKO", "SOEPARDI", "NURDIN", "ZULKIFLI", "FATHUR",
    "ROFIQ", "BASUKI",
)  # fmt: skip
WOMEN = (
    "AMINAH", "ANIK", "DEWI", "DIAH", "ENDANG", "ERNA", "FITRI", "HENI", "IDA", "INDAH", "KHOTIMAH", "LILIK",
    "MARYATI", "NANIK", "PUJI", "RATNA", "RINA", "RINI", "SITI", "SRI", "SULASTRI", "SUMARNI", "SUPARMI", "TITIK",
    "TUTIK", "UMI", "WARTINI", "YULI", "YULIA", "DINA", "DINI", "LINA", "LINI", "AISYAH", "FATIMAH", "FATONAH",
    "ZUBAIDAH", "CHOIRIYAH", "DJUMINAH", "SOELASTRI", "ROHMAH", "ROHANA", "MUSLIKHAH", "NIKMATUL",
)  # fmt: skip
LAST = (
    "ABADI", "ANGGRAINI", "ANWAR", "BASUKI", "CAHYONO", "EFENDI", "FIRMANSYAH", "GUNAWAN", "HALIM", "HANDAYANI",
    "HARYONO", "HIDAYAT", "IRAWAN", "ISWANTO", "KURNIAWAN", "LAKSONO", "MAHMUD", "MAULANA", "NUGROHO", "PERMATA",
    "PRABOWO", "PRATAMA", "PUTRI", "RAMADHAN", "SAFITRI", "SAPUTRA", "SETIAWAN", "SUBAGYO", "SUSANTO", "UTAMI",
    "UTOMO", "WIBOWO", "WICAKSONO", "WIJAYA", "WULANDARI", "YULIANTO", "ROHMAN", "AZIZAH", "SHOLEHAH", "MUBAROK",
    "SYARIFUDDIN", "CHASANAH",
)  # fmt: skip
TWINS = (
    ("HASAN", "HUSEN", "L"), ("RINA", "RINI", "P"), ("DINA", "DINI", "P"), ("DONI", "DANI", "L"), ("ARIF", "ARIS", "L"),
    ("ANDI", "ANDRE", "L"), ("LINA", "LINI", "P"), ("FATIMAH", "FATONAH", "P"), ("ROHMAH", "ROHANA", "P"),
    ("RIZKI", "RIZAL", "L"), ("YULI", "YULIA", "P"), ("HENDRA", "HERU", "L"),
)  # fmt: skip
PLACES = (
    "KEDIRI",
    "TUBAN",
    "MADIUN",
    "JOMBANG",
    "BLITAR",
    "MALANG",
    "SURABAYA",
    "PONOROGO",
    "BOJONEGORO",
    "TRENGGALEK",
)
MUHAMMADS = ("MOH.", "MUH.", "M.", "MOHAMMAD", "MUHAMMAD", "MOCH.", "MUHAMAD", "MOHAMAD", "MOCHAMMAD")
BEFORE, BEHIND = (
    ("H.", "HJ.", "DR.", "DRS.", "IR.", "DRG."),
    (", S.PD.", ", S.E.", ", SH", ", M.KES.", " S.PD.I", ", A.MD."),
)
OLD_AND_NEW = (("OE", "U"), ("DJ", "J"), ("CH", "KH"), ("SY", "S"), ("SY", "SH"), ("F", "V"), ("Z", "S"), ("TH", "T"))
DAYS = 29_000  # some 80 years of births


@dataclass(frozen=True, slots=True)
class Person:
    """A row of residents; `key` and `card` are numbers that no one has."""

    key: str
    name: str
    born_on: date
    sex: str
    place: str
    mother: str | None
    village: str
    card: str


@dataclass(frozen=True, slots=True)
class Town:
    """Everybody, and what was planted: kind → pairs of keys, in order. `same`: kinds that are one person twice."""

    people: tuple[Person, ...]
    planted: dict[str, tuple[tuple[str, str], ...]]
    same: frozenset[str]


class Planter:
    """Draws people from one seed."""

    def __init__(self, seed: int) -> None:
        self.draw = Random(seed)
        self.count = 0

    def town(self, others: int) -> Town:
        """The planted pairs among so many others, shuffled."""
        people = [self.person() for _ in range(others)]
        planted: dict[str, tuple[tuple[str, str], ...]] = {}
        for kind, plant in SAME.items():
            planted[kind] = self.plant(people, partial(self.twice, plant))
        for kind, pair in OTHERS.items():
            planted[kind] = self.plant(people, partial(pair, self))
        self.draw.shuffle(people)
        return Town(tuple(people), planted, frozenset(SAME))

    def plant(self, people: list[Person], pair: Callable[[], tuple[Person, Person]]) -> tuple[tuple[str, str], ...]:
        found = [pair() for _ in range(PAIRS_PER_KIND)]
        people += [each for both in found for each in both]
        return tuple((min(one.key, other.key), max(one.key, other.key)) for one, other in found)

    def number(self) -> str:
        self.count += 1
        return f"35{self.draw.randrange(10**6):06}{self.count:08}"

    def often(self, names: tuple[str, ...]) -> str:
        """One of the names, the first ones more often."""
        return names[min(int(self.draw.expovariate(3.0 / len(names))), len(names) - 1)]

    def person(self, *, sex: str | None = None, name: str | None = None, born_on: date | None = None) -> Person:
        sex = sex or self.draw.choice("LP")
        first = self.often(MEN if sex == "L" else WOMEN)
        if sex == "L" and self.draw.random() < 0.15:
            first = f"{self.draw.choice(MUHAMMADS)} {first}"
        if self.draw.random() < 0.15:
            first += f" {self.draw.choice(('NUR', 'DWI', 'TRI', 'EKA'))}"
        return Person(
            key=self.number(),
            name=name or f"{first} {self.often(LAST)}",
            born_on=born_on or date(1945, 1, 1) + timedelta(days=self.draw.randrange(DAYS)),
            sex=sex,
            place=PLACES[0] if self.draw.random() < 0.7 else self.draw.choice(PLACES),
            mother=f"{self.often(WOMEN)} {self.often(LAST)}" if self.draw.random() < 0.9 else None,
            village=f"35.18.{self.draw.randrange(1, 21):02}.20{self.draw.randrange(1, 14):02}",
            card=self.number(),
        )

    def twice(self, change: Callable[["Planter", Person], tuple[Person, Person]]) -> tuple[Person, Person]:
        """One person under two numbers, moved or not; the second clerk may have left out (a part of) the mother."""
        person, again = change(self, self.person())
        chance = self.draw.random()
        mother = person.mother if chance < 0.85 or person.mother is None else person.mother.split()[0]
        return person, replace(
            again,
            key=self.number(),
            card=self.number(),
            mother=None if chance > 0.95 else mother,
            village=person.village if self.draw.random() < 0.5 else self.person().village,
        )


def typing(planter: Planter, person: Person) -> tuple[Person, Person]:
    """One letter left out, put in, exchanged, or two neighbours swapped, in a word of four letters or more."""
    draw = planter.draw
    words = person.name.split()
    place = draw.choice([index for index, word in enumerate(words) if len(word) >= 4])
    word, at = words[place], 0
    wrong = word
    while wrong == word:
        at = draw.randrange(1, len(word) - 1)
        letter = draw.choice("AIUEONRSTKL")
        wrong = draw.choice(
            (
                word[:at] + word[at + 1 :],
                word[:at] + letter + word[at:],
                word[:at] + letter + word[at + 1 :],
                word[:at] + word[at + 1] + word[at] + word[at + 2 :],
            )
        )
    words[place] = wrong
    return person, replace(person, name=" ".join(words))


def muhammad(planter: Planter, _: Person) -> tuple[Person, Person]:
    """MOH., MUH., M., MOHAMMAD and so on before the same name."""
    one, other = planter.draw.sample(MUHAMMADS, 2)
    rest = f"{planter.often(MEN)} {planter.often(LAST)}"
    person = planter.person(sex="L", name=f"{one} {rest}")
    return person, replace(person, name=f"{other} {rest}")


def titles(planter: Planter, person: Person) -> tuple[Person, Person]:
    """With a title before the name, behind it, or both."""
    name = person.name
    chance = planter.draw.random()
    if chance < 0.6:
        name = f"{planter.draw.choice(BEFORE)} {name}"
    if chance > 0.3:
        name += planter.draw.choice(BEHIND)
    return person, replace(person, name=name)


def swapped(planter: Planter, person: Person) -> tuple[Person, Person]:
    """Day and month of birth exchanged."""
    month, day = planter.draw.sample(range(1, 13), 2)
    born_on = person.born_on.replace(month=month, day=day)
    return replace(person, born_on=born_on), replace(person, born_on=born_on.replace(month=day, day=month))


def spelling(planter: Planter, person: Person) -> tuple[Person, Person]:
    """OE and U, DJ and J, CH and KH, doubled letters, and the like."""
    ways = [(old, new) for pair in OLD_AND_NEW for old, new in (pair, pair[::-1]) if old in person.name]
    ways += [(letter, letter * 2) for letter in "MNRLD" if letter in person.name[1:]]
    old, new = planter.draw.choice(ways)
    return person, replace(person, name=person.name[0] + person.name[1:].replace(old, new, 1))


def shortened(planter: Planter, person: Person) -> tuple[Person, Person]:
    """A word left out of three, or the first one as its letter."""
    words = person.name.split()
    if len(words) > 2:
        del words[planter.draw.randrange(1, len(words))]
    elif planter.draw.random() < 0.5:
        words[0] = f"{words[0][0]}."
    else:
        person = replace(person, name=f"{words[0]} NUR {words[1]}")
    return person, replace(person, name=" ".join(words))


def twins(planter: Planter) -> tuple[Person, Person]:
    """Two children of one mother and one day; half of them have families of their own."""
    one, other, sex = planter.draw.choice(TWINS)
    last = planter.often(LAST)
    person = planter.person(sex=sex, name=f"{one} {last}")
    twin = replace(person, key=planter.number(), name=f"{other} {last}")
    return person, twin if planter.draw.random() < 0.5 else replace(twin, card=planter.number())


def namesakes(planter: Planter) -> tuple[Person, Person]:
    """Two of one name, village and year; of another day and another mother."""
    person = planter.person()
    other = planter.person(sex=person.sex, name=person.name, born_on=person.born_on)
    day = date(person.born_on.year, 1, 1) + timedelta(days=planter.draw.randrange(365))
    while day == person.born_on or (day.month, day.day) == (person.born_on.day, person.born_on.month):
        day = date(person.born_on.year, 1, 1) + timedelta(days=planter.draw.randrange(365))
    return person, replace(other, born_on=day, village=person.village, place=person.place)


SAME: dict[str, Callable[[Planter, Person], tuple[Person, Person]]] = {
    "typing": typing,
    "muhammad": muhammad,
    "titles": titles,
    "swapped": swapped,
    "spelling": spelling,
    "shortened": shortened,
}
OTHERS: dict[str, Callable[[Planter], tuple[Person, Person]]] = {"twins": twins, "namesakes": namesakes}
