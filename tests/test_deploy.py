"""What is in `deploy` is sound as far as it can be seen without running it."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import yaml
from prometheus_client import REGISTRY, Metric
from prometheus_client.samples import Sample

import backstride.metrics  # noqa: F401 what is counted
from backstride.paths import ROOT
from tests.services import program

DEPLOY = ROOT / "deploy"
NGINX = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")


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


def test_the_proxies_pass_the_same_paths_and_nothing_of_the_operators() -> None:
    locations = set(re.findall(r"location (?:= )?(/\S*) \{", NGINX.split("# The way from")[0]))
    documents = yaml.safe_load_all((DEPLOY / "kubernetes" / "backstride.yml").read_text())
    ingress = next(one for one in documents if one["kind"] == "Ingress")
    paths = {path["path"] for path in ingress["spec"]["rules"][0]["http"]["paths"]}
    assert paths == locations
    assert not {"/metrics", "/ready", "/live"} & paths


def test_there_is_time_for_the_turns_in_flight() -> None:
    from backstride.rasa.operations import DRAIN_SECONDS

    compose = yaml.safe_load((DEPLOY / "compose.yml").read_text(encoding="utf-8"))
    assert (
        int(compose["services"]["rasa"]["stop_grace_period"].removesuffix("s")) > DRAIN_SECONDS + 5
    )
    documents = yaml.safe_load_all((DEPLOY / "kubernetes" / "backstride.yml").read_text())
    rasa = next(
        d for d in documents if d["kind"] == "Deployment" and d["metadata"]["name"] == "rasa"
    )
    assert rasa["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] > DRAIN_SECONDS + 10


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
