RETURN [x IN [1, 2] WHERE x > 1 | x * 2] AS l
RETURN [x IN [1, 2] | x:A|B] AS l
RETURN [x IN [1, 2] |] AS l
RETURN all(x IN [1] WHERE x > 0), any(x IN [1] WHERE x > 0), none(x IN [1] WHERE x > 0), single(x IN [1] WHERE x > 0)
RETURN all(x IN [1])
RETURN all(x WHERE x > 1)
RETURN any(x IN [1] | x)
RETURN reduce(acc = 0, x IN [1, 2] | acc + x)
RETURN reduce(acc = 0, x IN [1, 2])
RETURN reduce(acc, x IN [1, 2] | acc + x)
RETURN CASE 1 WHEN 1 THEN 'a' WHEN 2, 3 THEN 'b' ELSE 'c' END
RETURN CASE WHEN true THEN 1 END
RETURN CASE WHEN true THEN 1 ELSE 2 END AS x
RETURN CASE 1 WHEN > 3 THEN 'a' WHEN IS NULL THEN 'b' WHEN STARTS WITH 'x' THEN 'c' END
RETURN CASE 1 WHEN IN [1] THEN 'a' WHEN =~ 'x' THEN 'b' WHEN IS :: INTEGER THEN 'c' WHEN <> 4 THEN 5 END
RETURN CASE ELSE 1 END
RETURN CASE 1 END
RETURN CASE WHEN true END
RETURN CASE WHEN true THEN 1
RETURN 1 IS :: INTEGER, 'a' IS NOT :: STRING NOT NULL, 1 :: FLOAT
RETURN 1 IS TYPED INTEGER | FLOAT
RETURN x IS NOT TYPED LIST<STRING>
RETURN x :: ANY, x :: ANY VALUE, x :: PROPERTY VALUE, x :: NOTHING, x :: NULL
RETURN x :: LIST<ANY>, x :: ARRAY<INT>, x :: INT ARRAY, x :: LIST<LIST<INT>>
RETURN x :: ZONED DATETIME, x :: LOCAL TIME, x :: TIMESTAMP WITH TIME ZONE, x :: TIME WITHOUT TIMEZONE
RETURN x :: DATE, x :: DURATION, x :: POINT, x :: NODE, x :: RELATIONSHIP, x :: PATH, x :: MAP, x :: VERTEX, x :: EDGE
RETURN x :: BOOL, x :: BOOLEAN, x :: VARCHAR, x :: SIGNED INTEGER, x :: FLOAT
RETURN x :: INTEGER!, x :: STRING! | INT!
RETURN x :: FOO
RETURN x :: LIST
RETURN x :: INT64, x :: FLOAT32
RETURN x IS NORMALIZED, x IS NFC NORMALIZED, x IS NOT NFKD NORMALIZED
RETURN normalize('a', NFD), normalize('a')
RETURN trim('a'), trim(BOTH 'x' FROM 'xax'), trim(LEADING FROM ' a'), trim('x' FROM 'xax'), trim(TRAILING 'x' FROM y)
RETURN trim(BOTH 'x'), 1
RETURN trim()
RETURN count(*), count(DISTINCT n.x), sum(n.x), collect(n)[0..3]
RETURN count()
RETURN count(*
RETURN date(), date('2020-01-01').year, datetime({year: 2020}), duration('P1D'), point({x: 1, y: 2})
RETURN apoc.text.join(['a', 'b'], ','), apoc.create.uuid()
RETURN apoc.text.join
RETURN `apoc`.`text`.join(['a'])
RETURN n.`a b`, `n`.x, n['x'], n[$p], n.x[0], n.x[0].y
RETURN n.1
RETURN n.
RETURN .x
RETURN n..x
RETURN [1, 2, 3][-1], [1, 2][0..], 'abc'[0]
RETURN []
RETURN [1, ]
RETURN [, 1]
RETURN {}
RETURN {a: 1, `b c`: 2, match: 3}
RETURN {a 1}
RETURN {1: 2}
RETURN n {.*}
RETURN n {.a, b: n.c, .*, d}
RETURN n {.a .b}
RETURN n {a.b}
RETURN 1 + 2 * 3 - 4 / 5 % 6 ^ 7
RETURN 'a' + 'b' || 'c'
RETURN 'a' || 'b'
RETURN true AND false OR NOT true XOR false
RETURN NOT NOT true
RETURN true && false
RETURN true || false
RETURN !true
RETURN 1 < 2, 1 <= 2, 1 > 2, 1 >= 2, 1 <> 2, 1 = 2
RETURN 1 =< 2
RETURN 1 => 2
RETURN 'a' =~ 'b', 'a' CONTAINS 'b', 'a' STARTS WITH 'b', 'a' ENDS WITH 'b', 1 IN [1]
RETURN NOT 1 IN [1]
RETURN 1 NOT IN [1]
RETURN 'a' NOT CONTAINS 'b'
RETURN 'a' LIKE 'b'
RETURN 1 BETWEEN 0 AND 2
RETURN x IS NULL, x IS NOT NULL
RETURN x IS
RETURN x IS TRUE
RETURN x = NULL
RETURN -x, +x, -(1), 1 - -1
RETURN 1 -- 2
RETURN 1 // comment
RETURN 1 /* comment */ + 2
RETURN /* a */ 1
RETURN 0x1F, 0o17, 1e10, 1.5e-3, .5, 1_000_000, 0b1
RETURN Infinity, NaN, inf, -Infinity
RETURN null, NULL, true, TRUE, False
RETURN 'it\'s', "say \"x\"", 'a\\b', 'a\nb\t', '\u0041'
RETURN 'unterminated
RETURN "a' AS x
RETURN `unterminated
RETURN 1 AS `a``b`
RETURN 1 AS match, 2 AS return, 3 AS where
RETURN 1 AS 1
RETURN 1 AS
RETURN 1 x
RETURN *
RETURN *, 1 AS x
RETURN 1, *
RETURN DISTINCT *
RETURN DISTINCT 1 AS x ORDER BY x DESC, x + 1 ASCENDING SKIP 1 LIMIT 1
RETURN 1 AS x ORDER BY x DESCENDING
RETURN 1 AS x ORDER x
RETURN 1 AS x SKIP
RETURN 1 AS x LIMIT 1, 2
RETURN 1 AS x OFFSET 1 ROWS
RETURN 1 AS x OFFSET 1
RETURN ALL 1
RETURN 1 AS x UNION DISTINCT RETURN 2 AS x
RETURN 1 AS x UNION
RETURN 1 AS x UNION ALL RETURN 2 AS x UNION RETURN 3 AS x
RETURN shortestPath((a)-[*]->(b))
RETURN 1 as x
return 1 As x
RETURN $param, $`a b`, $0
RETURN $
RETURN @x
RETURN #x
RETURN 1 ? 2 : 3
RETURN a.b.c.d(1, 2)
RETURN a.b.c.d
RETURN (1 + 2) * 3
RETURN (1 + 2
RETURN 1 + 2)
RETURN ((1))
RETURN ()
RETURN (n)
RETURN (n:A)
RETURN (n:A).x
RETURN (a)-->(b)
RETURN (a)-->
RETURN naïve, größe, 名前
RETURN a$b
RETURN $a$b
