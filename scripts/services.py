"""Real services on loopback for tests and benchmarks: ``start``, ``stop``, ``status``, ``env``.

PostgreSQL 15, Redis 7 and a small official Elasticsearch 9 node, each with its data in one folder
of the machine, so that several clones share them. Idempotent. Uses the standard library only.
"""

import argparse
import grp
import hashlib
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
import zipfile
from pathlib import Path

HOME = Path(os.environ.get("GONGZHI_SERVICES", "/var/tmp/gongzhi-services"))
SHIFT = int(os.environ.get("GONGZHI_PORT_SHIFT", "0"))  # for a second set beside the first
POSTGRES_PORT, REDIS_PORT, ELASTICSEARCH_PORT = 55432 + SHIFT, 56379 + SHIFT, 59200 + SHIFT
ENVIRONMENT = {
    "DATABASE_URL": f"postgresql://gongzhi@127.0.0.1:{POSTGRES_PORT}/postgres",
    "REDIS_URL": f"redis://127.0.0.1:{REDIS_PORT}/0",
    "ELASTICSEARCH_URL": f"http://127.0.0.1:{ELASTICSEARCH_PORT}",
}
POSTGRES_BIN = Path("/usr/lib/postgresql/15/bin")
# What a program proves, and the Debian package that brings it.
PACKAGES = {
    str(POSTGRES_BIN / "postgres"): "postgresql-15",
    "redis-server": "redis-server",
    "chromium": "chromium",
    "xgettext": "gettext",
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc": "fonts-noto-cjk",
    "mvn": "maven",
    "java": "openjdk-17-jre-headless",
}
# docs/adr/0001: 9.x wants Java 21; the older release is for machines that have only Java 17.
ELASTICSEARCH = {
    "9.2.0": (21, "bf44938a0490ba2a303d39c9cb64b38963dd08c812ce93e10816e878585bcb6b"),
    "8.19.21": (17, "215d5f3dbf0609a149f6218a9e47b6ae2df34ebbff3c5754e35f15a5e5393c8a"),
}
ELASTICSEARCH_USER = "gongzhi-es"
ELASTICSEARCH_SETTINGS = f"""\
cluster.name: gongzhi
discovery.type: single-node
network.host: 127.0.0.1
http.port: {ELASTICSEARCH_PORT}
transport.port: {ELASTICSEARCH_PORT + 100}
path.data: {HOME}/elasticsearch/data
path.logs: {HOME}/elasticsearch/logs
xpack.security.enabled: false
cluster.routing.allocation.disk.threshold_enabled: false
"""


class ServiceFailed(Exception):
    """A service could not be installed or started; the message says which and why."""


def say(line: str) -> None:
    print(line, flush=True)


def run(*command: str, user: str = "", cwd: Path | None = None) -> str:
    """Run ``command`` to its end (as ``user`` when we are root) and return what it printed."""
    full = _as_user(user, list(command))
    done = subprocess.run(full, capture_output=True, text=True, cwd=cwd or HOME, check=False)
    if done.returncode:
        raise ServiceFailed(
            f"{' '.join(command[:3])} failed:\n{(done.stdout + done.stderr)[-2000:]}"
        )
    return done.stdout


def _as_user(user: str, command: list[str]) -> list[str]:
    if user and os.getuid() == 0:
        return ["runuser", "-u", user, "--", *command]
    return command


def wait_until(name: str, ready: object, seconds: float) -> None:
    """Poll ``ready()`` until it is true; a service that stays silent is a failure."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if ready():  # type: ignore[operator]
            return
        time.sleep(0.2)
    raise ServiceFailed(f"{name} did not answer within {seconds:.0f} s; its log is in {HOME}.")


# -- installing -------------------------------------------------------------------------------


def missing_packages() -> list[str]:
    """Return the Debian packages whose programs are not on this machine."""
    return [
        package
        for proof, package in PACKAGES.items()
        if not (Path(proof).exists() if "/" in proof else shutil.which(proof))
    ]


def install_packages() -> None:
    """Install what is missing with apt; without root, say what to install."""
    missing = missing_packages()
    if not missing:
        return
    if os.getuid():
        raise ServiceFailed(f"Please install as root: apt-get install {' '.join(missing)}")
    say(f"Installing {', '.join(missing)} …")
    os.environ["DEBIAN_FRONTEND"] = "noninteractive"
    run("apt-get", "update", "-qq")
    run("apt-get", "install", "-y", "-qq", "--no-install-recommends", *missing)


def java_homes() -> dict[int, Path]:
    """Return feature version → home of every Java found."""
    found: dict[int, Path] = {}
    for program in [*Path("/usr/lib/jvm").glob("*/bin/java"), *Path("/opt").glob("*/bin/java")]:
        said = subprocess.run([program, "-version"], capture_output=True, text=True, check=False)
        version = re.search(r'version "(\d+)', said.stderr)
        if version:
            found[int(version.group(1))] = program.parents[1]
    return found


def fetch_elasticsearch(version: str, checksum: str) -> Path:
    """Return the unpacked distribution, fetched through Maven and checked by its SHA-256."""
    folder = HOME / f"elasticsearch-{version}"
    if folder.exists():
        return folder
    say(f"Fetching Elasticsearch {version} …")
    name = f"org.elasticsearch.distribution.integ-test-zip:elasticsearch:{version}:zip"
    run("mvn", "-q", "-B", "dependency:get", f"-Dartifact={name}", "-Dtransitive=false")
    run("mvn", "-q", "-B", "dependency:copy", f"-Dartifact={name}", f"-DoutputDirectory={HOME}")
    archive = HOME / f"elasticsearch-{version}.zip"
    with archive.open("rb") as handle:
        if hashlib.file_digest(handle, "sha256").hexdigest() != checksum:
            raise ServiceFailed(f"{archive.name} is not the file we know: its SHA-256 differs.")
    unpacked = HOME / "unpacking"
    shutil.rmtree(unpacked, ignore_errors=True)
    with zipfile.ZipFile(archive) as bundle:
        bundle.extractall(unpacked)
    for program in (unpacked / folder.name / "bin").iterdir():
        program.chmod(0o755)
    (unpacked / folder.name).rename(folder)
    archive.unlink()
    return folder


# -- PostgreSQL -------------------------------------------------------------------------------


def postgres_answers() -> bool:
    command = [str(POSTGRES_BIN / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(POSTGRES_PORT)]
    return not subprocess.run(command, check=False).returncode


def start_postgres() -> None:
    """Make our own cluster when there is none; it is for tests, so it need not survive a crash."""
    data = HOME / "postgres"
    if not (data / "PG_VERSION").exists():
        _own(data, "postgres")
        run(
            *(str(POSTGRES_BIN / "initdb"), "-D", str(data), "--username=gongzhi", "--auth=trust"),
            *("--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"),
            user="postgres",
        )
    settings = {
        "listen_addresses": "127.0.0.1",
        "port": POSTGRES_PORT,
        "unix_socket_directories": data,
        "max_connections": 200,
        "shared_buffers": "256MB",
        "fsync": "off",
        "synchronous_commit": "off",
        "full_page_writes": "off",
    }
    options = " ".join(f"-c {name}={value}" for name, value in settings.items())
    control = [str(POSTGRES_BIN / "pg_ctl"), "-D", str(data), "-l", str(data / "server.log")]
    run(*control, "-W", "-o", options, "start", user="postgres")
    wait_until("PostgreSQL", postgres_answers, 60)


def stop_postgres() -> None:
    data = HOME / "postgres"
    run(str(POSTGRES_BIN / "pg_ctl"), "-D", str(data), "-m", "fast", "stop", user="postgres")


# -- Redis ------------------------------------------------------------------------------------


def redis_answers() -> bool:
    try:
        with socket.create_connection(("127.0.0.1", REDIS_PORT), timeout=1) as door:
            door.sendall(b"PING\r\n")
            return door.recv(16).startswith(b"+PONG")
    except OSError:
        return False


def start_redis() -> None:
    folder = HOME / "redis"
    _own(folder, "redis")
    run(
        *("redis-server", "--port", str(REDIS_PORT), "--bind", "127.0.0.1", "--daemonize", "yes"),
        *("--dir", str(folder), "--pidfile", str(folder / "redis.pid"), "--save", ""),
        *("--logfile", str(folder / "redis.log")),
        user="redis",
    )
    wait_until("Redis", redis_answers, 20)


def stop_redis() -> None:
    _end(HOME / "redis" / "redis.pid")


# -- Elasticsearch ----------------------------------------------------------------------------


def elasticsearch_answers() -> bool:
    try:
        address = f"{ENVIRONMENT['ELASTICSEARCH_URL']}/_cluster/health?timeout=1s"
        with urllib.request.urlopen(address, timeout=2) as answer:
            return answer.status == 200
    except OSError:
        return False


def start_elasticsearch() -> None:
    """Start the newest release that the newest Java runs, as a user without rights."""
    homes = java_homes()
    newest = max(homes, default=0)
    fitting = [version for version, (java, _) in ELASTICSEARCH.items() if newest >= java]
    if not fitting:
        raise ServiceFailed("Elasticsearch needs Java 17 or newer.")
    version = fitting[0]
    folder = fetch_elasticsearch(version, ELASTICSEARCH[version][1])
    (folder / "config" / "elasticsearch.yml").write_text(ELASTICSEARCH_SETTINGS)
    if os.getuid() == 0 and ELASTICSEARCH_USER not in {entry.pw_name for entry in pwd.getpwall()}:
        run("useradd", "--system", "--no-create-home", ELASTICSEARCH_USER)
    _own(HOME / "elasticsearch", ELASTICSEARCH_USER)
    _own(folder, ELASTICSEARCH_USER)
    environment = [
        *("env", f"ES_JAVA_HOME={homes[newest]}", "ES_JAVA_OPTS=-Xms512m -Xmx512m"),
        *(str(folder / "bin" / "elasticsearch"), "-d"),
        *("-p", str(HOME / "elasticsearch" / "elasticsearch.pid")),
    ]
    run(*environment, user=ELASTICSEARCH_USER, cwd=folder)
    wait_until("Elasticsearch", elasticsearch_answers, 120)


def stop_elasticsearch() -> None:
    _end(HOME / "elasticsearch" / "elasticsearch.pid")


# -- common ground ----------------------------------------------------------------------------


def _own(folder: Path, user: str) -> None:
    """Make ``folder`` and everything in it belong to ``user`` (only root can and need)."""
    folder.mkdir(parents=True, exist_ok=True)
    if os.getuid():
        return
    entry = pwd.getpwnam(user)
    group = grp.getgrgid(entry.pw_gid).gr_name
    run("chown", "-R", f"{user}:{group}", str(folder))


def _end(pidfile: Path) -> None:
    """Ask the process named in ``pidfile`` to stop and wait for it."""
    if not pidfile.exists():
        return
    number = int(pidfile.read_text())
    try:
        os.kill(number, signal.SIGTERM)
        for _ in range(150):
            os.kill(number, 0)
            time.sleep(0.2)
    except ProcessLookupError:
        return
    raise ServiceFailed(f"Process {number} did not stop within 30 s.")


SERVICES = {
    f"PostgreSQL 15 on 127.0.0.1:{POSTGRES_PORT}": (
        postgres_answers,
        start_postgres,
        stop_postgres,
    ),
    f"Redis 7 on 127.0.0.1:{REDIS_PORT}": (redis_answers, start_redis, stop_redis),
    f"Elasticsearch on 127.0.0.1:{ELASTICSEARCH_PORT}": (
        elasticsearch_answers,
        start_elasticsearch,
        stop_elasticsearch,
    ),
}


def start() -> int:
    HOME.mkdir(parents=True, exist_ok=True)
    HOME.chmod(0o755)
    install_packages()
    failed = 0
    for name, (answers, begin, _) in SERVICES.items():
        began = time.monotonic()
        if answers():
            say(f"{name}: already running")
            continue
        try:
            begin()
            say(f"{name}: started in {time.monotonic() - began:.1f} s")
        except (ServiceFailed, OSError, KeyError) as error:
            failed += 1
            say(f"{name}: FAILED: {error}")
    return 1 if failed else 0


def stop() -> int:
    for name, (answers, _, end) in SERVICES.items():
        if not answers():
            say(f"{name}: not running")
            continue
        end()
        say(f"{name}: stopped")
    return 0


def status() -> int:
    silent = [name for name, (answers, _, _) in SERVICES.items() if not answers()]
    for name in SERVICES:
        say(f"{name}: {'not running' if name in silent else 'running'}")
    return 1 if silent else 0


def env() -> int:
    """Print the addresses for ``eval $(python3 scripts/services.py env)``."""
    for name, value in ENVIRONMENT.items():
        say(f"export {name}={value}")
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["start", "stop", "status", "env"])
    what = parser.parse_args().what
    try:
        return {"start": start, "stop": stop, "status": status, "env": env}[what]()
    except ServiceFailed as error:
        say(f"Services: {error}")
        return 1


if __name__ == "__main__":
    sys.exit(main())
