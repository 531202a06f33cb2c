// What does a service stand on, directly or not?
// clause: 8.2.6, 8.7.1
// parameter: service entity -- the service, or anything else that stands on something

MATCH (service:Entity {id: $service})
MATCH (service)
  ((above)-[r]->(below) WHERE type(r) IN $needs AND any(label IN labels(below) WHERE label IN $canFail))+ (item:Entity)
WITH DISTINCT item
RETURN item.id AS item, head([type IN $types WHERE type IN labels(item)]) AS type, item.name AS name
ORDER BY type, item
