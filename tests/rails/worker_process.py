"""The real worker with a short memory for the dead: ``python worker_process.py [arguments]``."""

import sys
from datetime import timedelta

import django


def main() -> None:
    django.setup()
    from django.core.management import call_command

    from foundation.notices import services

    services.LEASE = timedelta(seconds=0.5)
    call_command("worker", *sys.argv[1:])


if __name__ == "__main__":
    main()
