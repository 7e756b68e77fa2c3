"""The morning's digest by mail, sent by a thread of its own."""

from __future__ import annotations

import queue
import smtplib
import threading
from email.message import EmailMessage

from newsroom.models import Account, Article
from newsroom.threads import in_thread


class Mailer:
    """Takes messages at any time and sends them one after another."""

    def __init__(self, host: str) -> None:
        self._host = host
        self._outbox: queue.SimpleQueue[EmailMessage | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="mailer")
        self._thread.start()

    def _work(self) -> None:
        while (message := self._outbox.get()) is not None:
            self.send(message)

    def send(self, message: EmailMessage) -> None:
        with smtplib.SMTP(self._host) as server:
            server.send_message(message)

    async def send_soon(self, message: EmailMessage) -> None:
        self._outbox.put(message)

    async def send_now(self, message: EmailMessage) -> None:
        await in_thread(self.send, message)

    async def close(self) -> None:
        self._outbox.put(None)
        self._thread.join()


def digest(account: Account, articles: list[Article]) -> EmailMessage:
    """What one reader gets."""
    message = EmailMessage()
    message["To"] = account.email
    message["Subject"] = f"{len(articles)} new articles"
    message.set_content("\n\n".join(f"{each.title}\n{each.url}" for each in articles))
    return message
