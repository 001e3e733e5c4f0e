"""What `deploy/` says is what the program does: one queue, one user without rights, nobody else's network."""

from __future__ import annotations

import configparser
import importlib.util
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml
from dagster._core.instance.config import dagster_instance_config

from dataelec_assets.defs.jobs import WRITES
from dataelec_assets.defs.queues import BUILD, INGEST
from dataelec_assets.packaged import DAGSTER_INSTANCE, repository

DEPLOY = repository("read deploy") / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))

# Whether they are there, and what listens where; a container's own network is not this machine's.
_LOOPBACK = "127.0.0.1"


def of_yaml(path: str) -> Any:
    return yaml.safe_load((DEPLOY / path).read_text(encoding="utf-8"))


def workers() -> dict[str, list[str]]:
    """Return the command of each worker, wherever it is deployed."""
    found = {name: each["command"] for name, each in of_yaml("compose.yaml")["services"].items() if "command" in each}
    for document in yaml.safe_load_all((DEPLOY / "kubernetes" / "workers.yaml").read_text(encoding="utf-8")):
        if document["kind"] == "Deployment":
            (container,) = document["spec"]["template"]["spec"]["containers"]
            found[document["metadata"]["name"]] = container["command"]
    return {name: command for name, command in found.items() if command[0] == "celery"}


def test_dagster_takes_the_instance_and_its_secrets_come_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (DEPLOY / "dagster.yaml").read_text(encoding="utf-8")
    (tmp_path / "dagster.yaml").write_text(text, encoding="utf-8")
    monkeypatch.setenv("DAGSTER_POSTGRES_URL", "postgresql://dagster@127.0.0.1/dagster")
    config, _ = dagster_instance_config(str(tmp_path))
    assert config["storage"] == {"postgres": {"postgres_url": {"env": "DAGSTER_POSTGRES_URL"}}}


def test_one_run_that_writes_is_let_through_at_a_time() -> None:
    limit = {"key": next(iter(WRITES)), "value": WRITES["dataelec/ecrit"], "limit": 1}
    assert of_yaml("dagster.yaml")["concurrency"]["runs"]["tag_concurrency_limits"] == [limit]
    daemon = of_yaml("kubernetes/values.yaml")["dagsterDaemon"]
    assert daemon["runCoordinator"]["config"]["queuedRunCoordinator"]["tagConcurrencyLimits"] == [limit]


def test_it_differs_from_one_machine_in_storage_queue_and_logs_alone() -> None:
    one, several = yaml.safe_load(DAGSTER_INSTANCE.read_text(encoding="utf-8")), of_yaml("dagster.yaml")
    del several["concurrency"]["runs"]
    for name in ("storage", "compute_logs", "local_artifact_storage"):
        one.pop(name)
        several.pop(name, None)
    assert several == one


def test_one_worker_builds_and_every_queue_has_one() -> None:
    queues = {name: set(command[command.index("-Q") + 1].split(",")) for name, command in workers().items()}
    assert queues == {
        "build": {BUILD, INGEST},
        "ingest": {INGEST},
        "dataelec-build": {BUILD, INGEST},
        "dataelec-ingest": {INGEST},
    }
    builders = [document for document in documents() if document["metadata"]["name"] == "dataelec-build"]
    assert [(each["spec"]["replicas"], each["spec"]["strategy"]) for each in builders] == [(1, {"type": "Recreate"})]


def documents() -> list[dict[str, Any]]:
    return list(yaml.safe_load_all((DEPLOY / "kubernetes" / "workers.yaml").read_text(encoding="utf-8")))


def test_workers_run_a_module_of_ours() -> None:
    for command in workers().values():
        assert importlib.util.find_spec(command[command.index("-A") + 1]) is not None


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.stem)
def test_a_unit_runs_without_rights_and_listens_to_this_machine(path: Path) -> None:
    unit = configparser.RawConfigParser(strict=False)
    unit.optionxform = str  # type: ignore[assignment,method-assign]  # names are as systemd has them
    unit.read(path)
    service = unit["Service"]
    assert service["User"] == "dataelec"
    assert (service["NoNewPrivileges"], service["ProtectSystem"], service["CapabilityBoundingSet"]) == (
        "yes",
        "strict",
        "",
    )
    command = shlex.split(service["ExecStart"])
    hosts = [command[at + 1] for at, word in enumerate(command) if word in ("-h", "--host")]
    assert set(hosts) <= {_LOOPBACK}
    assert bool(hosts) == (path.stem in ("dataelec-code", "dataelec-web", "dataelec-api"))


def test_only_the_ui_and_the_api_leave_the_network_of_the_containers_and_only_to_this_machine() -> None:
    services = of_yaml("compose.yaml")["services"]
    ports = {name: each["ports"] for name, each in services.items() if "ports" in each}
    assert set(ports) == {"web", "api"}
    assert all(port.startswith(f"{_LOOPBACK}:") for each in ports.values() for port in each)
    ours = [each for name, each in services.items() if name not in ("postgres", "redis")]
    assert all(each["read_only"] and each["cap_drop"] == ["ALL"] for each in ours)


def test_no_password_stands_in_a_file() -> None:
    for path in DEPLOY.rglob("*"):
        if path.is_file() and path.suffix in (".yaml", ".example", ".service"):
            for line in path.read_text(encoding="utf-8").splitlines():
                if "PASSWORD" in line.upper() and not line.lstrip().startswith("#"):
                    assert "${" in line or "secret" in line.lower() or "environment" in line, (path.name, line)
