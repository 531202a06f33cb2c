"""``graphsms findings`` as people and programs meet it."""

from __future__ import annotations

import csv
import io
import json

from command_line import run

SLA = "service-without-sla:billing,acme"


def test_findings_say_it_in_a_sentence_then_by_check_and_leave_with_1(store: str) -> None:
    ran = run("findings", "--check", "service-without-sla", "--store", store)
    assert ran.code == 1
    assert ran.out.startswith("1 open finding (1 error), 0 accepted, from 1 check; none was recorded before.")
    assert "[service-without-sla, error, 8.3.3]: 1 of 2" in " ".join(ran.out.split())
    assert "billing,acme" in ran.out


def test_the_checks_are_listed_worst_first_before_what_they_found(store: str) -> None:
    out = run("findings", "--store", store).out
    listed = out[out.index("Checks\n") : out.index("\n\n", out.index("Checks\n"))].splitlines()[3:]
    severities = [line.split()[0] for line in listed]
    assert severities == sorted(severities, key=["error", "warning", "notice"].index)
    assert {"error", "notice"} <= set(severities)
    told = [out.index(f"[{line.split()[-1]}") for line in listed]
    assert told == sorted(told)
    assert all(position > out.index("Checks\n") for position in told)


def test_a_check_that_finds_nothing_leaves_with_0(store: str) -> None:
    assert run("findings", "--check", "graph-breaks-a-rule", "--store", store).code == 0


def test_findings_as_json_and_csv_have_identity_and_counts(store: str) -> None:
    answer = json.loads(run("findings", "--check", "service-without-sla", "--json", "--store", store).out)
    assert (answer["open"], answer["accepted"]) == (1, 0)
    assert [one["identity"] for one in answer["findings"]] == [SLA]
    assert answer["checks"][0]["looked_at"] == 2
    text = run("findings", "--check", "service-without-sla", "--csv", "--store", store).out
    (row,) = csv.DictReader(io.StringIO(text))
    assert (row["identity"], row["state"], row["entities"]) == (SLA, "open", "billing; acme")


def test_the_list_can_be_narrowed_by_type_severity_and_state(store: str) -> None:
    def identities(*options: str) -> list[str]:
        answer = json.loads(run("findings", "--check", "service-without-sla", *options, "--json", "--store", store).out)
        return [one["identity"] for one in answer["findings"]]

    assert identities("--type", "Party") == [SLA]
    assert identities("--type", "Database") == []
    assert identities("--severity", "warning") == [SLA]
    assert identities("--status", "gone") == []
    assert run("findings", "--type", "Serivce", "--store", store).code == 2
    assert run("findings", "--severity", "fatal", "--store", store).code == 2
    assert run("findings", "--check", "no-such", "--store", store).code == 2


def test_a_finding_is_accepted_and_reopened_from_the_command_line(store: str) -> None:
    assert run("ingest", "-", "--store", store).code == 2
    accept = ["findings", "dispose", SLA, "--accept", "--why", "pilot", "--until", "2999-01-01", "--store", store]
    assert run(*accept).code == 2  # nobody decided
    assert "by is missing" in run(*accept).err
    ran = run(*accept, "--by", "acme")
    assert (ran.code, "accepted by acme until the end of 2999-01-01: pilot" in ran.out) == (0, True)
    again = run("findings", "--check", "service-without-sla", "--store", store)
    assert again.code == 0
    assert "Not shown: 1 accepted" in again.out
    late = run("findings", "--check", "service-without-sla", "--as-of", "2999-02-01", "--store", store)
    assert late.code == 1
    assert run("findings", "reopen", SLA, "--store", store).code == 0
    assert run("findings", "--check", "service-without-sla", "--store", store).code == 1


def test_recording_is_of_what_is_there_now(store: str) -> None:
    assert run("findings", "--record", "--at", "1", "--store", store).code == 2
    assert "Recorded in revision 2" in " ".join(run("findings", "--record", "--store", store).out.split())
    assert run("findings", "--status", "all", "--csv", "--store", store).out.count("still there") >= 1


def test_the_store_may_stand_before_the_second_word(store: str) -> None:
    ran = run("findings", "--store", store, "dispose", SLA, "--owner", "acme", "--due", "2999-01-01")
    assert (ran.code, ran.out) == (0, f"{SLA}: acme, due 2999-01-01\n")


def test_checks_are_listed(store: str) -> None:
    known = json.loads(run("findings", "checks", "--json", "--store", store).out)
    assert {"id", "version", "severity", "clause", "title"} == set(known[0])


def test_a_check_that_there_is_none_of_is_refused_with_where_they_are_listed(store: str) -> None:
    ran = run("findings", "--check", "nonsense", "--store", store)
    assert (ran.code, ran.out) == (2, "")
    assert "There is no check 'nonsense'. `graphsms findings checks` lists them." in ran.err
