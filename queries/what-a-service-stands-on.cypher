// What does a service stand on, directly or not?
// clause: 8.2.6, 8.7.1
// parameter: service entity -- the service, or anything else that stands on something

MATCH (service:Entity {id: $service})
MATCH (service)
  ((above)-[r]-(below)
    WHERE (type(r) IN $needs AND startNode(r) = above OR type(r) IN $feeds AND endNode(r) = above)
      AND any(label IN labels(below) WHERE label IN $canFail))* (item:Entity)
WITH service, collect(DISTINCT item) AS items
UNWIND items AS item
WITH service, items, item
// It stands on itself where something that it stands on needs it.
WHERE item <> service OR any(label IN labels(service) WHERE label IN $canFail) AND EXISTS {
  MATCH (service)-[r]-(above) WHERE above IN items
    AND (type(r) IN $needs AND startNode(r) = above OR type(r) IN $feeds AND endNode(r) = above)
}
RETURN item.id AS item, head([type IN $types WHERE type IN labels(item)]) AS type, item.name AS name
ORDER BY type, item
