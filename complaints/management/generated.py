"""Pages of the docs that a command makes: written, or with ``--check`` compared."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation


class GeneratedPage(BaseCommand):
    """Base of such commands: ``target`` is the page, ``text()`` makes it (in Chinese)."""

    target = ""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true")

    def text(self) -> str:
        raise NotImplementedError

    def handle(self, *args: Any, check: bool, **options: Any) -> None:
        path = Path(settings.BASE_DIR) / self.target
        with translation.override("zh-hans"):
            text = self.text()
        if not check:
            path.write_text(text, encoding="utf-8")
            self.stdout.write(f"{self.target} written.")
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            name = type(self).__module__.rpartition(".")[2]
            raise CommandError(f"{self.target} is out of date: run manage.py {name}.")
