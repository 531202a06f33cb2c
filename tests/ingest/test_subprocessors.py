"""Lists of sub-processors: parties and supplies from pages that people write for people."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphsms.analysis.impact import impact
from graphsms.errors import RejectedError
from graphsms.ingest.files import choose
from graphsms.ingest.foreign import mapping
from graphsms.ingest.markdown import Heading, Item, Paragraph, Table, blocks, front_matter, inline
from graphsms.ingest.subprocessor_pages import Listed, read_page
from graphsms.model import Fault
from graphsms.store import Store
from imported import Write, edges, imported, refused, rules, types

LIST = """\
---
title: Shop Subprocessors
description: Who else runs Shop.
organization: Shop Ltd
---

# Shop subprocessors

*Last updated: June 8, 2023*

We use third party subprocessors. They are all located in the United States:

* [Wire Co](https://wire.example.com/gdpr). Leased lines.
* **Paper Co** — invoices and letters (Ireland)
- Mail & More: newsletters

These subprocessors are located in the EU:

1. [Watch](https://watch.example.com). Monitoring
   of everything.
2. Cloud Nine
   - Purpose: hosting
   - Data: orders, addresses
   - Location: Germany, France
"""


def listed(text: str) -> tuple[list[Listed], list[str]]:
    told: list[Fault] = []
    page = read_page(text, "page.md", mapping("subprocessors"), told.append)
    return page.listed, [one.rule for one in told]


def test_items_of_lists_name_who_what_for_and_where(store: Store, write: Write) -> None:
    entries, told = listed(LIST)
    assert told == []
    assert [(one.name, one.purpose, one.place, one.country, one.link, one.line) for one in entries] == [
        ("Wire Co", "Leased lines", "United States", "US", "https://wire.example.com/gdpr", 13),
        ("Paper Co", "invoices and letters", "Ireland", "IE", "", 14),
        ("Mail & More", "newsletters", "United States", "US", "", 15),
        ("Watch", "Monitoring of everything", "EU", "", "https://watch.example.com", 19),
        ("Cloud Nine", "hosting", "Germany, France", "", "", 21),
    ]
    assert entries[-1].data == "orders, addresses"
    assert {one.product for one in entries} == {"Shop"}


def test_a_page_becomes_parties_and_supplies_that_degrade_its_product(store: Store, write: Write) -> None:
    verdict = imported(store, write("shop.md", LIST), format="subprocessors")
    assert (verdict.warnings, verdict.placeholders) == ((), ())
    supply, component = "subprocessors:supply/Shop/Wire Co", "subprocessors:component/Shop/Wire Co"
    assert (supply, "subprocessors:organization/Wire Co") in edges(store, "hasSupplier")
    assert (supply, "subprocessors:organization/Shop Ltd") in edges(store, "hasRecipient")
    assert (component, supply) in edges(store, "suppliedBy")
    assert ("subprocessors:service/Shop", component) in edges(store, "dependsOn")
    found = {id: store.entity(id) for id in (supply, component, "subprocessors:organization/Wire Co")}
    said = {id: dict(one.properties) for id, one in found.items() if one is not None}
    assert said[supply]["supplyKind"] == "external"
    assert said[supply]["description"] == "Leased lines"
    assert (said[component]["personalData"], said[component]["country"]) == (True, "US")
    assert said["subprocessors:organization/Wire Co"]["link"] == "https://wire.example.com/gdpr"
    hits = {one.id: one.state for one in impact(store, ["subprocessors:organization/Wire Co"]).hits}
    assert hits == {component: "down", "subprocessors:service/Shop": "degraded"}
    assert imported(store, write("shop.md", LIST), format="subprocessors").revision == 1


TABLE = """\
# Sub-processors

Desk GmbH uses the following sub-processors to provide its services.

## Desk

| Sub-processor | Purpose | Data processed | Location of processing | DPA |
|:--------------|---------|----------------|------------------------|-----|
| **Wire Co** | Lines \\| calls | Voice | UK | [terms](https://wire.example.com) |
| Watch, Inc. | Monitoring |  | Worldwide | |
| | nothing | | | |

## Group companies

| Entity name | Country | Function |
| --- | --- | --- |
| Desk SARL | France | Support |

## How we choose

| Step | Days |
|------|------|
| Look | 3 |

* a step that is no company at all and goes on for quite a while
"""


def test_rows_of_tables_are_read_by_what_their_columns_are_called() -> None:
    entries, told = listed(TABLE)
    assert [(one.name, one.purpose, one.data, one.place, one.country, one.product, one.own) for one in entries] == [
        ("Wire Co", "Lines | calls", "Voice", "UK", "GB", "Desk", False),
        ("Watch, Inc.", "Monitoring", "", "Worldwide", "", "Desk", False),
        ("Desk SARL", "Support", "", "France", "FR", "", True),
    ]
    assert entries[0].link == "https://wire.example.com"
    assert told == ["no-name", "passed-over", "no-name"]


def test_lists_that_nothing_introduces_are_told_once_and_left_out() -> None:
    entries, told = listed(
        "# Privacy\n\nWe care:\n\n- Deeply\n- Truly\n\nOur sub-processors:\n\n- **Wire Co**: lines\n"
    )
    assert [one.name for one in entries] == ["Wire Co"]
    assert told == ["passed-over"]


def test_whose_page_it_is_is_taken_from_a_sentence_and_marked_as_concluded(store: Store, write: Write) -> None:
    imported(store, write("desk.md", TABLE), format="subprocessors")
    owner = store.entity("subprocessors:organization/Desk GmbH")
    assert owner is not None
    assert owner.properties["inferred"] is True
    assert ("subprocessors:supply/Desk GmbH/Desk SARL", owner.id) in edges(store, "hasRecipient")
    own = store.entity("subprocessors:supply/Desk GmbH/Desk SARL")
    assert own is not None
    assert own.properties["supplyKind"] == "internal"
    assert types(store)["subprocessors:service/Desk"] == "Service"


@pytest.mark.parametrize(
    ("title", "product"),
    [
        ("Shop Subprocessors", "Shop"),
        ("Sub-processors for Shop", "Shop"),
        ("Shop's list of sub-processors", "Shop"),
        ("Shop | Sub-processors", "Shop"),
        ("List of Third-Party Sub-Processors", ""),
        ("Our subprocessors", ""),
    ],
)
def test_what_is_left_of_a_title_is_the_product(title: str, product: str) -> None:
    entries, _ = listed(f"# {title}\n\n- **Wire Co**: lines\n")
    assert [one.product for one in entries] == [product]


def test_a_page_that_does_not_say_whose_it_is_says_what_to_do(store: Store, write: Write) -> None:
    verdict = imported(store, write("a.md", "# Subprocessors\n\n- Wire Co - lines\n"), format="subprocessors")
    (warning,) = verdict.warnings
    assert warning.rule == "no-organization"
    assert "organization: NAME" in warning.message
    assert edges(store, "hasRecipient") == set()


def test_a_party_on_two_pages_is_one_and_a_difference_is_told(store: Store, write: Write) -> None:
    one = "# A subprocessors\n\n| Name | Country |\n|---|---|\n| Wire Co | US |\n"
    files = [write("a.md", one), write("b.md", one.replace("A sub", "B sub").replace("US", "Ireland"))]
    verdict = imported(store, *files, format="subprocessors")
    assert sorted(one.rule for one in verdict.warnings) == ["conflicting-values", "no-organization", "no-organization"]
    party = store.entity("subprocessors:organization/Wire Co")
    assert party is not None
    assert party.properties["country"] == "US"
    assert {one.id for one in impact(store, [party.id]).hits} >= {"subprocessors:service/A", "subprocessors:service/B"}


def test_pages_are_read_only_where_the_format_is_named(write: Write) -> None:
    page = write("shop.md", LIST)
    write("readme.md", "# Something else\n\n- one\n")
    write("data.yaml", "entities: []\n")
    assert [path.name for path in choose([page.parent]).files] == ["data.yaml"]
    assert [path.name for path in choose([page.parent], "subprocessors").files] == ["shop.md"]
    with pytest.raises(RejectedError, match="format"):
        choose([page])


def test_a_page_without_entries_and_one_with_bad_front_matter_are_faults(store: Store, write: Write) -> None:
    assert rules(refused(store, write("a.md", "# Subprocessors\n\nNone.\n"), format="subprocessors")) == [
        ("no-entries", None)
    ]
    assert refused(store, write("b.md", "---\n{a: [\n---\n- x\n"), format="subprocessors")
    long = "# Subprocessors\n\n- " + "*" * 20_000
    assert rules(refused(store, write("c.md", long), format="subprocessors")) == [("too-large", 3)]


# --------------------------------------------------------------------------------------------- Markdown


def test_blocks_are_headings_paragraphs_lists_and_tables() -> None:
    text = (
        "Title\n=====\n\ntext\ngoes on\n\n## Second ##\n```\n# no heading\n- no item\n```\n> quoted\n\n- one\n  more\n"
        "\n  * two\n- three\n***\n\na|b\n-|-\n1\\|2|3|4\n"
    )
    assert list(blocks(text, "page.md")) == [
        Heading(1, "Title", 1),
        Paragraph("text goes on", 4),
        Heading(2, "Second", 7),
        Item("one more", 14, 0, [Item("two", 17, 2)]),
        Item("three", 18, 0),
        Table(["a", "b"], 21, [(["1|2", "3"], 23)]),
    ]


@pytest.mark.parametrize(
    ("text", "plain", "marked", "link"),
    [
        ('[A](https://a.example.com "t") b', "A b", "A", "https://a.example.com"),
        ("**[A](https://a.example.com/x_(y))** b", "A b", "A", "https://a.example.com/x_(y)"),
        ("[**A**](/relative) b", "A b", "A", ""),
        ("__A__ *b* `c` \\* d<br/>e", "A b c * d e", "A", ""),
        ("A, see https://a.example.com.", "A, see https://a.example.com.", "", "https://a.example.com"),
        ("<https://a.example.com>", "https://a.example.com", "", "https://a.example.com"),
        ("[A](javascript:alert(1))", "A", "A", ""),
        ("snake_case_name 2 * 3 * 4", "snake_case_name 2 * 3 * 4", "", ""),
    ],
)
def test_marks_are_taken_off_and_links_are_kept(text: str, plain: str, marked: str, link: str) -> None:
    found = inline(text)
    assert (found.text, found.marked, found.link) == (plain, marked, link)


def test_front_matter_is_what_stands_between_the_first_hyphens() -> None:
    assert front_matter("---\ntitle: A\n---\n# B\n", "page.md") == ({"title": "A"}, 3)
    assert front_matter("# B\n---\n", "page.md") == ({}, 0)
    assert front_matter("---\n---\n# B\n", "page.md") == ({}, 2)
    assert front_matter("---\nno end\n", "page.md") == ({}, 0)


@given(st.text(alphabet=st.sampled_from("ab |-*#[]()<>_`:\\\n123.~=/h"), max_size=300))
def test_no_page_is_beyond_reading(text: str) -> None:
    entries, _ = listed(f"# Subprocessors\n\n{text}")
    for one in entries:
        assert one.name == one.name.strip()
        assert one.name


def test_the_public_pages_of_five_products_lead_to_the_same_suppliers(store: Store, shared_data: Path) -> None:
    folder = shared_data / "subprocessors-37signals" / "privacy"
    verdict = imported(store, folder, format="subprocessors")
    assert [one.rule for one in verdict.warnings] == ["no-organization"] * 5
    products = ["Backpack", "Basecamp", "Campfire", "HEY", "Highrise"]
    assert sorted(one.name for one in store.entities(type="Service")) == products
    assert len(list(store.entities(type="SupplyRelationship"))) == 8 + 11 + 8 + 10 + 12
    hits = {one.id: one.state for one in impact(store, ["subprocessors:organization/Cloudflare"]).hits}
    assert {id for id, state in hits.items() if state == "degraded"} == {
        f"subprocessors:service/{one}" for one in products
    }
    countries = {one.name: one.properties.get("country") for one in store.entities(type="Organization")}
    assert countries.pop("AppSignal") is None
    assert set(countries.values()) == {"US"}
    component = store.entity("subprocessors:component/HEY/Mailchimp")
    assert component is not None
    assert component.name == "Email newsletter service (Mailchimp)"
