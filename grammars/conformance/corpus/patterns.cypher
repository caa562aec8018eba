MATCH p = ANY SHORTEST (a)-[:R]->+(b) RETURN p
MATCH p = ALL SHORTEST PATHS (a)-[:R]->{1,3}(b) RETURN p
MATCH p = SHORTEST 2 (a)-[:R]->*(b) RETURN p
MATCH p = SHORTEST 2 PATHS (a)-[:R]-+(b) RETURN p
MATCH p = SHORTEST 2 GROUPS (a)-[:R]-+(b) RETURN p
MATCH p = SHORTEST PATH GROUPS (a)-[:R]-+(b) RETURN p
MATCH p = ANY 3 (a)-->+(b) RETURN p
MATCH p = ANY (a)-->+(b) RETURN p
MATCH p = ANY PATH (a)-->+(b) RETURN p
MATCH p = ALL (a)-->+(b) RETURN p
MATCH p = ALL PATHS (a)-->+(b) RETURN p
MATCH (a) (()-[:R]->(x) WHERE x.y > 1){2,} (b) RETURN a
MATCH ((a)-->(b)){2} RETURN a
MATCH ((a)-->(b)){,3} RETURN a
MATCH (p = (a)-->(b))+ RETURN a
MATCH ((a)-->(b) RETURN a
MATCH (a)-->{1,3}(b) RETURN a
MATCH (a)-[r:A*1..3 {x:1}]->(b) RETURN a
MATCH (a)-[r*]->(b) RETURN a
MATCH (a)-[*..3]->(b) RETURN a
MATCH (a)-[*2..]->(b) RETURN a
MATCH (a)-[*1...3]->(b) RETURN a
MATCH (a)-[r WHERE r.x > 1]->(b) RETURN a
MATCH (a)<-->(b) RETURN a
MATCH -->(b) RETURN a
MATCH (a)--> RETURN a
MATCH (a) --(b), (c) RETURN a
MATCH REPEATABLE ELEMENTS (a)-->(b) RETURN a
MATCH DIFFERENT RELATIONSHIPS (a)-->(b) RETURN a
MATCH REPEATABLE ELEMENT BINDINGS (a)-->(b) RETURN a
MATCH ()-[r:A|B|C {x: 1}]->() RETURN r
MATCH ()-[r:A&B]->() RETURN r
MATCH ()-[r:!A]->() RETURN r
MATCH ()-[r IS A]->() RETURN r
MATCH ()-[r:%]->() RETURN r
MATCH ()-[:A*..]->() RETURN 1
MATCH ()-[r:$($type)]->() RETURN r
MATCH (n) WHERE (n)-[:R]->() RETURN n
MATCH (n) WHERE NOT (n)--() RETURN n
MATCH (n) WHERE exists((n)-->()) RETURN n
MATCH (n) RETURN [(n)-->(m) | m.name] AS names
MATCH (n) RETURN [(n)-->(m) WHERE m.x > 1 | m.name] AS names
MATCH (n) RETURN [p = (n)-->(m) | length(p)] AS l
MATCH (n) RETURN [(n)-->(m)] AS l
MATCH (n) RETURN [(n)-->(m), 1] AS l
MATCH (n:Person-[:R]->(m) RETURN n
MATCH (n)-[:R->(m) RETURN n
MATCH (n)-[:R](m) RETURN n
MATCH (n)-[r:R {x: 1]->(m) RETURN n
MATCH (a)-[:R1]->(b)<-[:R2]-(c) RETURN a
MATCH p = shortestPath((a)-[*]->(b)) RETURN p
MATCH p = allShortestPaths((a)-[:R*..5]-(b)) RETURN p
MATCH shortestPath((a)-[*]->(b)) RETURN 1
MATCH p = shortestPath((a)-[*]->(b), (c)) RETURN p
MATCH p = shortestPath(a) RETURN p
MATCH (n:A)-->(m) USING JOIN ON n RETURN n
MATCH p = (a)-[:R]->{1,3}(b) RETURN p
