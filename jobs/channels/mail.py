"""Mail over SMTP: plain text, one message per person, a `Message-ID` that stays the same through every retry."""

import smtplib
import socket
import ssl
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from jobs.channels.letter import End, Letter, Outcome
from jobs.notices_settings import SmtpSettings

# Replies to RCPT that speak of the address itself (RFC 3463: 5.1.x, and 5.2.1 mailbox disabled). Other 5xx replies may
# be a fault of ours or of the server: they are tried again until the message is given up.
_BAD_ADDRESS = ("5.1.", "5.2.1")
# The library folds a subject of more than a line right after its name, which some programs show as a leading blank.
_UNFOLDED = SMTP.clone(max_line_length=300)
_NO_SUCH_MAILBOX = 550  # without an enhanced code it says the same


class Mail:
    """A connection to the mail server for one round of sending; opened with the first letter."""

    def __init__(self, settings: SmtpSettings, *, account_page: str = "") -> None:
        self._settings = settings
        self._account_page = account_page
        self._server: smtplib.SMTP | None = None

    def send(self, letter: Letter) -> Outcome:
        try:
            message = self.message(letter)
        except ValueError:  # what stands as the person's address is none
            return Outcome(End.BAD_ADDRESS, "no-mail-address")
        try:
            server = self._connected()
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            return Outcome(End.AWAY, _reason(error))
        try:
            server.send_message(message, from_addr=self._settings.sender, to_addrs=[letter.to])
        except smtplib.SMTPRecipientsRefused as error:
            return _refusal(*error.recipients[letter.to])
        except (smtplib.SMTPServerDisconnected, smtplib.SMTPSenderRefused, OSError) as error:
            self.close()
            return Outcome(End.AWAY, _reason(error))
        except smtplib.SMTPException as error:
            return Outcome(End.LATER, _reason(error))
        return Outcome(End.SENT)

    def close(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    def message(self, letter: Letter) -> EmailMessage:
        """The message. Raises ValueError for an address that is none."""
        settings = self._settings
        local, _, domain = letter.to.rpartition("@")
        if not local or not domain or any(ord(sign) < 33 or sign in "<>," for sign in letter.to):
            raise ValueError("not an address of mail")
        message = EmailMessage(policy=_UNFOLDED if letter.subject.isascii() else SMTP)
        message["From"] = Address(settings.sender_name, addr_spec=settings.sender)
        message["To"] = Address(_one_line(letter.to_name), local, domain)
        message["Subject"] = _one_line(letter.subject)
        message["Date"] = format_datetime(letter.made_at)
        message["Message-ID"] = f"<{letter.name}@{settings.domain}>"
        if letter.thread != letter.name:
            message["References"] = f"<{letter.thread}@{settings.domain}>"
        message["List-Id"] = f"Simpul <pemberitahuan.{settings.domain}>"
        if self._account_page:
            message["List-Unsubscribe"] = f"<{self._account_page}>"
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday replies
        message["X-Auto-Response-Suppress"] = "All"
        message.set_content(letter.text, cte="quoted-printable")
        return message

    def _connected(self) -> smtplib.SMTP:
        if self._server is None:
            self._server = self._connect()
        return self._server

    def _connect(self) -> smtplib.SMTP:
        settings = self._settings
        context = ssl.create_default_context()
        if settings.ca_file is not None:
            context.load_verify_locations(settings.ca_file)
        if settings.security == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                settings.host, settings.port, local_hostname=_our_name(), timeout=settings.timeout_s, context=context
            )
        else:
            server = smtplib.SMTP(settings.host, settings.port, local_hostname=_our_name(), timeout=settings.timeout_s)
        try:
            if settings.security == "starttls":
                server.starttls(context=context)
            if settings.username is not None and settings.password is not None:
                server.login(settings.username, settings.password.get_secret_value())
        except BaseException:
            server.close()
            raise
        return server


def _our_name() -> str:
    """The name for EHLO, without asking a name server as smtplib would."""
    name = socket.gethostname()
    return name if "." in name else "[127.0.0.1]"


def _one_line(text: str) -> str:
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def _refusal(code: int, reply: bytes | str) -> Outcome:
    text = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply
    first = (text.split() or [""])[0]
    if code >= 500 and (first.startswith(_BAD_ADDRESS) or (code == _NO_SUCH_MAILBOX and not first.startswith("5."))):
        return Outcome(End.BAD_ADDRESS, f"smtp-{code}")
    return Outcome(End.LATER, f"smtp-{code}")


def _reason(error: Exception) -> str:
    """A code; the server's words may quote an address."""
    if isinstance(error, smtplib.SMTPResponseException):
        return f"smtp-{error.smtp_code}"
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return "smtp-no-starttls"
    if isinstance(error, ssl.SSLError):
        return "smtp-tls"
    return f"smtp-{type(error).__name__}"
