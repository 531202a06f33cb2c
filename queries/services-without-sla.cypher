// Which customers receive a live service without a service level agreement with them that is in force?
// clause: 8.3.3
// parameter: on moment = now -- when it must be in force

MATCH (customer:Entity)-[:RECEIVES]->(service:Service)
WHERE NOT coalesce(service.lifecycle IN $notLive, false)
  AND NOT EXISTS {
    (service)<-[:COVERS]-(sla:ServiceLevelAgreement)-[:AGREED_WITH]->(customer)
    WHERE coalesce(sla.validFrom <= $on, true) AND coalesce($on < sla.validTo, true)
  }
RETURN service.id AS service, service.name AS name, customer.id AS customer
ORDER BY service, customer
