"""An SMS gateway that leaves traces and can be made slow; NOTICE_SMS of child processes says so."""

import os
import time
from pathlib import Path

from foundation.notices.channels import FileSmsChannel, Message


class SlowGateway(FileSmsChannel):
    """Writes ``start`` and ``sent`` lines; waits while the file ``hold`` exists."""

    def deliver(self, message: Message) -> None:
        folder = Path(os.environ["GATEWAY_FOLDER"])
        self._trace(folder, "start", message)
        while (folder / "hold").exists():
            time.sleep(0.05)
        super().deliver(message)
        self._trace(folder, "sent", message)

    def _trace(self, folder: Path, word: str, message: Message) -> None:
        with (folder / "trace").open("a") as file:
            file.write(f"{word} {os.getpid()} {message.fingerprint}\n")
