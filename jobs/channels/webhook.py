"""Webhooks: an office's own program is told by a signed POST."""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from jobs.channels import outward, signature
from jobs.channels.letter import End, Letter, Outcome
from jobs.notices_settings import WebhookSettings

_GONE = 410  # the receiver says that it never wants to hear of us again
_SAID_NO = "http-{}"


def limits(settings: WebhookSettings) -> outward.Limits:
    """Where webhooks may go."""
    return outward.Limits(settings.networks, settings.ports, settings.timeout_s, settings.answer_bytes)


class Webhook:
    """The way to programs."""

    def __init__(
        self,
        settings: WebhookSettings,
        *,
        resolve: Callable[[str, int], Sequence[str]] = outward.system_resolve,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._settings = settings
        self._resolve = resolve
        self._clock = clock  # the signature's time is that of the try, not of the message

    def send(self, letter: Letter) -> Outcome:
        body = json.dumps(letter.facts, ensure_ascii=False, separators=(",", ":")).encode()
        key = signature.key_of(self._settings.key, letter.key)
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "Simpul",
            signature.NAME: letter.name,
            **signature.sign(key, body, self._clock()),
        }
        try:
            status = outward.post(letter.to, body, headers, limits(self._settings), resolve=self._resolve)
        except outward.Forbidden as error:
            return Outcome(End.REFUSED, f"forbidden-{error}")
        except outward.Failed as error:
            return Outcome(End.LATER, str(error))
        if 200 <= status < 300:
            return Outcome(End.SENT)
        return Outcome(End.REFUSED if status == _GONE else End.LATER, _SAID_NO.format(status))

    def close(self) -> None:
        """Nothing is kept open."""
