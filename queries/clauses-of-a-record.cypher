// Which clauses does a contract, document or record serve?
// clause: 9.2.2
// parameter: record entity -- the contract, document or record

MATCH (:Entity {id: $record})-[:SATISFIES|DEMONSTRATES]->(requirement:Entity)-[:STATED_IN]->(clause:Entity)
RETURN DISTINCT clause.id AS clause, clause.name AS title, requirement.id AS requirement, requirement.anchor AS anchor
ORDER BY clause, requirement
