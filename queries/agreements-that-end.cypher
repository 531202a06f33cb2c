// Which agreements in force end within a time?
// clause: 8.3.3, 8.3.4.1
// parameter: from beginning = now -- the beginning of the time, at which they are in force
// parameter: until moment = +90 days -- its end

MATCH (agreement:Agreement)
WHERE coalesce(agreement.validFrom <= $from, true) AND $from < agreement.validTo AND agreement.validTo <= $until
RETURN agreement.id AS agreement, head([type IN $types WHERE type IN labels(agreement)]) AS type, agreement.name AS name,
  agreement.validTo AS ends, agreement.renewal AS renewal
ORDER BY ends, agreement
