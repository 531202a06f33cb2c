"""CycloneDX: what software is built from and what services stand on, the same from JSON and from XML."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from graphsms.analysis.impact import impact
from graphsms.ingest.files import choose
from graphsms.store import Store
from imported import Write, content, edges, imported, refused, rules, types


def bill(**parts: Any) -> str:
    return json.dumps({"bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1, **parts}, indent=1)


def app(ref: str = "app", **more: Any) -> dict[str, Any]:
    return {"component": {"type": "application", "bom-ref": ref, "name": "shop", "version": "1.0", **more}}


def library(name: str, **more: Any) -> dict[str, Any]:
    purl = f"pkg:npm/{name}@1.0.0"
    return {"type": "library", "bom-ref": name, "name": name, "version": "1.0.0", "purl": purl, **more}


def needs(ref: str, *on: str) -> dict[str, Any]:
    return {"ref": ref, "dependsOn": list(on)}


def state(store: Store, down: str, hit: str) -> str:
    return {one.id: one.state for one in impact(store, [down]).hits}.get(hit, "ok")


def test_an_application_is_degraded_by_a_library_deep_inside_and_not_taken_down(store: Store, write: Write) -> None:
    parts = bill(
        metadata=app(),
        components=[library("web"), library("log"), library("unrelated")],
        dependencies=[needs("app", "web", "unrelated"), needs("web", "log")],
    )
    imported(store, write("bom.json", parts))
    assert edges(store, "builtFrom") == {
        ("cyclonedx:application/shop", "pkg:npm/web@1.0.0"),
        ("cyclonedx:application/shop", "pkg:npm/unrelated@1.0.0"),
        ("pkg:npm/web@1.0.0", "pkg:npm/log@1.0.0"),
    }
    assert state(store, "pkg:npm/log@1.0.0", "cyclonedx:application/shop") == "degraded"
    assert edges(store, "dependsOn") == set()


def test_one_release_of_a_library_in_two_bills_is_one_entity(store: Store, write: Write) -> None:
    one = bill(metadata=app(), components=[library("log")])
    other = bill(metadata=app(name="desk"), components=[library("log", **{"bom-ref": "other"})])
    imported(store, write("a.json", one), write("b.json", other))
    assert {one.id for one in impact(store, ["pkg:npm/log@1.0.0"]).hits} == {
        "cyclonedx:application/shop", "cyclonedx:application/desk"
    }  # fmt: skip


def test_another_export_with_other_marks_changes_nothing(store: Store, write: Write) -> None:
    def exported(mark: str) -> str:
        return bill(
            serialNumber=f"urn:uuid:{mark}",
            metadata=app(f"{mark}-app"),
            components=[
                library("web", **{"bom-ref": f"{mark}-web"}),
                {"type": "file", "name": "a.so", "bom-ref": f"{mark}-so"},
            ],
            services=[{"bom-ref": f"{mark}-s", "name": "mail", "endpoints": ["https://mail.example.com"]}],
            dependencies=[needs(f"{mark}-app", f"{mark}-web", f"{mark}-s"), needs(f"{mark}-web", f"{mark}-so")],
        )

    imported(store, write("bom.json", exported("1")))
    assert imported(store, write("bom.json", exported("2"))).revision == 1


def test_an_application_is_the_same_in_its_next_release_and_a_library_is_another(store: Store, write: Write) -> None:
    imported(store, write("bom.json", bill(metadata=app(), components=[library("web")])))
    later = library("web", version="2.0.0", purl="pkg:npm/web@2.0.0")
    imported(store, write("bom.json", bill(metadata=app(version="2.0"), components=[later])))
    shop = store.entity("cyclonedx:application/shop")
    assert shop is not None
    assert shop.properties["version"] == "2.0"
    assert {"pkg:npm/web@1.0.0", "pkg:npm/web@2.0.0"} <= types(store).keys()


def test_what_a_component_says_of_itself_is_kept(store: Store, write: Write) -> None:
    said = library(
        "web", group="@shop", description=" Pages ", publisher="Paper Co",
        licenses=[{"license": {"id": "MIT"}}, {"license": {"name": "Own terms"}}, {"expression": "MIT OR ISC"}],
        hashes=[{"alg": "MD5", "content": "0"}, {"alg": "SHA-256", "content": "ab"}, {"alg": "SHA-1", "content": "1"}],
        supplier={"name": "Wood Co", "url": ["https://wood.example.com"]},
    )  # fmt: skip
    imported(store, write("bom.json", bill(metadata=app(), components=[said])))
    found = store.entity("pkg:npm/web@1.0.0")
    assert found is not None
    assert {key: value for key, value in found.properties.items() if key != "link"} == {
        "name": "web", "description": "Pages", "version": "1.0.0", "vendor": "Wood Co",
        "packageUrl": "pkg:npm/web@1.0.0", "sourceKey": "pkg:npm/web@1.0.0",
        "licenceTerms": ("MIT", "MIT OR ISC", "Own terms"), "reference": "SHA-256:ab",
    }  # fmt: skip
    supply = "cyclonedx:organization/Wood Co#supply"
    assert edges(store, "hasSupplier") == {(supply, "cyclonedx:organization/Wood Co")}
    assert state(store, "cyclonedx:organization/Wood Co", "pkg:npm/web@1.0.0") == "degraded"


@pytest.mark.parametrize(
    ("kind", "type", "relation"),
    [
        ("library", "SoftwareComponent", "builtFrom"),
        ("framework", "SoftwareComponent", "builtFrom"),
        ("container", "ContainerImage", "builtFrom"),
        ("operating-system", "OperatingSystem", "builtFrom"),
        ("firmware", "OperatingSystem", "builtFrom"),
        ("application", "Application", "dependsOn"),
        ("device", "ConfigurationItem", "dependsOn"),
        ("data", "DataSet", "dependsOn"),
    ],
)
def test_kinds_become_types_and_the_relation_is_the_one_that_leads_there(
    kind: str, type: str, relation: str, store: Store, write: Write
) -> None:
    part = {"type": kind, "bom-ref": "x", "name": "x", "version": "1"}
    imported(store, write("bom.json", bill(metadata=app(), components=[part], dependencies=[needs("app", "x")])))
    assert types(store)[f"cyclonedx:{kind}/x@1"] == type
    assert edges(store, relation) == {("cyclonedx:application/shop", f"cyclonedx:{kind}/x@1")}


def test_what_nothing_depends_on_hangs_on_what_the_bill_is_of_as_an_inference(store: Store, write: Write) -> None:
    nested = library("outer", components=[library("inner")])
    imported(store, write("bom.json", bill(metadata=app(), components=[nested, library("stated")],
                                           dependencies=[needs("app", "stated")])))  # fmt: skip
    found = {(one.subject, one.object): dict(one.properties) for one in store.relations(type="builtFrom")}
    soft, inferred = {"strength": "soft"}, {"strength": "soft", "inferred": True}
    assert found == {
        ("cyclonedx:application/shop", "pkg:npm/stated@1.0.0"): soft,
        ("cyclonedx:application/shop", "pkg:npm/outer@1.0.0"): inferred,
        ("pkg:npm/outer@1.0.0", "pkg:npm/inner@1.0.0"): inferred,
    }


def test_what_a_bill_is_of_may_be_listed_among_its_components_too(store: Store, write: Write) -> None:
    again = {**app()["component"], "components": [library("inner")]}
    imported(store, write("bom.json", bill(metadata=app(), components=[again, library("web")])))
    assert types(store).keys() == {"cyclonedx:application/shop", "pkg:npm/inner@1.0.0", "pkg:npm/web@1.0.0"}


def test_only_a_package_url_is_an_id_of_its_own(store: Store, write: Write) -> None:
    parts = [library("web", purl="npm/web"), library("log", purl=" pkg:npm/log@1.0.0 ", version="1.0.0 ")]
    imported(store, write("bom.json", bill(metadata=app(), components=parts)))
    assert types(store).keys() == {
        "cyclonedx:application/shop", "cyclonedx:library/web@1.0.0", "pkg:npm/log@1.0.0"
    }  # fmt: skip


SERVICES = [
    {
        "bom-ref": "gate", "name": "Gate", "group": "com.example", "provider": {"name": "Wire Co"},
        "endpoints": ["https://gate.example.com:8443/app"],
        "data": [{"classification": "PII", "flow": "inbound"}, {"classification": "public", "flow": "outbound"}],
        "services": [{"bom-ref": "pay", "name": "Pay", "data": [
            {"classification": "internal", "flow": "inbound", "name": "orders",
             "source": ["https://gate.example.com:8443/app"], "destination": ["urn:cdx:f0/1#ledger"]},
        ]}],
    },
    {"bom-ref": "ledger", "name": "Ledger"},
]  # fmt: skip


def test_services_need_what_they_depend_on_and_are_reached_by_their_addresses(store: Store, write: Write) -> None:
    text = bill(metadata=app(), services=SERVICES, dependencies=[needs("app", "gate"), needs("gate", "pay")])
    imported(store, write("bom.json", text))
    gate, pay, ledger = "cyclonedx:service/com.example/Gate", "cyclonedx:service/Pay", "cyclonedx:service/Ledger"
    found = {(one.subject, one.object): dict(one.properties) for one in store.relations(type="dependsOn")}
    soft = {"strength": "soft", "inferred": True}
    assert found == {
        ("cyclonedx:application/shop", gate): {},
        ("cyclonedx:application/shop", ledger): soft,
        (gate, pay): {},
        (pay, gate): soft,
        (pay, ledger): soft,
    }
    assert edges(store, "partOf") == {(pay, gate)}
    address = f"{gate}#https://gate.example.com:8443/app"
    assert edges(store, "forwardsTo") == {(address, gate)}
    endpoint, said = store.entity(address), store.entity(gate)
    assert endpoint is not None
    assert said is not None
    assert (endpoint.properties["domainName"], endpoint.properties["port"]) == (("gate.example.com",), (8443,))
    assert {key: said.properties[key] for key in ("personalData", "confidentiality", "note")} == {
        "personalData": True, "confidentiality": "confidential", "note": "Data: PII (inbound), public (outbound)."
    }  # fmt: skip
    assert state(store, "cyclonedx:organization/Wire Co", "cyclonedx:application/shop") == "down"
    assert state(store, pay, address) == "down"


XML = """<?xml version="1.0" encoding="UTF-8"?>
<bom xmlns="http://cyclonedx.org/schema/bom/1.5" version="1">
  <metadata><component type="application" bom-ref="app"><name>shop</name><version>1.0</version></component></metadata>
  <components>
    <component type="library" bom-ref="web">
      <supplier><name>Wood Co</name><url>https://wood.example.com</url></supplier>
      <name>web</name><version>1.0.0</version><purl>pkg:npm/web@1.0.0</purl>
      <hashes><hash alg="SHA-256">ab</hash></hashes>
      <licenses><license><id>MIT</id></license><license><name>Own terms</name></license></licenses>
      <components><component type="file" bom-ref="so"><name>a.so</name></component></components>
    </component>
  </components>
  <services>
    <service bom-ref="gate">
      <provider><name>Wire Co</name></provider><group>com.example</group><name>Gate</name>
      <endpoints><endpoint>https://gate.example.com</endpoint></endpoints>
      <data><dataflow name="orders"><classification flow="inbound">PII</classification>
        <source><url>pay</url></source></dataflow><classification flow="outbound">public</classification></data>
      <services><service bom-ref="pay"><name>Pay</name></service></services>
    </service>
  </services>
  <dependencies><dependency ref="app"><dependency ref="web"/><dependency ref="gate"/></dependency></dependencies>
</bom>
"""


def test_a_bill_in_xml_says_what_it_says_in_json(store: Store, write: Write, tmp_path: Path) -> None:
    from graphsms.store import open_store

    same = bill(
        metadata=app(),
        components=[library(
            "web", supplier={"name": "Wood Co", "url": ["https://wood.example.com"]},
            hashes=[{"alg": "SHA-256", "content": "ab"}],
            licenses=[{"license": {"id": "MIT"}}, {"license": {"name": "Own terms"}}],
            components=[{"type": "file", "bom-ref": "so", "name": "a.so"}],
        )],
        services=[{
            "bom-ref": "gate", "provider": {"name": "Wire Co"}, "group": "com.example", "name": "Gate",
            "endpoints": ["https://gate.example.com"],
            "data": [{"name": "orders", "classification": "PII", "flow": "inbound", "source": ["pay"]},
                     {"classification": "public", "flow": "outbound"}],
            "services": [{"bom-ref": "pay", "name": "Pay"}],
        }],
        dependencies=[needs("app", "web", "gate")],
    )  # fmt: skip

    def without_links(store: Store) -> Any:
        found, relations = content(store)
        return [(id, type, {**said, "link": ""}) for id, type, said in found], relations

    assert imported(store, write("bom.xml", XML)).warnings == ()
    with open_store(str(tmp_path / "other.db")) as other:
        imported(other, write("bom.json", same))
        assert without_links(store) == without_links(other)


def test_what_is_left_out_is_told(store: Store, write: Write) -> None:
    text = bill(
        components=[
            library("web"), library("jest", scope="excluded"),
            {"type": "cryptographic-asset", "name": "key"}, {"type": "cryptographic-asset", "name": "cert"},
        ],
        dependencies=[needs("web", "nowhere")],
        vulnerabilities=[{"id": "CVE-2021-44228"}],
        specVersion="9.9",
    )  # fmt: skip
    verdict = imported(store, write("bom.json", text))
    assert types(store).keys() == {"pkg:npm/web@1.0.0"}
    assert sorted((one.rule, one.message.split(" passed")[0].split(":")[0]) for one in verdict.warnings) == [
        ("no-root", "It does not say what it is a bill of (metadata.component)"),
        ("passed-over", "1 of kind component that is excluded from what runs"),
        ("passed-over", "1 of kind vulnerability"),
        ("passed-over", "2 of kind component of type cryptographic-asset"),
        ("unknown-ref", "No component or service that is read here has the bom-ref 'nowhere'"),
        ("unknown-version", "It is of version 9.9 of CycloneDX; read as 1.7."),
    ]


def test_what_is_malformed_is_a_fault_with_its_line(store: Store, write: Write) -> None:
    text = (
        '{"bomFormat": "CycloneDX", "specVersion": "1.5",\n"components": [\n{"type": "library", "name": "a", '
        '"bom-ref": "r"},\n{"type": "library"},\n7,\n{"type": "library", "name": "b", "bom-ref": "r"}],\n'
        '"dependencies": [{}]}'
    )
    found = rules(refused(store, write("bom.json", text)))
    assert found == [("wrong-form", None), ("wrong-form", 4), ("wrong-form", 5), ("repeated-ref", 6)]
    assert rules(refused(store, write("b.json", bill(components={})))) == [("wrong-form", 1)]
    assert rules(refused(store, write("c.json", '{"bomFormat": "Other"}'), format="cyclonedx")) == [("wrong-form", 1)]
    assert rules(refused(store, write("d.xml", "<bom/>"), format="cyclonedx")) == [("wrong-form", 1)]
    laughs = XML.replace("<bom ", '<!DOCTYPE bom [<!ENTITY a "b">]>\n<bom ')
    assert rules(refused(store, write("e.xml", laughs))) == [("document-type", 2)]


def test_nesting_without_end_is_a_fault(store: Store, write: Write) -> None:
    part: dict[str, Any] = {"type": "library", "name": "n"}
    for number in range(150):
        part = {"type": "library", "name": f"n{number}", "components": [part]}
    assert {one.rule for one in refused(store, write("bom.json", bill(components=[part])))} == {"too-deep"}


def test_other_json_and_xml_is_not_taken_for_a_bill(write: Write) -> None:
    folder = write("a.json", '{"bomFormat": "SPDX"}').parent
    write("b.xml", "<x/>")
    write("bom.json", bill())
    write("bom.xml", XML)
    found = choose([folder])
    assert {path.name for path in found.files} == {"bom.json", "bom.xml"}


def test_the_public_saas_bill_leads_from_its_database_to_the_gateway(store: Store, shared_data: Path) -> None:
    verdict = imported(store, shared_data / "cyclonedx" / "SaaSBOM")
    assert (verdict.warnings, verdict.placeholders) == ((), ())
    hits = {one.id: one.state for one in impact(store, ["cyclonedx:service/org.postgresql/Postgres"]).hits}
    assert hits["cyclonedx:application/Acme Cloud Example"] == "down"
    assert hits["cyclonedx:service/com.example/Microservice 1"] == "down"
    assert "cyclonedx:service/com.example/Microservice 2" not in hits


def test_the_public_bills_of_software_hold_all_their_components(store: Store, shared_data: Path) -> None:
    verdict = imported(store, shared_data / "cyclonedx" / "SBOM")
    assert verdict.placeholders == ()
    assert len(list(store.entities(type="SoftwareComponent"))) == 62 + 167 + 201 + 1
    assert len(list(store.entities(type="Application"))) == 2
    hit = impact(store, ["pkg:maven/com.fasterxml.jackson.core/jackson-annotations@2.9.10?type=jar"]).hits
    assert "pkg:maven/io.dropwizard/dropwizard-parent@1.3.15" in {one.id for one in hit}
    assert {one.state for one in hit} == {"degraded"}
    assert imported(store, shared_data / "cyclonedx" / "SBOM").revision == 1
