"""Make ``.venv`` from the hashed lock when needed, then run a script of this folder inside it.

    python3 scripts/bootstrap.py run [arguments…]

Uses the standard library only. uv installs in seconds where it can be had; pip is the way that
always works. Both refuse a package whose hash is not in requirements.lock.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parents[1]
VENV = BASE_DIR / ".venv"
LOCK = BASE_DIR / "requirements.lock"
STAMP = VENV / "gongzhi-lock.sha256"


def say(line: str) -> None:
    print(line, flush=True)


def stop(reason: str) -> None:
    say(reason)
    sys.exit(1)


def find_python() -> str:
    """Return a Python 3.11, or stop with what to install."""
    for name in (sys.executable, "python3.11", "python3"):
        program = shutil.which(name)
        if not program:
            continue
        code = "import sys, ensurepip; print('%d.%d' % sys.version_info[:2])"
        asked = subprocess.run([program, "-c", code], capture_output=True, text=True, check=False)
        if asked.stdout.strip() == "3.11":
            return program
    stop("Gongzhi needs Python 3.11 with venv (Debian: apt-get install python3.11-venv).")
    return ""


def installed() -> bool:
    """Return whether ``.venv`` was filled from the lock as it is now."""
    wanted = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    return STAMP.exists() and STAMP.read_text() == wanted


def install() -> None:
    """Fill ``.venv`` from the lock: uv first, pip when uv is not to be had."""
    python = str(VENV / "bin" / "python")
    if not Path(python).exists():
        say("Making the Python environment .venv …")
        subprocess.run([find_python(), "-m", "venv", str(VENV)], check=True)
    say("Installing the Python packages of requirements.lock …")
    environment = {**os.environ, "UV_PYTHON_DOWNLOADS": "never"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    uv = find_uv(python)
    if uv:
        command = [*uv, "pip", "sync", "-q", "--require-hashes", "--python", python, str(LOCK)]
        if not subprocess.run(command, env=environment, check=False).returncode:
            return
        say("uv could not do it; trying pip (about a minute) …")
    command = [python, "-m", "pip", "install", "-q", "--require-hashes", "-r", str(LOCK)]
    if subprocess.run(command, env=environment, check=False).returncode:
        stop("The packages could not be installed; the lines above say why.")


def find_uv(python: str) -> list[str]:
    """Return a command for uv: the machine's, or one installed from the lock with its hash."""
    found = shutil.which("uv")
    if found and not subprocess.run([found, "-V"], capture_output=True, check=False).returncode:
        return [found]
    block = re.search(r"^uv==.*?(?=^\S|\Z)", LOCK.read_text(), re.MULTILINE | re.DOTALL)
    if not block:
        return []
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as wanted:
        wanted.write(block.group())
        wanted.flush()
        command = [python, "-m", "pip", "install", "-q", "--require-hashes", "-r", wanted.name]
        failed = subprocess.run(command, capture_output=True, check=False).returncode
    return [] if failed else [python, "-m", "uv"]


def main() -> None:
    if len(sys.argv) < 2:
        stop(__doc__ or "")
    if not installed():
        install()
        STAMP.write_text(hashlib.sha256(LOCK.read_bytes()).hexdigest())
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    python = str(VENV / "bin" / "python")
    script = str(BASE_DIR / "scripts" / f"{sys.argv[1]}.py")
    os.execv(python, [python, script, *sys.argv[2:]])


if __name__ == "__main__":
    main()
