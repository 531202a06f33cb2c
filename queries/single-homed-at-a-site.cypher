// What stands at a place and in no redundancy group that has a member elsewhere?
// clause: 8.7.1, 8.7.2
// parameter: site entity -- the site, room, rack or region

MATCH (site:Entity {id: $site})
MATCH (item:Entity) (()-[:HOSTED_ON|LOCATED_AT]->())+ (site)
WITH collect(DISTINCT item) AS here
UNWIND here AS item
WITH item, here
WHERE NOT EXISTS {
  (item)<-[:HAS_MEMBER]-(group:Entity)-[:HAS_MEMBER]->(other:Entity)
  WHERE NOT other IN here
}
RETURN item.id AS item, head([type IN $types WHERE type IN labels(item)]) AS type, item.name AS name
ORDER BY type, item
