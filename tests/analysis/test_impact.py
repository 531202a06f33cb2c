"""Blast radii as a change manager would tell them, on a real store with our own ontology."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from graphsms.analysis.impact import Impact, explain, impact
from graphsms.errors import InputError, UnknownIdError
from graphsms.model import ChangeSet, Entity, Relation
from graphsms.ontology import load
from graphsms.snapshot import live_graph
from graphsms.snapshot.live import LiveGraph
from graphsms.store import SourceState, Store
from graphsms.store.sqlite import SqliteStore

AS_OF = "2026-11-21T09:30:00Z"
Make = Callable[..., Store]


def entity(id: str, type: str, /, **properties: Any) -> Entity:
    return Entity(id, type, properties)


def edges(text: str) -> list[Relation]:
    """``web dependsOn app``, one a line; ``~`` before the object makes it soft."""
    found = []
    for line in text.strip().splitlines():
        subject, type, object = line.split()
        found.append(Relation(type, subject, object.lstrip("~"), {"strength": "soft"} if object[0] == "~" else {}))
    return found


@pytest.fixture
def make(tmp_path: Path) -> Make:
    def store(entities: list[Entity], relations: str | list[Relation]) -> Store:
        made = SqliteStore.open(str(tmp_path / "estate.db"), load(), create=True)
        stated = edges(relations) if isinstance(relations, str) else relations
        made.apply(ChangeSet(entities=entities, relations=stated))
        return made

    return store


def hit(store: Store, *ids: str, **options: Any) -> dict[str, str]:
    answer = impact(store, ids, as_of=AS_OF, **options)
    return {one.id: one.state for one in answer.hits}


def web_shop(make: Make, minimum: int = 1) -> Store:
    """A shop on a pair of applications, each on a host of its own, with a mailer that it can go without."""
    return make(
        [
            entity("web", "Service", name="Web shop", criticality="critical"),
            entity("mailer", "Service", criticality="low"),
            entity("apps", "RedundancyGroup", minimum=minimum),
            entity("app-1", "Application"),
            entity("app-2", "Application"),
            entity("host-1", "Server"),
            entity("host-2", "Server"),
        ],
        """
        web dependsOn apps
        web dependsOn ~mailer
        apps hasMember app-1
        apps hasMember app-2
        app-1 hostedOn host-1
        app-2 hostedOn host-2
        """,
    )


# ------------------------------------------------------------------------------------- the one rule


def test_a_redundant_pair_survives_the_loss_of_one(make: Make) -> None:
    assert hit(web_shop(make), "app-1") == {"apps": "at risk", "web": "at risk"}


def test_a_redundant_pair_does_not_survive_the_loss_of_both(make: Make) -> None:
    assert hit(web_shop(make), "host-1", "host-2") == {
        "app-1": "down",
        "app-2": "down",
        "apps": "down",
        "web": "down",
    }


def test_a_pair_of_which_both_are_needed_is_no_redundancy(make: Make) -> None:
    assert hit(web_shop(make, minimum=2), "app-1") == {"apps": "down", "web": "down"}


def test_a_group_is_in_the_state_of_the_best_that_it_can_count_on(make: Make) -> None:
    store = web_shop(make)
    assert hit(store, "app-1", "app-2", mode="degradation") == {"apps": "degraded", "web": "degraded"}
    assert hit(store, "app-1", mode="degradation") == {"apps": "at risk", "web": "at risk"}
    assert hit(store, "app-1", mode="change") == {}
    assert hit(store, "app-1", "app-2", mode="change") == {"apps": "at risk", "web": "at risk"}


def test_what_is_only_softly_needed_degrades_and_no_more(make: Make) -> None:
    store = web_shop(make)
    assert hit(store, "mailer") == {"web": "degraded"}
    assert hit(store, "mailer", mode="change") == {"web": "at risk"}


def test_groups_nest(make: Make) -> None:
    store = make(
        [entity("all", "RedundancyGroup", minimum=1), entity("web", "Service")]
        + [entity(f"site-{s}", "RedundancyGroup", minimum=2) for s in "ab"]
        + [entity(f"node-{s}{n}", "Server") for s in "ab" for n in (1, 2, 3)],
        "web dependsOn all\nall hasMember site-a\nall hasMember site-b\n"
        + "\n".join(f"site-{s} hasMember node-{s}{n}" for s in "ab" for n in (1, 2, 3)),
    )
    assert hit(store, "node-a1") == {"site-a": "at risk"}
    assert hit(store, "node-a1", "node-a2") == {"site-a": "down", "all": "at risk", "web": "at risk"}
    assert hit(store, "node-a1", "node-a2", "node-b1", "node-b2")["web"] == "down"


def test_a_group_needs_what_it_depends_on_besides_its_members(make: Make) -> None:
    store = make(
        [entity("apps", "RedundancyGroup", minimum=1), entity("balancer", "NetworkDevice")]
        + [entity(f"app-{n}", "Application") for n in (1, 2)],
        "apps hasMember app-1\napps hasMember app-2\napps dependsOn balancer",
    )
    assert hit(store, "balancer") == {"apps": "down"}


def test_a_group_with_less_than_it_needs_can_spare_none_and_is_counted(make: Make) -> None:
    store = make(
        [entity("apps", "RedundancyGroup", minimum=3), entity("app-1", "Application"), entity("app-2", "Application")],
        "apps hasMember app-1\napps hasMember app-2",
    )
    answer = impact(store, "app-1", as_of=AS_OF)
    assert [(one.id, one.state) for one in answer.hits] == [("apps", "down")]
    assert answer.verdict.groups_below_minimum == 1


def test_a_group_that_does_not_say_what_it_needs_needs_all(make: Make) -> None:
    store = make(
        [entity("apps", "RedundancyGroup"), entity("app-1", "Application"), entity("app-2", "Application")],
        "apps hasMember app-1\napps hasMember app-2",
    )
    assert hit(store, "app-1") == {"apps": "down"}


def test_a_cycle_never_brings_itself_down(make: Make) -> None:
    store = make(
        [entity("a", "Application"), entity("b", "Application"), entity("c", "Server")],
        "a dependsOn b\nb dependsOn a\na hostedOn c",
    )
    assert hit(store, "c") == {"a": "down", "b": "down"}
    assert impact(store, "a", as_of=AS_OF).seeds[0].state == "down"
    assert hit(store, "a") == {"b": "down"}
    assert {one.id: one.through for one in impact(store, "c", as_of=AS_OF).hits} == {"a": ("c",), "b": ("a",)}


def test_a_seed_that_is_hit_itself_ends_worse_and_says_so(make: Make) -> None:
    store = make(
        [entity("acme", "Organization"), entity("supply", "SupplyRelationship"), entity("desk", "Server")],
        "supply hasSupplier ~acme\nsupply dependsOn desk",
    )
    (alone,) = impact(store, "acme", as_of=AS_OF).seeds[0].stands_for
    assert (alone.seeded, alone.state, alone.through) == ("degraded", "degraded", ())
    answer = impact(store, ["acme", "desk"], as_of=AS_OF)
    (worse,) = answer.seeds[0].stands_for
    assert (worse.seeded, worse.state, worse.through) == ("degraded", "down", ("desk",))
    assert answer.hits == ()


def test_seeds_that_need_each_other_are_still_seeds(make: Make) -> None:
    store = make([entity("a", "Application"), entity("b", "Application")], "a dependsOn b")
    answer = impact(store, ["b", "a", "b"], as_of=AS_OF)
    assert [(seed.id, seed.state, seed.through) for seed in answer.seeds] == [("b", "down", ()), ("a", "down", ())]
    assert answer.hits == ()


# ---------------------------------------------------------------------- who fails, who is concerned


def supplied(make: Make) -> Store:
    """Acme runs the data centre, and is a customer of the shop at the same time."""
    return make(
        [
            entity("web", "Service"),
            entity("crm", "Service"),
            entity("host", "Server"),
            entity("supply", "SupplyRelationship"),
            entity("acme", "Organization"),
            entity("buyer", "Organization"),
            entity("sla", "ServiceLevelAgreement"),
            entity("contract", "Contract"),
        ],
        """
        web hostedOn host
        host suppliedBy supply
        supply hasSupplier acme
        acme receives web
        buyer receives web
        sla covers web
        contract covers supply
        crm dependsOn web
        """,
    )


def test_a_supplier_is_stood_for_by_its_supply_relationships(make: Make) -> None:
    answer = impact(supplied(make), "acme", as_of=AS_OF)
    (seed,) = answer.seeds
    assert [(one.id, one.seeded) for one in seed.stands_for] == [("supply", "down")]
    assert {one.id for one in answer.hits} == {"host", "web", "crm"}
    assert "supply" not in {one.id for one in answer.hits}


def test_customers_and_agreements_are_concerned_and_pass_nothing_on(make: Make) -> None:
    answer = impact(supplied(make), "web", as_of=AS_OF)
    assert [(one.id, one.state, one.through) for one in answer.concerned] == [
        ("acme", "down", ("web",)),
        ("buyer", "down", ("web",)),
        ("sla", "down", ("web",)),
    ]
    assert [one.id for one in answer.hits] == ["crm"], "Acme is hit as a customer, its supply is not"


def test_what_cannot_fail_and_stands_for_nothing_is_said(make: Make) -> None:
    answer = impact(supplied(make), "buyer", as_of=AS_OF)
    assert answer.hits == ()
    assert "cannot fail" in answer.seeds[0].note


def test_a_retired_server_hits_nothing_and_is_not_hit(make: Make) -> None:
    store = make(
        [
            entity("web", "Service"),
            entity("old", "Server", lifecycle="retired"),
            entity("site", "Site"),
        ],
        "web hostedOn old\nold locatedAt site",
    )
    answer = impact(store, "old", as_of=AS_OF)
    assert answer.hits == ()
    assert "not live" in answer.seeds[0].note
    assert hit(store, "site") == {}


def test_a_retired_member_does_not_count(make: Make) -> None:
    store = make(
        [
            entity("apps", "RedundancyGroup", minimum=1),
            entity("app-1", "Application"),
            entity("app-2", "Application", lifecycle="retired"),
        ],
        "apps hasMember app-1\napps hasMember app-2",
    )
    assert hit(store, "app-1") == {"apps": "down"}


def test_validity_is_half_open_and_looked_up_at_the_as_of_time(make: Make) -> None:
    store = make(
        [entity("web", "Service"), entity("db", "Database")],
        [Relation("dependsOn", "web", "db", {"validFrom": "2026-01-01T00:00:00Z", "validTo": "2026-07-01T00:00:00Z"})],
    )

    def at(moment: str) -> int:
        return len(impact(store, "db", as_of=moment).hits)

    assert at("2025-12-31T23:59:59Z") == 0
    assert at("2026-01-01T00:00:00Z") == 1
    assert at("2026-06-30T23:59:59.999999Z") == 1
    assert at("2026-07-01T00:00:00Z") == 0


# -------------------------------------------------------------------------------------------- modes


def test_a_removal_lists_everything_that_refers_to_it(make: Make) -> None:
    answer = impact(supplied(make), "web", as_of=AS_OF, mode="removal")
    assert {(relation.subject, relation.type, relation.object) for relation in answer.references} == {
        ("web", "hostedOn", "host"),
        ("acme", "receives", "web"),
        ("buyer", "receives", "web"),
        ("sla", "covers", "web"),
        ("crm", "dependsOn", "web"),
    }
    assert answer.hits[0].state == "down"


def test_replacing_a_supplier_takes_its_supply_down_between_old_end_and_new_start(make: Make) -> None:
    store = supplied(make)
    gap = {"start": "2027-01-01T00:00:00Z", "end": "2027-02-01T00:00:00Z", "mode": "supplier replacement"}
    answer = impact(store, "acme", **gap)  # type: ignore[arg-type]
    assert answer.as_of == "2027-01-01T00:00:00Z"
    assert {one.id: one.state for one in answer.hits} == {"host": "down", "web": "down", "crm": "down"}
    assert [(relation.subject, relation.object) for relation in answer.references] == [("contract", "supply")]
    after = impact(store, "acme", as_of="2027-02-01T00:00:00Z", **gap)  # type: ignore[arg-type]
    assert after.hits == ()
    assert "Nothing is put into a state" in after.verdict.notes[0]


def test_a_replacement_without_a_gap_stops_nothing(make: Make) -> None:
    answer = impact(
        supplied(make),
        "acme",
        mode="supplier replacement",
        start="2027-02-01T00:00:00Z",
        end="2027-01-01T00:00:00Z",
    )
    assert answer.hits == ()
    assert [(relation.subject, relation.object) for relation in answer.references] == [("contract", "supply")]


def test_the_transfer_of_a_service_puts_at_risk_and_names_its_route(make: Make) -> None:
    answer = impact(supplied(make), "web", as_of=AS_OF, mode="service transfer")
    assert [(one.id, one.state) for one in answer.hits] == [("crm", "at risk")]
    assert "8.5.1.2" in answer.verdict.notes[0]


# ------------------------------------------------------------------------------------ for people


def sentence(store: Store, *ids: str, **options: Any) -> str:
    return impact(store, ids, as_of=AS_OF, **options).sentence()


def test_the_answer_is_a_sentence(make: Make) -> None:
    store = web_shop(make)
    assert sentence(store, "apps") == "Taking *apps* down stops 1 of 2 services, which is critical."
    assert sentence(store, "app-1") == (
        "Taking *app-1* down uses up the redundancy of 1 of 2 services, which is critical."
    )
    assert sentence(store, "app-1", "app-2", mode="change") == (
        "Changing *app-1* and *app-2* puts 1 of 2 services at risk, which is critical."
    )
    assert sentence(store, "mailer") == "Taking *mailer* down degrades 1 of 1 other service, which is critical."
    assert sentence(store, "web") == "Taking *web* down hits none of 1 other service."


def test_a_long_answer_is_one_sentence_too(make: Make) -> None:
    services = [entity(f"s{n}", "Service", criticality="critical" if n < 2 else "low") for n in range(6)]
    store = make(
        [*services, entity("db", "Database"), entity("x", "Server"), entity("pool", "RedundancyGroup", minimum=1)],
        "s0 dependsOn db\ns1 dependsOn db\ns2 dependsOn db\ns3 dependsOn ~db\npool hasMember db\npool hasMember x\n"
        "s4 dependsOn pool",
    )
    assert sentence(store, "db") == (
        "Taking *db* down stops 3 of 6 services, two of them critical, degrades 1 more, "
        "and uses up the redundancy of 1 more."
    )
    assert sentence(store, "x") == "Taking *x* down uses up the redundancy of 1 of 6 services."
    assert sentence(store, "db", "x", "pool", "s5").startswith("Taking *db*, *x*, and 2 more down stops 4 of 5 other")


def test_services_come_first_then_those_concerned_then_the_other_items(make: Make) -> None:
    store = supplied(make)
    answer = impact(store, "supply", as_of=AS_OF)
    assert [one.section for one in answer.rows()] == [
        "services",
        "services",
        "parties",
        "parties",
        "agreements",
        "agreements",
        "configuration items",
    ]


def test_the_more_critical_and_the_worse_come_first(make: Make) -> None:
    store = make(
        [
            entity("a", "Service", criticality="low"),
            entity("b", "Service"),
            entity("c", "Service", criticality="critical"),
            entity("d", "Service", criticality="critical"),
            entity("db", "Database"),
        ],
        "a dependsOn db\nb dependsOn db\nc dependsOn ~db\nd dependsOn db",
    )
    assert [one.id for one in impact(store, "db", as_of=AS_OF).hits] == ["d", "c", "a", "b"]


def test_json_has_what_programs_need(make: Make) -> None:
    found = json.loads(json.dumps(impact(web_shop(make), "host-1", as_of=AS_OF).to_json()))
    assert set(found) == {
        "revision", "at", "as_of", "mode", "unknown_count", "verdict", "seeds", "hits", "concerned", "references",
    }  # fmt: skip
    assert found["revision"] == 1
    assert [one["id"] for one in found["seeds"]] == ["host-1"]
    by_id = {one["id"]: one for one in found["hits"]}
    assert by_id["apps"] == {
        "id": "apps",
        "type": "RedundancyGroup",
        "name": "apps",
        "state": "at risk",
        "through": ["app-1"],
        "relations": ["hasMember"],
        "criticality": "",
        "section": "configuration items",
        "lost": 1,
        "members": 2,
        "minimum": 1,
    }
    assert found["verdict"]["complete"] is True
    assert found["verdict"]["services"] == {"down": 0, "degraded": 0, "at risk": 1, "total": 2}


def test_a_frame_has_a_row_for_each_hit_and_each_concerned(make: Make) -> None:
    answer = impact(supplied(make), "web", as_of=AS_OF)
    frame = answer.to_frame()
    assert frame["id"].tolist() == ["crm", "acme", "buyer", "sla"]
    assert frame["concerned"].tolist() == [False, True, True, True]


# ------------------------------------------------------------------------------- somebody writes meanwhile


def test_an_answer_says_the_revision_that_it_is_of_when_somebody_has_written_on_the_way(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = web_shop(make)

    def after_another_has_written(store: Store, moment: str, at: int | None = None) -> LiveGraph:
        store.apply(ChangeSet(relations=edges("web dependsOn app-1")))
        return live_graph(store, moment, at)

    monkeypatch.setattr("graphsms.analysis.seeding.live_graph", after_another_has_written)
    answer = impact(store, "app-1", as_of=AS_OF)
    assert (answer.revision, answer.at) == (2, store.revision().time)
    assert {one.id: one.state for one in answer.hits}["web"] == "down"


def test_what_somebody_removes_meanwhile_is_answered_for_as_it_was(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    store = web_shop(make)

    def before_another_writes(store: Store, moment: str, at: int | None = None) -> LiveGraph:
        graph = live_graph(store, moment, at)
        store.apply(ChangeSet(removed_entities=["app-1"]))
        return graph

    monkeypatch.setattr("graphsms.analysis.seeding.live_graph", before_another_writes)
    answer = impact(store, "app-1", mode="removal", as_of=AS_OF)
    assert (answer.revision, answer.seeds[0].state) == (1, "down")
    assert {one.id: one.state for one in answer.hits} == {"apps": "at risk", "web": "at risk"}
    assert [relation.subject for relation in answer.references] == ["app-1", "apps"]


# ------------------------------------------------------------------------------- the verdict, unknown


def test_what_is_not_known_to_be_fine_is_counted_by_cause(make: Make) -> None:
    store = make(
        [
            entity("host", "Server"),
            entity("app", "Application"),
            entity("mystery", "Server", placeholder=True),
            entity("site", "Site"),
            entity("team", "Team"),
        ],
        "app hostedOn host\nhost locatedAt site\napp ownedBy team",
    )
    store.apply(ChangeSet(entities=[Entity("new", "Site", {}, "discovery")]))
    store.note_import(SourceState("discovery", "yaml", "2026-10-01T00:00:00Z", "P1M"))
    answer = impact(store, "host", as_of=AS_OF)
    unknown = {one.id: one.causes for one in answer.unknown()}
    assert unknown["mystery"][0] == "placeholder"
    assert "missing relation" in unknown["mystery"], "a server without a site"
    assert unknown["new"] == ("stale source",)
    missing = {one.id: one.missing for one in answer.unknown()}
    assert missing["mystery"] == tuple(sorted(load().types["Server"].expects))
    assert missing["new"] == (), "it lacks nothing, but may be out of date"
    assert "app" not in unknown, "what is hit is not unknown"
    assert answer.verdict.unknown == len(unknown)
    assert answer.verdict.unknown_by_cause["stale source"] == 1
    assert answer.verdict.placeholders == 1
    fresh = impact(store, "host", as_of="2026-11-01T00:00:00Z")
    assert fresh.verdict.unknown_by_cause["stale source"] == 0, "a month by the calendar has not quite passed"


def test_every_answer_states_both_times(make: Make) -> None:
    store = web_shop(make)
    store.apply(ChangeSet(removed_relations=[("web", "dependsOn", "apps")]))
    now = impact(store, "app-1", as_of=AS_OF)
    then = impact(store, "app-1", as_of=AS_OF, at=1)
    assert (now.revision, then.revision) == (2, 1)
    assert then.at < now.at
    assert now.as_of == then.as_of == AS_OF
    assert {one.id for one in then.hits} - {one.id for one in now.hits} == {"web"}


def test_what_has_been_removed_can_still_be_asked_about(make: Make) -> None:
    store = web_shop(make)
    store.apply(ChangeSet(removed_entities=["apps"]))
    with pytest.raises(UnknownIdError):
        impact(store, "apps")
    assert [one.id for one in impact(store, "apps", at=1, as_of=AS_OF).hits] == ["web"]
    assert explain(store, "apps", "web", at=1, as_of=AS_OF).state == "down"


# ---------------------------------------------------------------------------------------- mistakes


def test_an_unknown_id_names_the_nearest(make: Make) -> None:
    with pytest.raises(UnknownIdError) as raised:
        impact(web_shop(make), "ap-1")
    assert "app-1" in raised.value.nearest


@pytest.mark.parametrize(
    "options", [{"mode": "explosion"}, {"at": 7}, {"at": -1}, {"as_of": "yesterday"}, {"as_of": "2026-11-21T09:30:00"}]
)
def test_what_makes_no_sense_is_refused(make: Make, options: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        impact(web_shop(make), "app-1", **options)


def test_something_must_be_asked_about(make: Make) -> None:
    with pytest.raises(InputError, match="at least one id"):
        impact(web_shop(make), [])


# ------------------------------------------------------------------------------------- explanations


def told(store: Store, target: str, *ids: str, **options: Any) -> str:
    return str(explain(store, ids, target, as_of=AS_OF, **options))


def test_the_explanation_goes_back_to_the_seeds(make: Make) -> None:
    assert told(web_shop(make), "web", "host-1", "host-2") == (
        "web is down: depends on apps; apps is down: 2 of its 2 members are down, it needs 1: app-1, app-2; "
        "app-1 is down: hosted on host-1; app-2 is down: hosted on host-2; "
        "host-1 is down to begin with; host-2 is down to begin with."
    )


def test_the_explanation_is_the_shortest(make: Make) -> None:
    store = make(
        [entity(id, "Application") for id in "abcdx"],
        "a dependsOn b\nb dependsOn c\nc dependsOn x\na dependsOn d\nd dependsOn x",
    )
    assert told(store, "a", "x") == "a is down: depends on d; d is down: depends on x; x is down to begin with."


def test_one_member_lost_explains_that_redundancy_is_used_up(make: Make) -> None:
    assert told(web_shop(make), "apps", "app-1") == (
        "apps is at risk: 1 of its 2 members is down, it needs 1: app-1; app-1 is down to begin with."
    )


def test_a_customer_and_a_supplier_are_explained(make: Make) -> None:
    assert told(supplied(make), "buyer", "acme") == (
        "buyer is concerned by what is down: receives web; web is down: hosted on host; host is down: supplied by "
        "supply; supply is down to begin with, as it stands for acme."
    )


def test_what_is_not_hit_has_no_explanation(make: Make) -> None:
    store = web_shop(make)
    assert told(store, "mailer", "app-1") == "mailer is not hit."
    with pytest.raises(UnknownIdError):
        told(store, "mailr", "app-1")


def test_reasons_lead_to_the_seeds(make: Make) -> None:
    answer = impact(web_shop(make), ["host-1", "host-2"], as_of=AS_OF)
    through = {one.id: one.through for one in answer.hits}
    seeds = {seed.id for seed in answer.seeds}

    def leads_to_seeds(id: str) -> bool:
        return id in seeds or all(leads_to_seeds(other) for other in through[id])

    assert all(through.values())
    assert all(leads_to_seeds(id) for id in through)


# ----------------------------------------------------------------------------------------- the cost


def test_a_small_answer_imports_nothing_heavy(make: Make) -> None:
    path = web_shop(make).url
    script = (
        "import sys\n"
        "from graphsms.analysis.impact import explain, impact\n"
        "from graphsms.store import open_store\n"
        f"with open_store({path!r}) as store:\n"
        "    assert impact(store, 'host-1').hits\n"
        "    assert explain(store, 'host-1', 'web').steps\n"
        "heavy = {'numpy', 'numba', 'pandas', 'networkx', 'rdflib', 'neo4j', 'scipy', 'pydantic', 'openpyxl'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.stderr) == ("[]", "")


def test_a_large_answer_is_the_same(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    import graphsms.snapshot as snapshots

    store = supplied(make)

    def answers() -> list[Impact]:
        snapshots._kept.clear()
        return [
            impact(store, ids, as_of=AS_OF, mode=mode)
            for ids in ("acme", "web", ["host", "buyer"])
            for mode in ("outage", "degradation", "change", "removal")
        ]

    def whole(answer: Impact) -> dict[str, Any]:
        found = answer.to_json()
        del found["verdict"]["computed"]
        return {**found, "unknown": [one.id for one in answer.unknown()], "sentence": answer.sentence()}

    small = [whole(answer) for answer in answers()]
    monkeypatch.setattr(snapshots, "SMALL", 0)
    assert [whole(answer) for answer in answers()] == small
    snapshots._kept.clear()
