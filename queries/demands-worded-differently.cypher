// What did a certificate of an earlier edition cover that the later one words differently, or no longer asks?
// clause: 9.2.2
// parameter: edition entity -- the earlier edition, such as iso-20000-1-2011

MATCH (:Edition {id: $edition})<-[:CLAUSE_OF]-(:Clause)<-[:STATED_IN]-(requirement:Requirement)
WHERE requirement.anchor IS NOT NULL
CALL (requirement) {
  MATCH (requirement)-[way:BECAME_REQUIREMENT]->(later:Requirement)
  WHERE way.editionChange <> 'same'
  RETURN way.editionChange AS change, later.id AS becomes, way.note AS note
  UNION
  WITH requirement WHERE requirement.editionChange IS NOT NULL
  RETURN requirement.editionChange AS change, null AS becomes, requirement.note AS note
}
RETURN requirement.id AS requirement, requirement.anchor AS anchor, change, becomes, note
ORDER BY anchor, requirement, becomes
