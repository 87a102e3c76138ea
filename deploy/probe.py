"""``probe.py PORT PATH``: exit 0 when a server of this machine answers 200 (for health checks)."""

import os
import sys
from http.client import HTTPConnection, HTTPException


def main() -> int:
    port, path = int(sys.argv[1]), sys.argv[2]
    host = os.environ.get("ALLOWED_HOSTS", "127.0.0.1").split(",")[0]
    try:
        connection = HTTPConnection("127.0.0.1", port, timeout=5)
        connection.request("GET", path, headers={"Host": host, "X-Forwarded-Proto": "https"})
        return 0 if connection.getresponse().status == 200 else 1
    except (OSError, HTTPException) as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
