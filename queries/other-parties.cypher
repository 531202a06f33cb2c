// What do other parties provide or operate, and which agreements in force govern it?
// clause: 8.2.3.1, 8.3.4
// parameter: on moment = now -- when agreements must be in force

MATCH (supply:SupplyRelationship)-[:HAS_SUPPLIER]->(party:Entity)
OPTIONAL MATCH (supply)<-[by:SUPPLIED_BY|OPERATED_BY]-(item:Entity)
OPTIONAL MATCH (supply)<-[:COVERS]-(agreement:Agreement)
  WHERE coalesce(agreement.validFrom <= $on, true) AND coalesce($on < agreement.validTo, true)
RETURN party.id AS party, supply.supplyKind AS kind, supply.id AS supply,
  CASE type(by) WHEN 'SUPPLIED_BY' THEN 'provides' WHEN 'OPERATED_BY' THEN 'operates' END AS mode,
  item.id AS item, agreement.id AS agreement
ORDER BY party, supply, mode, item, agreement
