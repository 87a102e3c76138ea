"""Settings are read strictly: a bad value stops the start with a sentence."""

import os
import subprocess
import sys

import pytest

from tests.conftest import BASE_DIR

pytestmark = pytest.mark.once

GOOD = {
    "SECRET_KEY": "settings-test-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFG",
    "VAULT_KEY": "dGVzdC1vbmx5LXZhdWx0LWtleS0wMTIzNDU2Nzg5MDE=",
    "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "ELASTICSEARCH_URL": "http://127.0.0.1:1",
    "PUBLIC_URL": "https://gongzhi.example.invalid",
    "ALLOWED_HOSTS": "gongzhi.example.invalid",
    "DEMO": "0",
}


def load(**changed: str) -> "subprocess.CompletedProcess[str]":
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": f"{BASE_DIR}{os.pathsep}{BASE_DIR / 'site'}",
        **GOOD,
        **changed,
    }
    code = "import config.settings.production"
    return subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
    )


def test_good_values_start() -> None:
    done = load()
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("SECRET_KEY", "", "SECRET_KEY is not set"),
        ("VAULT_KEY", "", "VAULT_KEY is not set"),
        ("DATABASE_URL", "", "DATABASE_URL is not set"),
        ("REDIS_URL", "", "REDIS_URL is not set"),
        ("ELASTICSEARCH_URL", "", "ELASTICSEARCH_URL is not set"),
        ("DATABASE_URL", "mysql://x/y", "DATABASE_URL must start with one of"),
        ("DATABASE_URL", "sqlite:////tmp/x.sqlite3", "PostgreSQL"),
        ("REDIS_URL", "http://127.0.0.1", "REDIS_URL must start with one of"),
        ("ELASTICSEARCH_URL", "127.0.0.1:9200", "ELASTICSEARCH_URL must start with one of"),
        ("PUBLIC_URL", "http://gongzhi.example.invalid", "https://"),
        ("DEMO", "1", "must be off in production"),
        ("DEMO", "perhaps", "DEMO"),
        ("DEBUG", "1", "must be off in production"),
        ("GONGZHI_VAR", "var", "absolute path"),
        ("TRUSTED_PROXY_COUNT", "one", "TRUSTED_PROXY_COUNT"),
    ],
)
def test_a_bad_value_stops_the_start(name: str, value: str, sentence: str) -> None:
    done = load(**{name: value})
    assert done.returncode != 0
    assert sentence in done.stderr.splitlines()[-1]
