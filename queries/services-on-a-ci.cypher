// Which services stand on a configuration item, directly or not?
// clause: 8.2.6, 8.5.1.3 a)
// parameter: ci entity -- the configuration item, or anything else that can fail

MATCH (ci:Entity {id: $ci})
MATCH (one:Entity)
  ((above)-[r]-(below)
    WHERE (type(r) IN $needs AND startNode(r) = above OR type(r) IN $feeds AND endNode(r) = above)
      AND any(label IN labels(below) WHERE label IN $canFail))* (ci)
WITH ci, collect(DISTINCT one) AS standing
UNWIND standing AS service
WITH ci, standing, service
// It stands on itself where it needs something that stands on it.
WHERE service:Service AND (service <> ci OR EXISTS {
  MATCH (ci)-[r]-(below) WHERE below IN standing
    AND (type(r) IN $needs AND endNode(r) = below OR type(r) IN $feeds AND startNode(r) = below)
    AND any(label IN labels(below) WHERE label IN $canFail)
})
RETURN service.id AS service, service.name AS name, service.criticality AS criticality
ORDER BY coalesce($rank.Criticality[criticality], 0) DESC, service
