// One transaction for all of them: it holds its locks, and its memory, to the end.
MATCH (p:Person)
WHERE p.lastSeen < date('2024-01-01')
DETACH DELETE p;
