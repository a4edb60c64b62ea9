"""What is in `deploy` is sound as far as it can be seen without running it."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import REGISTRY, Metric
from prometheus_client.samples import Sample
from rasa.core.channels.channel import register
from sanic import Sanic

import backstride.metrics  # noqa: F401 what is counted
from backstride.keep_up import LINGER_SECONDS
from backstride.paths import ROOT
from backstride.rasa.channels import RestChannel
from backstride.rasa.guard import TURN_SECONDS
from backstride.rasa.operations import DRAIN_SECONDS
from backstride.rasa.places import WAIT_SECONDS
from backstride.rasa.web import WebChannel
from backstride.supervisor import STOP_SECONDS
from tests.services import program

DEPLOY = ROOT / "deploy"
NGINX = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
# Each location of the public server: whether exactly this path, the path, what is done there.
LOCATIONS = re.findall(
    r"location (= )?(/\S*) \{(.*?)\n    \}", NGINX.split("# The way from")[0], re.DOTALL
)
OPERATORS = [
    "/metrics",
    "/ready",
    "/live",
    "/model",
    "/version",
    "/x",
    "/webhooks/rest",
    "/webhooks/rest/",
]


def nginx_target(path: str) -> str:
    """What nginx does with a path: an exact location wins, then the longest."""
    exact = [body for is_exact, place, body in LOCATIONS if is_exact and place == path]
    prefixes = [(place, body) for is_exact, place, body in LOCATIONS if not is_exact]
    fitting = sorted((it for it in prefixes if path.startswith(it[0])), key=lambda it: len(it[0]))
    body = exact[0] if exact else fitting[-1][1]
    return re.search(r"(?:proxy_pass )?(http\S+|return 404);", body)[1]


def of_kind(kind: str, name: str = "") -> dict[str, Any]:
    """A document of the Kubernetes manifests."""
    documents = yaml.safe_load_all((DEPLOY / "kubernetes" / "backstride.yml").read_text())
    return next(
        one for one in documents if one["kind"] == kind and name in ("", one["metadata"]["name"])
    )


def ingress_passes(path: str) -> bool:
    """Whether the Ingress passes a path."""
    paths = of_kind("Ingress")["spec"]["rules"][0]["http"]["paths"]
    return any(
        path == it["path"] or (it["pathType"] == "Prefix" and path.startswith(it["path"]))
        for it in paths
    )


def test_nginx_accepts_its_configuration(tmp_path: Path) -> None:
    key, certificate = tmp_path / "tls.key", tmp_path / "tls.crt"
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost"]
    subprocess.run(
        [*made, "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True
    )
    # The names of the containers are not known here.
    text = NGINX.replace("/etc/nginx/tls", str(tmp_path)).replace(
        "server rasa:", "server 127.0.0.1:"
    )
    text = text.replace("server actions:", "server 127.0.0.1:").replace(
        "_path /tmp/", f"_path {tmp_path}/"
    )
    file = tmp_path / "nginx.conf"
    file.write_text(text, encoding="utf-8")
    told = subprocess.run(
        [program("nginx"), "-t", "-p", str(tmp_path), "-c", str(file)],
        capture_output=True,
        text=True,
    )
    assert told.returncode == 0, told.stderr
    assert "warn" not in told.stderr


@pytest.mark.parametrize("path", OPERATORS)
def test_the_proxies_pass_nothing_of_the_operators(path: str) -> None:
    assert nginx_target(path) == "return 404"
    assert not ingress_passes(path)


def test_the_proxies_pass_each_public_route(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKSTRIDE_SECRET", "a key that only tests use")
    app = Sanic("routes")
    register([WebChannel(), RestChannel()], app, route="/webhooks/")
    app.router.finalize()
    paths = {f"/{route.path}" for route in app.router.routes}
    assert {"/widget/chat", "/widget/delete", "/widget/backstride.js", "/socket.io"} <= paths
    paths = {path.replace("/socket.io", "/socket.io/") for path in paths} - set(OPERATORS)
    for path in {*paths, "/", "/webhooks/telegram/webhook", "/webhooks/slack/webhook"}:
        assert nginx_target(path).startswith("http://rasa"), path
        assert ingress_passes(path), path


@pytest.mark.parametrize("path", ["/socket.io/", "/widget/chat", "/widget/delete"])
def test_one_address_stays_with_one_replica_where_that_keeps_a_state(path: str) -> None:
    assert nginx_target(path) == "http://rasa_sticky"
    annotations = of_kind("Ingress")["metadata"]["annotations"]
    assert annotations["nginx.ingress.kubernetes.io/upstream-hash-by"] == "$remote_addr"


def test_there_is_time_for_the_turns_in_flight() -> None:
    assert STOP_SECONDS > DRAIN_SECONDS
    compose = yaml.safe_load((DEPLOY / "compose.yml").read_text(encoding="utf-8"))
    for name in ("rasa", "actions"):
        grace = int(compose["services"][name]["stop_grace_period"].removesuffix("s"))
        assert grace >= (STOP_SECONDS if name == "rasa" else LINGER_SECONDS)
    pod = of_kind("Deployment", "rasa")["spec"]["template"]["spec"]
    before = int(pod["containers"][0]["lifecycle"]["preStop"]["exec"]["command"][1])
    assert pod["terminationGracePeriodSeconds"] >= STOP_SECONDS + before


def test_the_proxies_wait_longer_than_a_message_may_take() -> None:
    longest = WAIT_SECONDS + TURN_SECONDS
    (waits,) = re.findall(r"^  proxy_read_timeout (\d+)s;", NGINX, re.MULTILINE)
    assert int(waits) > longest
    ingress = of_kind("Ingress")["metadata"]["annotations"]
    assert int(ingress["nginx.ingress.kubernetes.io/proxy-read-timeout"]) > longest


def test_all_replicas_sign_with_one_key() -> None:
    compose = yaml.safe_load((DEPLOY / "compose.yml").read_text(encoding="utf-8"))
    rasa_service = compose["services"]["rasa"]
    assert rasa_service["environment"]["BACKSTRIDE_SECRET_FILE"] == "/run/secrets/secret"
    assert "secret" in rasa_service["secrets"]
    assert "BACKSTRIDE_SECRET" in of_kind("Secret")["stringData"]


def test_the_dashboard_shows_each_count_and_no_other() -> None:
    text = (DEPLOY / "dashboard.json").read_text(encoding="utf-8")
    shown = set(re.findall(r"backstride_\w+", text))
    kept = {
        sample.name
        for family in REGISTRY.collect()
        for sample in (*family.samples, *_without_labels_yet(family))
        if family.name.startswith("backstride_") and not sample.name.endswith("_created")
    }
    known = {name.removesuffix("_sum").removesuffix("_count") for name in kept}
    assert shown <= known | kept
    assert {name.removesuffix("_bucket") for name in known} == {
        name.removesuffix("_bucket") for name in shown
    }


def _without_labels_yet(family: Metric) -> list[Sample]:
    """A counter with labels has no sample before its first count."""
    return [Sample(f"{family.name}_total", {}, 0)] if family.type == "counter" else []
