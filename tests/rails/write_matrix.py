"""Writes docs/role-matrix.md after asking every address: ``python -m tests.rails.write_matrix``."""

import os
import subprocess
import sys
from pathlib import Path

#: Names the run in which everybody asks everything and the page is written at the end.
FLAG = "GONGZHI_WRITE_MATRIX"


def main() -> int:
    """Run the matrix in full; the page is written only when everything was answered so."""
    test = Path(__file__).with_name("test_matrix.py")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", str(test)]
    return subprocess.run(command, env={**os.environ, FLAG: "1"}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
