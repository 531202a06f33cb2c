"""NetBox: dumps and lists of the API say the same; power, places, hosts and circuits carry failure."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from graphsms.analysis.impact import impact
from graphsms.errors import InputError
from graphsms.ingest.files import choose
from graphsms.store import Store
from imported import Write, edges, imported, refused, rules, types


def dump(*records: Any) -> str:
    """A dump of the database with one record a line, from line 2 on."""
    lines = (json.dumps({"model": model, "pk": key, "fields": fields}) for model, key, fields in records)
    return "[\n" + ",\n".join(lines) + "\n]\n"


def cable(key: int, a: tuple[str, int], b: tuple[str, int], status: str = "connected") -> list[Any]:
    """A cable and its two ends, as dumps since version 3.3 have them."""
    ends = [
        ("dcim.cabletermination", 10 * key + number, {
            "cable": key, "cable_end": "AB"[number], "termination_type": end[0].split("."), "termination_id": end[1],
        })
        for number, end in enumerate((a, b))
    ]  # fmt: skip
    return [("dcim.cable", key, {"status": status}), *ends]


DEVICE, PORT, OUTLET, FEED = "dcim.device", "dcim.powerport", "dcim.poweroutlet", "dcim.powerfeed"
INTERFACE = "dcim.interface"
ROLES = [
    ("dcim.devicerole", number, {"slug": slug})
    for number, slug in enumerate(["server", "switch", "pdu", "router", "patch-panel"], 1)
]


def named(kind: str, key: int) -> str:
    return f"netbox:{kind}/{key}"


def state(store: Store, down: str, hit: str) -> str:
    hits = {one.id: one.state for one in impact(store, [down]).hits}
    return hits.get(hit, "ok")


# server 1 with two supplies, each on a PDU of its own; PDU 2 on feed 1, PDU 3 on feed 2, both from their panels.
REDUNDANT_POWER = [
    *ROLES,
    ("dcim.site", 1, {"name": "North", "status": "active"}),
    ("dcim.powerpanel", 1, {"name": "A", "site": 1}),
    ("dcim.powerpanel", 2, {"name": "B", "site": 1}),
    (FEED, 1, {"name": "A1", "power_panel": 1, "status": "active"}),
    (FEED, 2, {"name": "B1", "power_panel": 2, "status": "active"}),
    (DEVICE, 1, {"name": "db-1", "role": 1, "site": 1, "status": "active"}),
    (DEVICE, 2, {"name": "pdu-a", "role": 3, "site": 1, "status": "active"}),
    (DEVICE, 3, {"name": "pdu-b", "role": 3, "site": 1, "status": "active"}),
    (PORT, 1, {"device": 1, "name": "PSU0"}),
    (PORT, 2, {"device": 1, "name": "PSU1"}),
    (PORT, 3, {"device": 2, "name": "in"}),
    (PORT, 4, {"device": 3, "name": "in"}),
    (OUTLET, 1, {"device": 2, "name": "1", "power_port": 3}),
    (OUTLET, 2, {"device": 3, "name": "1", "power_port": 4}),
    *cable(1, (PORT, 1), (OUTLET, 1)),
    *cable(2, (OUTLET, 2), (PORT, 2)),
    *cable(3, (PORT, 3), (FEED, 1)),
    *cable(4, (PORT, 4), (FEED, 2)),
]


def test_two_supplies_on_two_feeds_are_a_group_of_which_one_is_enough(store: Store, write: Write) -> None:
    imported(store, write("netbox.json", dump(*REDUNDANT_POWER)))
    assert edges(store, "poweredBy") == {
        (named(DEVICE, 1), "netbox:dcim.device/1#power"),
        (named(DEVICE, 2), named(FEED, 1)),
        (named(DEVICE, 3), named(FEED, 2)),
        (named(FEED, 1), named("dcim.powerpanel", 1)),
        (named(FEED, 2), named("dcim.powerpanel", 2)),
    }
    group = store.entity("netbox:dcim.device/1#power")
    assert group is not None
    assert (group.properties["minimum"], group.properties["inferred"]) == (1, True)
    assert edges(store, "hasMember") == {(group.id, named(DEVICE, 2)), (group.id, named(DEVICE, 3))}
    assert types(store)[named(DEVICE, 2)] == "PowerSupply"


def test_one_panel_lost_puts_at_risk_and_two_take_down(store: Store, write: Write) -> None:
    imported(store, write("netbox.json", dump(*REDUNDANT_POWER)))
    assert state(store, named("dcim.powerpanel", 1), named(DEVICE, 1)) == "at risk"
    assert state(store, named("dcim.site", 1), named(DEVICE, 1)) == "down"
    both = impact(store, [named("dcim.powerpanel", 1), named("dcim.powerpanel", 2)])
    assert {one.id: one.state for one in both.hits}[named(DEVICE, 1)] == "down"


def test_both_supplies_on_one_distributor_are_no_group(store: Store, write: Write) -> None:
    records = [one for one in REDUNDANT_POWER if not (one[0] == "dcim.cabletermination" and one[1] == 20)]
    again = ("dcim.cabletermination", 20, {
        "cable": 2, "cable_end": "A", "termination_type": ["dcim", "poweroutlet"], "termination_id": 3,
    })  # fmt: skip
    imported(store, write("netbox.json", dump(*records, (OUTLET, 3, {"device": 2}), again)))
    assert (named(DEVICE, 1), named(DEVICE, 2)) in edges(store, "poweredBy")
    assert edges(store, "hasMember") == set()


def test_an_outlet_that_names_its_inlet_is_not_kept_up_by_the_other_inlet(store: Store, write: Write) -> None:
    records = [
        *REDUNDANT_POWER,
        (PORT, 5, {"device": 2, "name": "second"}),
        *cable(5, (PORT, 5), (FEED, 2)),
    ]
    imported(store, write("netbox.json", dump(*records)))
    assert edges(store, "hostedOn") == {(named(PORT, 3), named(DEVICE, 2)), (named(PORT, 5), named(DEVICE, 2))}
    assert state(store, named(FEED, 1), named(DEVICE, 2)) == "at risk"
    assert state(store, named(FEED, 1), named(PORT, 3)) == "down"
    assert state(store, named(FEED, 1), "netbox:dcim.device/1#power") == "at risk"


@pytest.mark.parametrize(
    ("ports", "feeds", "needed"), [(2, 2, {"#power"}), (1, 1, {"feed"}), (1, 2, set()), (0, 2, set())]
)
def test_without_cables_the_feeds_of_the_rack_are_taken_where_that_is_clear(
    ports: int, feeds: int, needed: set[str], store: Store, write: Write
) -> None:
    records = [
        ("dcim.rack", 1, {"name": "R1"}),
        (DEVICE, 1, {"name": "web-1", "rack": 1}),
        *((PORT, number, {"device": 1}) for number in range(ports)),
        *((FEED, number, {"name": "F", "rack": 1}) for number in range(1, feeds + 1)),
    ]
    imported(store, write("netbox.json", dump(*records)))
    found = [one for one in store.relations(type="poweredBy") if one.subject == named(DEVICE, 1)]
    assert {"#power" if one.object.endswith("#power") else "feed" for one in found} == needed
    assert all(one.properties == {"inferred": True} for one in found)


def test_a_planned_cable_feeds_nothing(store: Store, write: Write) -> None:
    records = [(DEVICE, 1, {"name": "a"}), (PORT, 1, {"device": 1}), (FEED, 1, {"name": "F"})]
    imported(store, write("netbox.json", dump(*records, *cable(1, (PORT, 1), (FEED, 1), "planned"))))
    assert edges(store, "poweredBy") == set()


def test_the_closest_place_is_where_a_device_is(store: Store, write: Write) -> None:
    records = [
        ("dcim.region", 1, {"name": "World"}),
        ("dcim.region", 2, {"name": "Here", "parent": 1}),
        ("dcim.site", 1, {"name": "North", "region": 2, "physical_address": "1 Road"}),
        ("dcim.location", 1, {"name": "Hall", "site": 1}),
        ("dcim.rack", 1, {"name": "R1", "site": 1, "location": 1}),
        (DEVICE, 1, {"name": "a", "site": 1, "location": 1, "rack": 1}),
        (DEVICE, 2, {"name": None, "site": 1, "device_type": 7}),
        ("dcim.devicetype", 7, {"model": "X1", "manufacturer": 8}),
        ("dcim.manufacturer", 8, {"name": "Maker"}),
    ]
    imported(store, write("netbox.json", dump(*records)))
    assert edges(store, "locatedAt") == {
        (named("dcim.region", 2), named("dcim.region", 1)),
        (named("dcim.site", 1), named("dcim.region", 2)),
        (named("dcim.location", 1), named("dcim.site", 1)),
        (named("dcim.rack", 1), named("dcim.location", 1)),
        (named(DEVICE, 1), named("dcim.rack", 1)),
        (named(DEVICE, 2), named("dcim.site", 1)),
    }
    nameless = store.entity(named(DEVICE, 2))
    assert nameless is not None
    assert {key: nameless.properties[key] for key in ("name", "model", "vendor", "sourceKey")} == {
        "name": "X1 2", "model": "X1", "vendor": "Maker", "sourceKey": "dcim.device/2"
    }  # fmt: skip


def test_roles_say_what_a_device_is(store: Store, write: Write) -> None:
    slugs = {
        "tor-switch": "Switch", "core-router": "Router", "app-server": "Server", "rack-pdu": "PowerSupply",
        "firewall": "Firewall", "san": "StorageDevice", "wifi": "WirelessAccessPoint", "lb": "LoadBalancer",
        "esxi": "Server", "coffee-machine": "ConfigurationItem", "patch-panel": "NetworkItem",
        "swan": "ConfigurationItem",
    }  # fmt: skip
    roles = [("dcim.devicerole", number, {"slug": slug}) for number, slug in enumerate(slugs)]
    devices = [(DEVICE, number, {"name": slug, "role": number}) for number, slug in enumerate(slugs)]
    imported(store, write("netbox.json", dump(*roles, *devices)))
    assert {one.name: one.type for one in store.entities()} == slugs


def test_virtual_machines_stand_on_their_cluster_and_that_on_one_of_its_hosts(store: Store, write: Write) -> None:
    records = [
        *ROLES,
        ("virtualization.cluster", 1, {"name": "vm-cluster", "site": 1, "type": 5}),
        ("virtualization.clustertype", 5, {"slug": "vmware"}),
        ("dcim.site", 1, {"name": "North"}),
        (DEVICE, 1, {"name": "h1", "role": 1, "site": 1, "cluster": 1}),
        (DEVICE, 2, {"name": "h2", "role": 1, "site": 1, "cluster": 1}),
        ("virtualization.virtualmachine", 1, {"name": "web", "cluster": 1, "site": 1, "status": "active"}),
        ("virtualization.virtualmachine", 2, {"name": "pinned", "cluster": 1, "device": 2, "status": "planned"}),
    ]
    imported(store, write("netbox.json", dump(*records)))
    cluster, group = named("virtualization.cluster", 1), "netbox:virtualization.cluster/1#hosts"
    web, pinned = named("virtualization.virtualmachine", 1), named("virtualization.virtualmachine", 2)
    assert edges(store, "hostedOn") == {
        (cluster, group), (web, cluster), (pinned, cluster), (pinned, named(DEVICE, 2))
    }  # fmt: skip
    assert edges(store, "hasMember") == {(group, named(DEVICE, 1)), (group, named(DEVICE, 2))}
    assert state(store, named(DEVICE, 1), web) == "at risk"
    planned = store.entity(pinned)
    assert planned is not None
    assert (planned.properties["lifecycle"], planned.properties["tag"]) == ("proposed", ("planned",))


def test_the_members_of_a_virtual_chassis_are_a_group(store: Store, write: Write) -> None:
    records = [
        ("dcim.virtualchassis", 1, {"name": "stack"}),
        (DEVICE, 1, {"name": "sw1", "virtual_chassis": 1}),
        (DEVICE, 2, {"name": "sw2", "virtual_chassis": 1}),
        (DEVICE, 3, {"name": "blade"}),
        ("dcim.devicebay", 1, {"device": 2, "installed_device": 3}),
        ("dcim.devicebay", 2, {"device": 2, "installed_device": None}),
    ]
    imported(store, write("netbox.json", dump(*records)))
    assert {object for _, object in edges(store, "hasMember")} == {named(DEVICE, 1), named(DEVICE, 2)}
    assert edges(store, "hostedOn") == {(named(DEVICE, 3), named(DEVICE, 2))}


PANELS = [
    *ROLES,
    *((DEVICE, number, {"name": f"p{number}", "role": 5}) for number in (11, 12)),
    *(("dcim.rearport", number, {"device": number, "positions": 2}) for number in (11, 12)),
    *(("dcim.frontport", 10 * panel + position, {
        "device": panel, "rear_port": panel, "rear_port_position": position,
    }) for panel in (11, 12) for position in (1, 2)),
    *cable(1, ("dcim.rearport", 11), ("dcim.rearport", 12)),
]  # fmt: skip


def test_cables_are_traced_through_patch_panels_by_position(store: Store, write: Write) -> None:
    records = [
        *PANELS,
        *((DEVICE, number, {"name": f"sw{number}", "role": 2}) for number in (1, 2, 3)),
        *((INTERFACE, number, {"device": number}) for number in (1, 2, 3)),
        *cable(2, (INTERFACE, 1), ("dcim.frontport", 112)),
        *cable(3, (INTERFACE, 2), ("dcim.frontport", 121)),
        *cable(4, ("dcim.frontport", 122), (INTERFACE, 3)),
    ]
    imported(store, write("netbox.json", dump(*records)))
    assert (named(DEVICE, 1), named(DEVICE, 3)) in edges(store, "peersWith")
    assert (named(DEVICE, 1), named(DEVICE, 2)) not in edges(store, "peersWith")


@pytest.mark.parametrize("stated", ["by the front port", "in a list of it", "apart from it"])
def test_panels_are_wired_as_each_version_of_netbox_says_it(stated: str, store: Store, write: Write) -> None:
    wiring: dict[str, Any] = {"rear_port": 5, "rear_port_position": 2}
    front = {
        "by the front port": wiring,
        "in a list of it": {"rear_ports": [{"position": 1, **wiring}]},
        "apart from it": {},
    }[stated]
    mapped = [("dcim.portmapping", 1, {"front_port": 4, **wiring})] if stated == "apart from it" else []
    records = [
        *ROLES,
        *((DEVICE, number, {"name": f"sw{number}", "role": 2}) for number in (1, 2)),
        (DEVICE, 3, {"name": "panel", "role": 5}),
        *((INTERFACE, number, {"device": number}) for number in (1, 2)),
        ("dcim.frontport", 4, {"device": 3, **front}),
        ("dcim.rearport", 5, {"device": 3}),
        *mapped,
        *cable(1, (INTERFACE, 1), ("dcim.frontport", 4)),
        *cable(2, ("dcim.rearport", 5), (INTERFACE, 2)),
    ]
    imported(store, write("netbox.json", dump(*records)))
    assert edges(store, "peersWith") == {(named(DEVICE, 1), named(DEVICE, 2))}


def test_a_panel_on_the_way_is_no_uplink_and_one_that_the_way_ends_in_is(store: Store, write: Write) -> None:
    records = [
        *ROLES,
        (DEVICE, 1, {"name": "db", "role": 1}),
        (DEVICE, 2, {"name": "sw", "role": 2}),
        *((DEVICE, number, {"name": f"panel{number}", "role": 5}) for number in (3, 4)),
        *((INTERFACE, number, {"device": device}) for number, device in ((1, 1), (2, 2), (3, 1))),
        ("dcim.frontport", 4, {"device": 3, "rear_port": 5}),
        ("dcim.rearport", 5, {"device": 3}),
        ("dcim.frontport", 6, {"device": 4, "rear_port": 7}),
        ("dcim.rearport", 7, {"device": 4}),
        *cable(1, (INTERFACE, 1), ("dcim.frontport", 4)),
        *cable(2, ("dcim.rearport", 5), (INTERFACE, 2)),
        *cable(3, (INTERFACE, 3), ("dcim.frontport", 6)),
    ]
    imported(store, write("netbox.json", dump(*records)))
    group = "netbox:dcim.device/1#uplinks"
    assert edges(store, "hasMember") == {(group, named(DEVICE, 2)), (group, named(DEVICE, 4))}


def test_cables_before_version_3_3_hold_their_ends_themselves(store: Store, write: Write) -> None:
    old = {
        "termination_a_type": ["dcim", "interface"], "termination_a_id": 1, "_termination_a_device": 1,
        "termination_b_type": ["dcim", "interface"], "termination_b_id": 2, "_termination_b_device": 2,
    }  # fmt: skip
    devices = [(DEVICE, number, {"name": f"sw{number}", "device_role": 2}) for number in (1, 2)]
    imported(store, write("netbox.json", dump(*ROLES, *devices, ("dcim.cable", 1, old))))
    assert edges(store, "peersWith") == {(named(DEVICE, 1), named(DEVICE, 2))}


def test_the_connectors_of_a_trunk_lead_to_each_other(store: Store, write: Write) -> None:
    ends = [
        ("dcim.cabletermination", number, {
            "cable": 1, "cable_end": side, "connector": connector, "termination_type": ["dcim", "interface"],
            "termination_id": number, "_device": number,
        })
        for number, (side, connector) in enumerate([("A", 1), ("A", 2), ("B", 1), ("B", 2)], 1)
    ]  # fmt: skip
    devices = [(DEVICE, number, {"name": f"sw{number}", "role": 2}) for number in (1, 2, 3, 4)]
    imported(store, write("netbox.json", dump(*ROLES, *devices, ("dcim.cable", 1, {}), *ends)))
    assert edges(store, "peersWith") == {(named(DEVICE, 1), named(DEVICE, 3)), (named(DEVICE, 2), named(DEVICE, 4))}


def test_a_server_reaches_others_through_one_of_its_switches(store: Store, write: Write) -> None:
    records = [
        *ROLES,
        (DEVICE, 1, {"name": "db", "role": 1}),
        (DEVICE, 2, {"name": "sw-a", "role": 2}),
        (DEVICE, 3, {"name": "sw-b", "role": 2}),
        *((INTERFACE, number, {"device": device}) for number, device in enumerate((1, 1, 1, 2, 3, 2), 1)),
        (INTERFACE, 9, {"device": 1, "mgmt_only": True}),
        (INTERFACE, 8, {"device": 4}),
        (DEVICE, 4, {"name": "mgmt", "role": 2}),
        *cable(1, (INTERFACE, 1), (INTERFACE, 4)),
        *cable(2, (INTERFACE, 2), (INTERFACE, 5)),
        *cable(3, (INTERFACE, 9), (INTERFACE, 8)),
    ]
    imported(store, write("netbox.json", dump(*records)))
    group = "netbox:dcim.device/1#uplinks"
    assert edges(store, "connectedTo") == {(named(DEVICE, 1), group)}
    assert edges(store, "hasMember") == {(group, named(DEVICE, 2)), (group, named(DEVICE, 3))}


CIRCUITS = [
    *ROLES,
    ("circuits.provider", 1, {"name": "Wire Co"}),
    ("circuits.providernetwork", 1, {"name": "MPLS", "provider": 1}),
    ("circuits.circuit", 1, {"cid": "W-1", "provider": 1, "status": "active", "tenant": 1}),
    ("circuits.circuit", 2, {"cid": "W-2", "provider": 1, "status": "active"}),
    ("circuits.circuittermination", 1, {"circuit": 1, "term_side": "A", "site": 1}),
    ("circuits.circuittermination", 2, {
        "circuit": 1, "term_side": "Z", "termination_type": ["circuits", "providernetwork"], "termination_id": 1,
    }),
    ("circuits.circuittermination", 3, {"circuit": 2, "term_side": "A", "site": 1}),
    ("tenancy.tenantgroup", 1, {"slug": "customers"}),
    ("tenancy.tenant", 1, {"name": "Ada's", "group": 1}),
    ("tenancy.tenant", 2, {"name": "Sales"}),
    ("dcim.site", 1, {"name": "North"}),
    (DEVICE, 1, {"name": "rtr", "role": 4, "site": 1}),
    (INTERFACE, 1, {"device": 1}),
    *cable(1, (INTERFACE, 1), ("circuits.circuittermination", 1)),
]  # fmt: skip


def test_a_provider_that_fails_takes_its_circuits_and_degrades_the_routers_behind_them(
    store: Store, write: Write
) -> None:
    verdict = imported(store, write("netbox.json", dump(*CIRCUITS)))
    circuit, supply = named("circuits.circuit", 1), "netbox:circuits.provider/1#supply"
    assert edges(store, "hasSupplier") == {(supply, named("circuits.provider", 1))}
    assert {subject for subject, object in edges(store, "suppliedBy") if object == supply} == {
        circuit, named("circuits.circuit", 2), named("circuits.providernetwork", 1)
    }  # fmt: skip
    assert (circuit, named("dcim.site", 1)) in edges(store, "locatedAt")
    assert state(store, named("circuits.provider", 1), circuit) == "down"
    assert state(store, named("circuits.providernetwork", 1), circuit) == "down"
    assert state(store, named("circuits.provider", 1), named(DEVICE, 1)) == "degraded"
    assert [(one.rule, one.subject) for one in verdict.warnings] == [("no-cable", named("circuits.circuit", 2))]
    assert types(store)[named("tenancy.tenant", 1)] == "Customer"
    assert types(store)[named("tenancy.tenant", 2)] == "Organization"
    assert edges(store, "ownedBy") == {(circuit, named("tenancy.tenant", 1))}


BASE = "https://netbox.example.org/api"


def listed(endpoint: str, *records: dict[str, Any], count: int = 0) -> str:
    results = [{"url": f"{BASE}/{endpoint}/{one['id']}/", **one} for one in records]
    return json.dumps({"count": count or len(results), "next": None, "previous": None, "results": results}, indent=1)


def nested(endpoint: str, id: int, **fields: object) -> dict[str, object]:
    return {"id": id, "url": f"{BASE}/{endpoint}/{id}/", "display": fields.get("name", str(id)), **fields}


def test_lists_of_the_api_say_the_same_with_links_to_netbox(store: Store, write: Write) -> None:
    role = nested("dcim/device-roles", 1, name="Server", slug="server")
    type = nested(
        "dcim/device-types", 7, model="X1", slug="x1", manufacturer=nested("dcim/manufacturers", 8, name="Maker")
    )
    devices = listed(
        "dcim/devices",
        {"id": 1, "name": "db-1", "display": "db-1", "role": role, "device_type": type, "serial": "S1",
         "site": nested("dcim/sites", 1, name="North"), "status": {"value": "active", "label": "Active"},
         "display_url": "https://netbox.example.org/dcim/devices/1/",
         "primary_ip4": nested("ipam/ip-addresses", 1, address="10.0.0.1/24"),
         "tenant": nested("tenancy/tenants", 1, name="Sales")},
        {"id": 2, "name": None, "display": "X1 (2)", "role": nested("dcim/device-roles", 3, slug="pdu"),
         "site": nested("dcim/sites", 1, name="North"), "status": {"value": "failed", "label": "Failed"}},
    )  # fmt: skip
    ports = listed(
        "dcim/power-ports",
        {"id": 1, "name": "PSU0", "device": nested("dcim/devices", 1), "connected_endpoints_type": "dcim.poweroutlet",
         "connected_endpoints": [nested("dcim/power-outlets", 5, device=nested("dcim/devices", 2))]},
        {"id": 3, "name": "in", "device": nested("dcim/devices", 2)},
    )  # fmt: skip
    cables = listed(
        "dcim/cables",
        {"id": 1, "status": {"value": "connected"},
         "a_terminations": [{"object_type": "dcim.powerport", "object_id": 3, "object": {}}],
         "b_terminations": [{"object_type": "dcim.powerfeed", "object_id": 9, "object": {}}]},
    )  # fmt: skip
    files = [
        write("devices.json", devices), write("ports.json", ports), write("cables.json", cables),
        write("sites.json", listed("dcim/sites", {"id": 1, "name": "North", "slug": "north"})),
    ]  # fmt: skip
    verdict = imported(store, *files)
    one = store.entity(named(DEVICE, 1))
    assert one is not None
    assert (one.type, one.properties) == ("Server", {
        "name": "db-1", "sourceKey": "dcim.device/1", "link": "https://netbox.example.org/dcim/devices/1/",
        "model": "X1", "vendor": "Maker", "serialNumber": "S1", "ipAddress": ("10.0.0.1",), "lifecycle": "live",
        "tag": ("server",),
    })  # fmt: skip
    other = store.entity(named(DEVICE, 2))
    assert other is not None
    assert (other.type, other.name, other.properties["tag"]) == ("PowerSupply", "X1 (2)", ("failed", "pdu"))
    assert other.properties["link"] == "https://netbox.example.org/dcim/devices/2/"
    assert edges(store, "poweredBy") == {(named(DEVICE, 1), named(DEVICE, 2)), (named(DEVICE, 2), named(FEED, 9))}
    assert verdict.placeholders == (named(FEED, 9), named("tenancy.tenant", 1))


def test_pages_that_are_missing_are_told_and_pages_that_are_there_are_not(store: Store, write: Write) -> None:
    first = listed("dcim/sites", {"id": 1, "name": "a"}, {"id": 2, "name": "b"}, count=3)
    verdict = imported(store, write("1.json", first))
    assert [(one.rule, one.message.split(":")[0]) for one in verdict.warnings] == [
        ("missing-page", "Of 3 entries of dcim/sites, 2 are here")
    ]
    both = imported(
        store, write("1.json", first), write("2.json", listed("dcim/sites", {"id": 3, "name": "c"}, count=3))
    )
    assert both.warnings == ()


def test_a_source_that_was_not_read_whole_is_not_pruned(store: Store, write: Write) -> None:
    sites = [{"id": number, "name": str(number)} for number in (1, 2, 3)]
    imported(store, write("1.json", listed("dcim/sites", *sites)), source="netbox")
    part = write("1.json", listed("dcim/sites", *sites[:2], count=3))
    with pytest.raises(InputError, match=r"netbox was not read whole.*Of 3 entries of dcim/sites, 2 are here"):
        imported(store, part, source="netbox", prune=True, allow_removals="100%")
    assert len(types(store)) == 3


def test_kinds_without_use_are_told_and_the_machinery_of_netbox_is_not(store: Store, write: Write) -> None:
    records = [
        ("dcim.site", 1, {"name": "North"}),
        ("tenancy.contact", 1, {"name": "Ada"}),
        ("dcim.interfacetemplate", 1, {"name": "eth0"}),
        ("extras.tag", 1, {"name": "x"}),
    ]
    verdict = imported(store, write("netbox.json", dump(*records)))
    assert [one.message.split(" passed")[0] for one in verdict.warnings] == ["1 of kind tenancy.contact"]


def test_what_is_no_record_is_a_fault_with_its_line(store: Store, write: Write) -> None:
    bad = '[{"model": "dcim.site", "pk": 1, "fields": {}},\n{"model": "dcim.site"},\n7,\n{"url": "https://x/other/1"}]'
    assert rules(refused(store, write("netbox.json", bad))) == [
        ("wrong-form", 2), ("wrong-form", 3), ("wrong-form", 4)
    ]  # fmt: skip
    assert rules(refused(store, write("a.json", '{"count": 1}'), format="netbox")) == [("wrong-form", 1)]
    assert rules(refused(store, write("b.json", '[{"model": "dcim.site"'), format="netbox")) == [("not-json", 1)]
    nameless = '[{"model": "dcim.site", "fields": {"name": "x"}}]'
    assert rules(refused(store, write("d.json", nameless), format="netbox")) == [("missing-id", 1)]
    deep = '[{"model": "dcim.site", "pk": 1, "fields": ' + "[" * 100_000
    assert rules(refused(store, write("c.json", deep), format="netbox")) == [("too-deep", 1)]


def test_other_json_is_not_taken_for_netbox(write: Write) -> None:
    other = write("other.json", '{"result": [{"sys_id": "1", "url": "https://x/api/now/table/cmdb_ci"}]}')
    fixture = write("django.json", '[{"model": "shop.order", "pk": 1, "fields": {}}]')
    found = choose([other.parent, write("netbox.json", dump(("dcim.site", 1, {"name": "x"})))])
    read = {reader.name: [path.name for path in paths] for reader, paths in found.by_reader}
    assert read["netbox"] == ["netbox.json"]
    assert fixture in found.passed_over


def test_the_public_demo_has_two_feeds_a_rack_and_a_provider_for_each_circuit(store: Store, shared_data: Path) -> None:
    verdict = imported(store, shared_data / "netbox")
    assert verdict.placeholders == ()
    assert [one.rule for one in verdict.warnings] == ["passed-over", "passed-over"]
    assert len(list(store.entities(type="VirtualMachine"))) == 180
    assert len(edges(store, "suppliedBy")) == 30
    hits = {one.id: one.state for one in impact(store, [named("dcim.powerpanel", 1)]).hits}
    assert {one for one, state in hits.items() if state == "down"} == {
        subject for subject, object in edges(store, "poweredBy") if object == named("dcim.powerpanel", 1)
    }
    assert {hits[named(DEVICE, number)] for number in (96, 97, 106)} == {"at risk"}
    both = impact(store, [named("dcim.powerpanel", 1), named("dcim.powerpanel", 2)])
    assert {one.id: one.state for one in both.hits}[named(DEVICE, 106)] == "down"
    assert imported(store, shared_data / "netbox").revision == 1
