"""Write requirements.lock anew from pyproject.toml: hashes for every platform, no addresses."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parents[1]


def main() -> int:
    inside = BASE_DIR / ".venv" / "bin" / "uv"
    uv = str(inside) if inside.exists() else shutil.which("uv")
    if not uv:
        print("uv is missing: run `make build` once, it comes with the lock.")
        return 1
    command = [
        *(uv, "pip", "compile", "pyproject.toml", "--group", "dev", "--python-version", "3.11"),
        *("--universal", "--generate-hashes", "--no-emit-index-url", "--no-emit-find-links"),
        *("--quiet", "--output-file", "requirements.lock", *sys.argv[1:]),
    ]
    environment = {**os.environ, "UV_CUSTOM_COMPILE_COMMAND": "make lock"}
    return subprocess.run(command, cwd=BASE_DIR, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
