"""Settings of child processes: the tests' own, with the mail server that the environment names."""

import os

from config.settings.test import *  # noqa: F403

EMAIL_BACKEND = os.environ["EMAIL_BACKEND"]
EMAIL_HOST = "127.0.0.1"
EMAIL_PORT = int(os.environ.get("EMAIL_PORT", "25"))
EMAIL_TIMEOUT = 2
