// Which services stand on a configuration item, directly or not?
// clause: 8.2.6, 8.5.1.3 a)
// parameter: ci entity -- the configuration item, or anything else that can fail

MATCH (ci:Entity {id: $ci})
MATCH (service:Service)
  ((above)-[r]->(below) WHERE type(r) IN $needs AND any(label IN labels(below) WHERE label IN $canFail))+ (ci)
WITH DISTINCT service
RETURN service.id AS service, service.name AS name, service.criticality AS criticality
ORDER BY coalesce($rank.Criticality[criticality], 0) DESC, service
