// Which open requests for change touch a service, or what it stands on, within a time?
// clause: 8.5.1.3 e)
// parameter: service entity -- the service
// parameter: from beginning = now -- the beginning of the time
// parameter: until moment = +30 days -- its end

// A request without a window may be carried out at any time.
MATCH (service:Entity {id: $service})
MATCH (service)
  ((above)-[r]-(below)
    WHERE (type(r) IN $needs AND startNode(r) = above OR type(r) IN $feeds AND endNode(r) = above)
      AND any(label IN labels(below) WHERE label IN $canFail))* (touched:Entity)
WITH DISTINCT touched
MATCH (change:RequestForChange)-[:TOUCHES]->(touched)
WHERE NOT coalesce(change.changeStatus IN ['deployed', 'failed', 'closed', 'rejected', 'cancelled'], false)
  AND coalesce(change.windowStart < $until, true) AND coalesce($from < change.windowEnd, true)
RETURN change.id AS change, change.name AS name, change.changeStatus AS status, change.windowStart AS start,
  change.windowEnd AS end, touched.id AS touched
ORDER BY start, change, touched
