CREATE (n:$(x.label) {id: 1})
MERGE (n:$all(['A', 'B']) {id: 1})
MATCH (n) SET n:$($label)
MATCH (n) SET n:$(x):B
MATCH (n) REMOVE n:$($label)
MATCH (n) SET n[$key] = 1
MATCH (n) REMOVE n[$key]
MATCH (n) SET n.a.b = 1
MATCH (n) SET n = {a: 1}, n += $map
MATCH (n) SET n += 1
MATCH (n) SET n.x += 1
MATCH (n) SET n.x
MATCH (n) SET n
MATCH (n) SET n.x = 1, SET n.y = 2
MATCH (n) SET (CASE WHEN true THEN n END).x = 1
MATCH (n) REMOVE n
MATCH (n) REMOVE n.x = 1
MATCH (n) DELETE n, n.x
MATCH (n) DETACH DELETE n
MATCH (n) NODETACH DELETE n
MATCH p = (a)-->(b) DELETE p
MERGE (n:A {id: 1}) ON CREATE SET n.x = 1 ON MATCH SET n.y = 2, n:B
MERGE (n:A {id: 1}) ON MATCH SET n.y = 2 ON CREATE SET n.x = 1 ON CREATE SET n.z = 1
MERGE (n:A {id: 1}) ON CREATE n.x = 1
MERGE (n:A {id: 1}), (m:B)
MERGE (a)-[:R]->(b)
MERGE (a)-[r:R {x: $x}]-(b)
MERGE p = (a)-[:R]->(b) RETURN p
MERGE (n:A {id: 1}) WHERE n.x = 1
CREATE (a:A {id: 1})-[:R {x: 1}]->(b:B), (c)
CREATE (a)-[:R]-(b)
CREATE (a)-[]->(b)
CREATE (a)-[:R*2]->(b)
CREATE p = (a)-[:R]->(b) RETURN p
CREATE a
CREATE (:A {id: 1, name: "x"});
CREATE (:A {id = 1})
CREATE (:A {id: 1,})
CREATE (:A {'id': 1})
CREATE (n:A $props)
CREATE (n:A:B)
CREATE (n:A|B)
CREATE (n:A&B)
CREATE (n IS A)
CREATE ()-[:A|B]->()
INSERT (n:A&B {id: 1})
INSERT (n:A:B)
INSERT (n)-[:R]->(m)
INSERT (n IS A)
INSERT (n:A|B)
INSERT (n)-->(m)
UNWIND $rows AS row MERGE (n:A {id: row.id}) SET n += row
LOAD CSV FROM 'file:///a.csv' AS row CREATE (:A {x: row[0]})
LOAD CSV WITH HEADERS FROM $url AS row FIELDTERMINATOR ';' MERGE (n:A {id: row.id})
LOAD CSV WITH HEADERS FROM 'a' + 'b' AS row RETURN row
LOAD CSV FROM 'a' AS row FIELDTERMINATOR x RETURN row
FOREACH (x IN [1, 2] | CREATE (:A {v: x}) MERGE (:B))
FOREACH (n IN nodes(p) | SET n.marked = true)
FOREACH (x IN [1] | FOREACH (y IN [2] | CREATE (:A)))
FOREACH (x IN [1] CREATE (:A))
FOREACH (x IN [1] | )
FOREACH x IN [1] | CREATE (:A)
MATCH (n) SET n.x = 1 FINISH
CREATE (:Größe {名前: 'x'})
MATCH (n) SKIP 1 LIMIT 2 SET n.x = 1
MATCH (n) SET n.x == 1
