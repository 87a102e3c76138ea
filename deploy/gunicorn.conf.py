"""gunicorn for pages: threads, because pages wait for the database; sockets are uvicorn's."""

import multiprocessing
import os

worker_class = "gthread"
workers = int(os.environ.get("WEB_PROCESSES", multiprocessing.cpu_count()))
threads = int(os.environ.get("WEB_THREADS", "4"))
timeout = 60
graceful_timeout = 30
keepalive = 75
# Memory that fragments away comes back; the jitter keeps processes from leaving together.
max_requests = 10_000
max_requests_jitter = 1_000
forwarded_allow_ips = os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1")
control_socket_disable = True
