"""How a message leaves the house. Adapters are named by dotted path in ``NOTICE_CHANNELS``.

An adapter gets one rendered message and either hands it over or raises ``TryLater`` / ``Refused``.
It may meet the same ``message.key`` twice after a crash, so it passes the key on (file name,
Message-ID, Idempotency-Key): the gateway can then drop the double.
"""

import hashlib
import os
import smtplib
import sys
import urllib.error
import urllib.request
from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils import timezone
from django.utils.module_loading import import_string

from foundation.notices.errors import Refused, TryLater


@dataclass(frozen=True)
class Message:
    """A rendered message for one address. Lives in memory only."""

    key: str
    to: str
    subject: str
    body: str
    #: Address where one POST ends such letters (RFC 8058); only for those one subscribed to.
    unsubscribe: str = ""

    @property
    def fingerprint(self) -> str:
        """A name for the message that reveals neither key nor address (32 hex digits)."""
        return hashlib.sha256(self.key.encode()).hexdigest()[:32]


class Channel(ABC):
    """Base of all adapters."""

    @abstractmethod
    def deliver(self, message: Message) -> None:
        """Hand ``message`` over; raises TryLater or Refused."""


class EmailChannel(Channel):
    """E-mail through Django's mail settings."""

    def deliver(self, message: Message) -> None:
        domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip(">") or "localhost"
        mail = EmailMessage(
            subject=message.subject,
            body=message.body,
            from_email=settings.DEFAULT_FROM_EMAIL,
            to=[message.to],
            headers={
                "Message-ID": f"<{message.fingerprint}@{domain}>",
                "Auto-Submitted": "auto-generated",
                **_way_out(message),
            },
        )
        try:
            mail.send()
        except smtplib.SMTPRecipientsRefused as error:
            codes = {code for code, _text in error.recipients.values()}
            if all(code >= 500 for code in codes):
                raise Refused("recipient refused") from error
            raise TryLater("recipient deferred") from error
        except (smtplib.SMTPException, OSError) as error:
            raise TryLater(f"mail server: {type(error).__name__}") from error


def _way_out(message: Message) -> dict[str, str]:
    """The headers by which a mail program offers to end letters with one click."""
    if not message.unsubscribe:
        return {}
    return {
        "List-Unsubscribe": f"<{message.unsubscribe}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def _sms_text(message: Message) -> str:
    """The text as a mobile shows it: the sender's name in 【】 first, as operators demand."""
    return f"【{settings.NOTICE_SMS_SIGNATURE}】{message.body}"


class FileSmsChannel(Channel):
    """Writes each message to ``OUTBOX_ROOT/sms/<fingerprint>.txt``: the embedded default.

    The same key writes the same file, so a double delivery leaves one message.
    """

    def deliver(self, message: Message) -> None:
        folder = Path(settings.OUTBOX_ROOT) / "sms"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        target = folder / f"{message.fingerprint}.txt"
        partial = target.with_suffix(f".{os.getpid()}.part")
        stamp = timezone.localtime().isoformat(timespec="seconds")
        text = f"To: {message.to}\nAt: {stamp}\n\n{_sms_text(message)}\n"
        try:
            partial.write_text(text, encoding="utf-8")
            partial.replace(target)
        except OSError as error:
            raise TryLater(f"outbox: {type(error).__name__}") from error


class ConsoleSmsChannel(Channel):
    """Prints the message; for a developer's terminal only."""

    def deliver(self, message: Message) -> None:
        sys.stdout.write(f"SMS {message.to}: {_sms_text(message)}\n")
        sys.stdout.flush()


class HttpSmsChannel(Channel):
    """Base of an SMS gateway reached over HTTP.

    A district writes a subclass with :meth:`build_request` and, if the gateway answers 200 to
    failures, :meth:`check`; then names it in ``NOTICE_SMS``. Nothing is logged here, because the
    request holds a telephone number.
    """

    timeout_seconds = 10.0

    @abstractmethod
    def build_request(self, message: Message) -> urllib.request.Request:
        """Return the gateway's request. Pass ``message.fingerprint`` on as its idempotency key."""

    def check(self, status: int, body: bytes) -> None:
        """Raise TryLater or Refused when an answer with a good status tells of a failure."""

    def deliver(self, message: Message) -> None:
        request = self.build_request(message)
        if request.type not in {"http", "https"}:
            raise Refused("gateway address is not http(s)")
        try:
            with urllib.request.urlopen(request, timeout=self.timeout_seconds) as answer:  # noqa: S310
                self.check(answer.status, answer.read(65_536))
        except urllib.error.HTTPError as error:
            if error.code >= 500 or error.code in {408, 425, 429}:
                raise TryLater(f"gateway answered {error.code}") from error
            raise Refused(f"gateway answered {error.code}") from error
        except OSError as error:
            raise TryLater(f"gateway: {type(error).__name__}") from error


def channel_of(name: str) -> Channel:
    """Return the adapter configured for channel ``name``."""
    adapter: Channel = import_string(settings.NOTICE_CHANNELS[name])()
    return adapter
