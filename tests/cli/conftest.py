"""A small estate in a store of its own, for the commands."""

from __future__ import annotations

from pathlib import Path

import pytest

from command_line import run

ESTATE = """
entities:
  - {id: web, type: Service, name: Web shop, criticality: critical,
     dependsOn: [app-group, {to: mailer, strength: soft}]}
  - {id: billing, type: Service, name: Billing, criticality: medium, dependsOn: db-1}
  - {id: app-group, type: RedundancyGroup, minimum: 1, hasMember: [app-1, app-2]}
  - {id: app-1, type: Application, dependsOn: db-1}
  - {id: app-2, type: Application, dependsOn: db-2}
  - {id: db-1, type: Database}
  - {id: db-2, type: Database}
  - {id: mailer, type: Application}
  - {id: acme, type: Customer, name: Acme, receives: [web, billing]}
  - {id: sla-web, type: ServiceLevelAgreement, name: SLA of the shop, covers: web, agreedWith: acme}
"""


@pytest.fixture
def estate(tmp_path: Path) -> Path:
    """The file of the estate."""
    file = tmp_path / "estate.yaml"
    file.write_text(ESTATE, encoding="utf-8")
    return file


@pytest.fixture
def store(estate: Path, tmp_path: Path) -> str:
    """The URL of a store that holds it."""
    url = str(tmp_path / "estate.db")
    ran = run("ingest", str(estate), "--store", url)
    assert ran.code == 0, ran.err
    return url
