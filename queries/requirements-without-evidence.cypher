// Which requirements of an edition of the standard does nothing satisfy or demonstrate?
// clause: 9.2.2
// parameter: edition entity -- the edition, such as iso-20000-1-2018

MATCH (:Edition {id: $edition})<-[:CLAUSE_OF]-(:Clause)<-[:STATED_IN]-(requirement:Requirement {modality: 'shall'})
WHERE requirement.anchor IS NOT NULL
  AND NOT EXISTS { (:Requirement)-[:ITEM_OF]->(requirement) }
  AND NOT EXISTS { (:Entity)-[:SATISFIES]->(requirement) }
  AND NOT EXISTS { (proof:Entity)-[:DEMONSTRATES]->(requirement) WHERE NOT proof:ComputedCheck }
  AND NOT EXISTS { (:ComputedRecord)-[:RESULT_OF]->(:ComputedCheck)-[:DEMONSTRATES]->(requirement) }
RETURN requirement.id AS requirement, requirement.anchor AS anchor, requirement.paraphrase AS paraphrase
ORDER BY anchor, requirement
