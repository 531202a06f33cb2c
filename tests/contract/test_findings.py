"""The life of findings on every store: new, still there, gone, new again; decided about, accepted, open again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from graphsms.errors import InputError, UnknownIdError
from graphsms.findings import Findings
from graphsms.model import ChangeSet, Entity, Relation
from graphsms.store import Store

SLA = "service-without-sla:web,acme"
ESTATE = ChangeSet(
    entities=[
        Entity("web", "Service", {"name": "Web shop"}),
        Entity("mail", "Service"),
        Entity("acme", "Customer", {"name": "Acme"}),
        Entity("ann", "Person", {"name": "Ann"}),
        Entity("risk-1", "Risk"),
        Entity("sla-mail", "ServiceLevelAgreement"),
    ],
    relations=[
        Relation("receives", "acme", "web"),
        Relation("receives", "acme", "mail"),
        Relation("covers", "sla-mail", "mail"),
        Relation("agreedWith", "sla-mail", "acme"),
    ],
)
AGREED = ChangeSet(
    entities=[Entity("sla-web", "ServiceLevelAgreement")],
    relations=[Relation("covers", "sla-web", "web"), Relation("agreedWith", "sla-web", "acme")],
)
ENDED = ChangeSet(removed_entities=["sla-web"])
ONLY = ["service-without-sla"]


@pytest.fixture
def findings(store: Store) -> Findings:
    store.apply(ESTATE)
    return Findings(store)


def lives(findings: Findings) -> dict[str, tuple[str, str]]:
    return {one.identity: (one.status, one.state) for one in findings.run(checks=ONLY).findings}


def test_a_run_writes_nothing_and_counts_over_all_that_it_looked_at(findings: Findings, store: Store) -> None:
    answer = findings.run(checks=ONLY)
    (tally,) = answer.tallies
    assert (tally.deficient, tally.looked_at, tally.open) == (1, 2, 1)
    assert [one.message for one in answer.open] == ["No service level agreement with acme for Web shop is in force."]
    assert store.revision().number == answer.revision == 1


def test_a_finding_is_new_then_still_there_then_gone_then_new_again(findings: Findings, store: Store) -> None:
    assert lives(findings) == {SLA: ("new", "open")}
    first = findings.record(checks=ONLY)
    assert first.recorded == 2
    assert lives(findings) == {SLA: ("still there", "open")}
    store.apply(AGREED)
    assert lives(findings) == {SLA: ("gone", "gone")}
    assert findings.run(checks=ONLY).newly_gone == 1
    findings.record(checks=ONLY)
    assert findings.run(checks=ONLY).newly_gone == 0
    store.apply(ENDED)
    assert lives(findings) == {SLA: ("new", "open")}
    before = store.entity(f"finding:{SLA}")
    findings.record(checks=ONLY)
    after = store.entity(f"finding:{SLA}")
    assert before
    assert after
    assert str(after.properties["firstFoundAt"]) > str(before.properties["lastFoundAt"])


def test_what_is_recorded_says_by_which_rule_on_what_and_at_which_revision(findings: Findings, store: Store) -> None:
    findings.record(checks=ONLY, actor="ann")
    entity = store.entity(f"finding:{SLA}")
    assert entity
    assert entity.type == "Finding"
    assert entity.properties["ruleId"] == "service-without-sla"
    assert (entity.properties["numerator"], entity.properties["denominator"]) == (1.0, 2.0)
    assert entity.properties["atRevision"] == 1
    assert entity.properties["clauseReference"] == ("8.3.3",)
    assert {one.object for one in store.relations(subjects=[entity.id], type="findingOn")} == {"web", "acme"}
    assert store.revision().actor == "ann"


def test_what_was_not_looked_at_is_not_gone(findings: Findings, store: Store) -> None:
    findings.record(checks=ONLY)
    store.apply(AGREED)
    findings.record(checks=["supply-without-agreement"])
    entity = store.entity(f"finding:{SLA}")
    assert entity
    assert entity.properties["findingStatus"] == "new"
    assert findings.run(checks=["supply-without-agreement"]).not_run == 1


def test_a_finding_stays_known_after_what_it_was_on_is_removed(findings: Findings, store: Store) -> None:
    findings.record(checks=ONLY)
    store.apply(ChangeSet(removed_entities=["web"]))
    (gone,) = findings.record(checks=ONLY).gone
    assert (gone.identity, gone.entities) == (SLA, ("acme",))


def test_an_accepted_finding_is_open_again_when_the_day_is_past(findings: Findings) -> None:
    findings.accept(SLA, why="it ends in spring", until="2999-03-31", by="ann")
    answer = findings.run(checks=ONLY)
    assert (len(answer.open), len(answer.accepted)) == (0, 1)
    assert answer.accepted[0].disposition
    assert answer.accepted[0].disposition.by == "ann"
    last = findings.run(checks=ONLY, as_of="2999-03-31T23:59:59Z")
    assert last.accepted
    after = findings.run(checks=ONLY, as_of="2999-04-01T00:00:00Z")
    assert [one.identity for one in after.open] == [SLA]
    assert after.open[0].disposition
    assert not after.open[0].disposition.holds


def test_what_is_dealt_with_stays_open_with_its_owner_and_day(findings: Findings) -> None:
    done = findings.dispose(SLA, owner="ann", due="2999-01-31", through=["risk-1"])
    assert (done.owner, done.due, done.through) == ("ann", "2999-01-31", ("risk-1",))
    (one,) = findings.run(checks=ONLY).open
    assert one.disposition == done
    late = findings.run(checks=ONLY, as_of="2999-02-01T00:00:00Z").open[0].disposition
    assert late
    assert late.overdue


def test_a_decision_holds_again_when_a_finding_that_was_gone_comes_back(findings: Findings, store: Store) -> None:
    findings.record(checks=ONLY)
    findings.accept(SLA, why="known", until="2999-01-01", by="ann")
    store.apply(AGREED)
    findings.record(checks=ONLY)
    store.apply(ENDED)
    assert lives(findings) == {SLA: ("new", "accepted")}


def test_a_new_decision_replaces_the_earlier_one_and_reopening_ends_it(findings: Findings, store: Store) -> None:
    findings.dispose(SLA, owner="ann", due="2999-01-31", through=["risk-1"])
    accepted = findings.accept(SLA, why="cheaper", until="2999-01-01", by="ann")
    assert (accepted.owner, accepted.due, accepted.through) == ("", "", ())
    ended = findings.reopen(SLA)
    assert not ended.holds
    assert lives(findings)[SLA][1] == "open"
    with pytest.raises(InputError, match="ended already"):
        findings.reopen(SLA)
    history = [one.after for one in store.touched(0) if isinstance(one.after, Entity) and one.after.id == ended.id]
    assert [one.properties["decision"] for one in history] == ["to be dealt with", "accepted", "accepted"]


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"owner": "nobody", "due": "2999-01-01"}, "nobody"),
        ({"owner": "web", "due": "2999-01-01"}, "leads to one of"),
        ({"owner": "ann", "due": "soon"}, "must be a date"),
        ({"owner": "ann", "due": ""}, "due is missing"),
        ({"owner": "ann", "due": "2999-01-01", "through": ["ann"]}, "leads to one of"),
    ],
)
def test_a_decision_that_cannot_be_followed_to_a_record_is_refused(
    findings: Findings, store: Store, wrong: dict[str, Any], says: str
) -> None:
    with pytest.raises(InputError, match=says):
        findings.dispose(SLA, **wrong)
    assert store.revision().number == 1


def test_accepting_needs_a_day_ahead_and_somebody_known(findings: Findings) -> None:
    with pytest.raises(InputError, match="past"):
        findings.accept(SLA, why="w", until="2020-01-01", by="ann")
    with pytest.raises(UnknownIdError):
        findings.accept(SLA, why="w", until="2999-01-01", by="an")
    with pytest.raises(InputError, match="There is no finding"):
        findings.accept("service-without-sla:mail,acme", why="w", until="2999-01-01", by="ann")
    with pytest.raises(InputError, match="There is no finding"):
        findings.accept("no-such-rule:web", why="w", until="2999-01-01", by="ann")


def test_findings_can_be_asked_for_as_recorded_before(findings: Findings, store: Store) -> None:
    findings.record(checks=ONLY)
    store.apply(AGREED)
    assert [one.status for one in findings.run(checks=ONLY, at=1).findings] == ["new"]
    assert [one.status for one in findings.run(checks=ONLY, at=2).findings] == ["still there"]


def test_checks_of_ones_own_stand_beside_ours(findings: Findings, tmp_path: Path) -> None:
    file = tmp_path / "checks.yaml"
    file.write_text(
        """
checks:
  - id: service-without-description
    version: 1
    title: Services that nobody has described
    clause: 8.2.4
    severity: notice
    over: {type: Service}
    query: "SELECT ?s ?name WHERE { ?s a sms:Service OPTIONAL { ?s sms:name ?name }
            FILTER NOT EXISTS { ?s sms:description ?d } }"
    identity: [s]
    message: $name is not described.
    remedy: Describe it.
"""
    )
    answer = findings.run(checks=["service-without-description"], files=[file])
    assert [(one.identity, one.message) for one in answer.open] == [
        ("service-without-description:mail", "mail is not described."),
        ("service-without-description:web", "Web shop is not described."),
    ]
    assert findings.accept(
        "service-without-description:mail", why="w", until="2999-01-01", by="ann", files=[file]
    ).holds
