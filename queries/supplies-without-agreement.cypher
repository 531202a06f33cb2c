// Which supply relationships are covered by no agreement of the right kind that is in force?
// clause: 8.3.4.1, 8.3.4.2
// parameter: on moment = now -- when it must be in force

// An external supplier, or one that is not said to be internal or a customer, needs a contract.
MATCH (supply:SupplyRelationship)
WHERE NOT coalesce(supply.lifecycle IN $notLive, false)
WITH supply, CASE WHEN supply.supplyKind <> 'external' THEN 'InternalAgreement' ELSE 'Contract' END AS wanted
WHERE NOT EXISTS {
  (supply)<-[:COVERS]-(agreement:Agreement)
  WHERE wanted IN labels(agreement)
    AND coalesce(agreement.validFrom <= $on, true) AND coalesce($on < agreement.validTo, true)
}
OPTIONAL MATCH (supply)-[:HAS_SUPPLIER]->(party:Entity)
RETURN supply.id AS supply, party.id AS party, supply.supplyKind AS kind
ORDER BY supply, party
