"""Several replicas on this computer: PostgreSQL, Redis, action servers, Rasa servers, nginx."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from backstride.paths import ROOT
from backstride.supervisor import environment
from tests.services import Service, free_port, nginx, postgresql, redis_server

START_SECONDS = 120


@dataclass
class Cluster:
    """Two of each, and what they share."""

    postgres: Service
    redis: Service
    rasa: list[Service]
    actions: list[Service]
    port: int
    database: str

    def ask(self, message: str, sender: str) -> list[dict[str, Any]]:
        """What comes back through nginx.

        Raises:
            requests.RequestException: nothing came back, or an HTTP error.
        """
        url = f"http://127.0.0.1:{self.port}/webhooks/rest/webhook"
        answer = requests.post(url, json={"sender": sender, "message": message}, timeout=60)
        answer.raise_for_status()
        return answer.json()


def ready(server: Service) -> bool:
    try:
        return requests.get(f"http://127.0.0.1:{server.port}/ready", timeout=5).ok
    except requests.RequestException:
        return False


def wait_until_ready(*servers: Service) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not all(map(ready, servers)):
        assert time.monotonic() < deadline, f"not ready after {START_SECONDS} s"
        time.sleep(0.2)


def configuration(port: int, inner: int, rasa: list[int], actions: list[int]) -> str:
    """`deploy/nginx.conf` for these ports, without TLS and without limits for one address."""
    text = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    for name, number, ports in (("rasa", 5005, rasa), ("actions", 5055, actions)):
        line = re.compile(rf"server {name}:{number}( [^;]*);")
        assert line.search(text)
        text = line.sub(
            lambda found, ports=ports: " ".join(f"server 127.0.0.1:{p}{found[1]};" for p in ports),
            text,
        )
    changes = {
        r"listen 8443 ssl http2;": f"listen 127.0.0.1:{port};",
        r"listen 8080;": f"listen 127.0.0.1:{free_port()};",
        r"listen 5055;": f"listen 127.0.0.1:{inner};",
        r"ssl_[^;]*;": "",
        r"limit_(req|conn) [^;]*;": "",
        r"(?<= )/tmp/": "{folder}/",
        r"error_log /dev/stderr warn;": "error_log {folder}/error.log crit;",
    }
    for pattern, new in changes.items():
        assert re.search(pattern, text), pattern
        text = re.sub(pattern, new, text)
    return text


@contextmanager
def cluster(folder: Path) -> Iterator[Cluster]:
    """All of them, ready."""
    with ExitStack() as stack:
        postgres, database = stack.enter_context(postgresql())
        redis, redis_url = stack.enter_context(redis_server())
        port, inner = free_port(), free_port()
        common = {
            **environment(),
            "BACKSTRIDE_DATABASE_URL": database,
            "BACKSTRIDE_REDIS_URL": redis_url,
            "BACKSTRIDE_SECRET": "a key that only tests use",
            "BACKSTRIDE_ACTIONS_URL": f"http://127.0.0.1:{inner}/webhook",
            "BACKSTRIDE_PROXIES": "1",
        }

        def server(name: str, command: list[str], number: int, **more: str) -> Service:
            log = stack.enter_context((folder / f"{name}.log").open("a"))
            env = {**common, **more}
            run = [sys.executable, "-m", *command]
            made = Service(run, number, cwd=ROOT, env=env, stdout=log, stderr=log)
            stack.callback(made.stop)
            return made

        actions = [
            server(f"actions-{i}", ["actions.server", str(number)], number)
            for i, number in enumerate((free_port(), free_port()))
        ]
        rasa = [
            server(
                f"rasa-{i}",
                ["backstride.supervisor", "rasa"],
                number,
                PORT=str(number),
                ACTION_PORT=str(free_port()),
            )
            for i, number in enumerate((free_port(), free_port()))
        ]
        for one in (*actions, *rasa):
            one.begin()
        text = configuration(port, inner, [r.port for r in rasa], [a.port for a in actions])
        stack.enter_context(nginx(text, port))
        wait_until_ready(*rasa)
        yield Cluster(postgres, redis, rasa, actions, port, database)
