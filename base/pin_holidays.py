"""Write `base/holidays.json` anew: `python -m base.pin_holidays`; for who raises the version of `holidays`.

The working calendar reads only the file: due dates do not change because a library did. The dates are the library's,
the decrees are ours: it does not name them. When the ministers sign the decree of a coming year, raise the library,
enter the decree below, run this, run the tests, commit both.
"""

import json
import sys
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("holidays.json")
FIRST, LAST = 2024, 2028
# Joint decrees (SKB) of the ministers of religion, manpower and administrative reform, by year. None: not published
# when the file was made; such a year holds estimates of the library and no joint leave.
DECREES: dict[int, str | None] = {
    2024: "SKB 3 Menteri Nomor 855 Tahun 2023, Nomor 3 Tahun 2023, Nomor 4 Tahun 2023",
    2025: "SKB 3 Menteri Nomor 1017 Tahun 2024, Nomor 2 Tahun 2024, Nomor 2 Tahun 2024",
    2026: "SKB 3 Menteri Nomor 1497 Tahun 2025, Nomor 2 Tahun 2025, Nomor 5 Tahun 2025",
    2027: "SKB 3 Menteri tentang Hari Libur Nasional dan Cuti Bersama Tahun 2027",  # its numbers are not known to us
    2028: None,
}
# Days that another decree made.
OTHERS = {
    date(2024, 2, 14): "Keputusan Presiden Nomor 10 Tahun 2024",
    date(2024, 11, 27): "Keputusan Presiden Nomor 33 Tahun 2024",
    date(2025, 8, 18): "SKB 3 Menteri Nomor 933 Tahun 2025, Nomor 1 Tahun 2025, Nomor 3 Tahun 2025",
}
ESTIMATED = " (perkiraan)"  # how the library marks a date that follows the moon and is not confirmed


def made() -> dict[str, Any]:
    """What the file holds."""
    return {
        "made_from": f"holidays {version('holidays')}, Indonesia, categories public and government",
        "years": {str(year): {"decree": DECREES[year], "days": _days(year)} for year in range(FIRST, LAST + 1)},
    }


def _days(year: int) -> list[dict[str, Any]]:
    from holidays import country_holidays

    days = {}
    for category, kind in (("government", "cuti bersama"), ("public", "libur nasional")):
        found = country_holidays("ID", years=year, categories=(category,), language="id")
        for day, name in found.items():
            entry: dict[str, Any] = {"date": day.isoformat(), "name": name.replace(ESTIMATED, ""), "kind": kind}
            if ESTIMATED in name:
                entry["estimated"] = True
            if day in OTHERS:
                entry["decree"] = OTHERS[day]
            days[day] = entry  # a national holiday wins over joint leave
    return [days[day] for day in sorted(days)]


def text() -> str:
    """The file, a day a line."""
    content = made()
    for year in content["years"].values():
        year["days"] = [json.dumps(day, ensure_ascii=False) for day in year["days"]]
    written = json.dumps(content, ensure_ascii=False, indent=1)
    lines = []
    for line in written.splitlines():
        stripped = line.strip().rstrip(",")
        inner = stripped.startswith('"{')
        lines.append(line.replace(stripped, json.loads(stripped)) if inner else line)
    return "\n".join(lines) + "\n"


def main() -> None:
    FILE.write_text(text(), encoding="utf-8")
    sys.stderr.write(f"{FILE.name}: {FIRST} to {LAST}\n")


if __name__ == "__main__":
    main()
