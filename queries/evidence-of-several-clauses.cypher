// Which evidence is used for more than one clause?
// clause: 9.2.2

MATCH (evidence:Entity)-[:SATISFIES|DEMONSTRATES]->(:Entity)-[:STATED_IN]->(clause:Entity)
WHERE NOT evidence:ComputedCheck
WITH evidence, count(DISTINCT clause) AS clauses
WHERE clauses > 1
RETURN evidence.id AS evidence, evidence.name AS name, clauses
ORDER BY clauses DESC, evidence
