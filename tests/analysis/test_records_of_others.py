"""What is told of the records of public estates: a dump of NetBox and the manifests of Online Boutique."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import graphsms

DATA = Path(__file__).parent.parent.parent.parent / "shared" / "data"
BOUTIQUE = DATA / "online-boutique" / "release" / "kubernetes-manifests.yaml"
NETBOX = DATA / "netbox"

pytestmark = pytest.mark.skipif(not BOUTIQUE.exists() or not NETBOX.exists(), reason="the public estates are not here")


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Iterator[graphsms.Graph]:
    with graphsms.open(tmp_path_factory.mktemp("estate") / "estate.db") as graph:
        graph.ingest(NETBOX, source="netbox")
        graph.ingest(BOUTIQUE, source="boutique")
        yield graph


def test_patch_panels_of_one_name_in_several_rooms_are_not_proposed_as_one(graph: graphsms.Graph) -> None:
    assert len([one for one in graph.entities() if one.name == "PP:MDF"]) > 1
    assert graph.configuration.duplicates().groups == ()


def test_a_second_reading_of_the_manifests_agrees_with_the_first(graph: graphsms.Graph) -> None:
    answer = graph.configuration.verify(BOUTIQUE, type="ContainerWorkload")
    assert (answer.checked, answer.deficient) == (12, 0)


def test_every_share_is_of_what_there_is(graph: graphsms.Graph) -> None:
    answer = graph.configuration.completeness()
    assert answer.total > 500
    assert all(max(one.recorded.values()) <= one.total for one in answer.types)
    for tally in graph.findings.run().tallies:
        assert 0 <= tally.deficient <= tally.looked_at
