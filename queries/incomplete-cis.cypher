// Which live configuration items lack a relation that their type expects, so that what they stand on or who owns them is unknown?
// clause: 8.2.6

MATCH (item:ConfigurationItem)
WHERE NOT coalesce(item.lifecycle IN $notLive, false)
WITH item, head([type IN $types WHERE type IN labels(item)]) AS type
UNWIND [one IN $expected WHERE one.type = type] AS expected
WITH item, type, expected
WHERE NOT EXISTS { (item)-[r]->(:Entity) WHERE type(r) IN expected.by }
RETURN item.id AS item, type, item.name AS name, expected.relation AS missing
ORDER BY type, item, missing
