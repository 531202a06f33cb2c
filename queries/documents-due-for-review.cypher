// Which documents in force were due for review before a date?
// clause: 7.5.2 c)
// parameter: before moment = now -- the date

MATCH (document:DocumentedInformation)
WHERE toString(document.reviewDueOn) < substring(toString($before), 0, 10) AND coalesce(document.documentStatus <> 'withdrawn', true)
OPTIONAL MATCH (document)-[:OWNED_BY]->(owner:Entity)
RETURN document.id AS document, head([type IN $types WHERE type IN labels(document)]) AS type, document.name AS name,
  document.reviewDueOn AS due, owner.id AS owner
ORDER BY due, document, owner
