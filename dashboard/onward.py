"""Where somebody goes on after signing in: a page of ours, and never anything else."""

from urllib.parse import urlsplit

HOME = "/"
LONGEST = 500


def safe(target: str) -> str:
    """`target` if it is an address of ours without host, else the start page.

    Browsers read `//evil`, `/\\evil` and `/<tab>/evil` as other hosts.
    """
    if not target.startswith("/") or len(target) > LONGEST or not target.isprintable() or "\\" in target:
        return HOME
    if not target.isascii() or " " in target:
        return HOME
    try:
        parts = urlsplit(target)
    except ValueError:
        return HOME
    if parts.scheme or parts.netloc or target.startswith("//") or "//" in parts.path:
        return HOME
    return target
