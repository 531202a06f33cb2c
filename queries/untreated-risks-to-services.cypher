// Which open risks without a treatment threaten services of a criticality, or what these stand on?
// clause: 6.1.2, 6.1.3, 8.7.1
// parameter: criticality code Criticality = critical -- of the services

MATCH (service:Service {criticality: $criticality})
MATCH (service)
  ((above)-[r]-(below)
    WHERE (type(r) IN $needs AND startNode(r) = above OR type(r) IN $feeds AND endNode(r) = above)
      AND any(label IN labels(below) WHERE label IN $canFail))* (threatened:Entity)
WITH DISTINCT service, threatened
MATCH (risk:Risk)-[:THREATENS]->(threatened)
WHERE NOT coalesce(risk.riskStatus IN ['treated', 'accepted', 'closed'], false)
  AND NOT EXISTS { (:RiskTreatment)-[:ADDRESSES]->(risk) }
RETURN risk.id AS risk, risk.name AS name, risk.riskLevel AS level, risk.riskStatus AS status,
  threatened.id AS threatened, service.id AS service
ORDER BY coalesce($rank.RiskLevel[level], 0) DESC, risk, threatened, service
