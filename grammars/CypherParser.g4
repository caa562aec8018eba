// Cypher 5, Cypher 25, openCypher 9 and the forms that Neo4j has removed since 3.x, as one language: what differs between versions
// is recorded by analyzer/cypher/builder*.cc with its place and judged there (analyzer/cypher/forms.h).
//
// Written so that one token of look-ahead decides nearly everywhere, for ANTLR then writes plain switches and no prediction runs:
//  - precedence is three flat lists (expression, comparison, arithmetic) that the builder folds;
//  - WHERE, ORDER BY, SKIP, LIMIT, YIELD and USING are clauses of their own in `clause`, which the builder joins to the clause they
//    belong to, and refuses where they belong to none;
//  - token types such as LPAREN_PATTERN carry what brackets' other ends tell (CypherLexer.g4, `tokens`).
// Every part that the builder reads has a label: no parse tree is made, only the labelled contexts.
parser grammar CypherParser;

options { tokenVocab = CypherLexer; }

import CypherExpression, CypherPattern, CypherSchema, CypherAdministration, CypherNames;

statement : q=query? c=command? EOF ;   // both: USE graph, then a command

command
    : create=createCommand
    | drop=dropCommand
    | administration=administrationCommand
    ;

// ---- Queries

query : parts+=regularQuery ( NEXT parts+=regularQuery )* ;

regularQuery
    : branches+=whenBranch+ ( ELSE otherwise=queryArm )?
    | arms+=queryArm ( unions+=unionKind arms+=queryArm )*
    ;

unionKind : UNION quantifier=( ALL | DISTINCT )? ;

whenBranch : WHEN condition=expression THEN body=queryArm ;

queryArm
    : clauses+=clause+
    | LBRACE inner=query RBRACE
    ;

clause
    : use=useClause
    | OPTIONAL ( match=matchClause | call=callClause )
    | match=matchClause
    | call=callClause
    | projection=projectionClause
    | where=whereClause
    | order=orderClause
    | page=pageClause
    | group=groupClause
    | yield=yieldClause
    | FINISH
    | unwind=unwindClause
    | create=createClause
    | insert=insertClause
    | merge=mergeClause
    | set=setClause
    | remove=removeClause
    | delete_=deleteClause
    | foreach=foreachClause
    | load=loadClause
    | let=letClause
    | filter=filterClause
    | search=searchClause
    | show=showClause
    | terminate=terminateClause
    | using_=hint
    | start_=startClause
    ;

useClause : USE GRAPH? parts+=name ( DOT parts+=name )* ( open=lparen ( arguments+=expression ( COMMA arguments+=expression )* )? RPAREN )? ( LBRACE inner=query RBRACE )? ;

matchClause : MATCH how=matchMode? body=pattern ;

matchMode
    : REPEATABLE ( ELEMENT BINDINGS? | ELEMENTS )
    | DIFFERENT ( ( REL | RELATIONSHIP ) BINDINGS? | RELATIONSHIPS )
    ;

// USING PERIODIC COMMIT, removed in 5.0, shares its first word.
hint
    : USING ( kind=( RANGE | TEXT | POINT | BTREE | VECTOR | FULLTEXT )? INDEX SEEK? variable=name COLON label=name properties=nameList
            | JOIN ON names+=name ( COMMA names+=name )*
            | SCAN variable=name COLON label=name
            | periodic=PERIODIC COMMIT count=INTEGER_LITERAL? )
    ;

nameList : lparen names+=name ( COMMA names+=name )* RPAREN ;

projectionClause : kind=( WITH | RETURN ) distinct=( DISTINCT | ALL )? ( star=TIMES | items+=projectionItem ) ( COMMA items+=projectionItem )* ;

projectionItem : value=expression ( AS alias=name )? ;

whereClause : WHERE condition=expression ;

orderClause : ORDER BY items+=sortItem ( COMMA items+=sortItem )* ;

sortItem : value=expression order=( ASC | ASCENDING | DESC | DESCENDING )? ;

pageClause : kind=( SKIP_ | OFFSET | LIMIT ) count=expression ;

// Cypher 25.
groupClause : GROUP BY ( lparen RPAREN | items+=expression ( COMMA items+=expression )* ) ;

yieldClause : YIELD ( star=TIMES | items+=yieldItem ( COMMA items+=yieldItem )* ) ;

yieldItem : source=name ( AS alias=name )? ;

unwindClause : UNWIND list=expression AS variable=name ;

createClause : CREATE unique=UNIQUE? body=pattern ;

insertClause : INSERT body=pattern ;

mergeClause : MERGE path=pathPattern actions+=mergeAction* ;

mergeAction : ON on=( CREATE | MATCH ) set=setClause ;

setClause : SET items+=setItem ( COMMA items+=setItem )* ;

setItem : target=operand ( op=( EQ | PLUSEQ ) value=expression )? ;

removeClause : REMOVE items+=operand ( COMMA items+=operand )* ;

deleteClause : detach=( DETACH | NODETACH )? DELETE items+=expression ( COMMA items+=expression )* ;

foreachClause : FOREACH open=lparen variable=name IN list=expression BAR_SEPARATOR clauses+=clause+ close=RPAREN ;

loadClause : LOAD CSV headers=withHeaders? FROM url=expression AS variable=name ( FIELDTERMINATOR terminator=STRING_LITERAL )? ;

withHeaders : WITH HEADERS ;

letClause : LET items+=letItem ( COMMA items+=letItem )* ;

letItem : variable=simpleName EQ value=expression ;

filterClause : FILTER WHERE? condition=expression ;

searchClause : SEARCH variable=name IN lparen VECTOR INDEX index=nameOrParameter FOR vector=expression ( WHERE condition=expression )?
               LIMIT count=expression RPAREN ( SCORE AS score=name )? ;

// START n = node(0), rel = rel:index(...): removed long ago, read only so that a rule can name it.
startClause : START items+=startItem ( COMMA items+=startItem )* ;

startItem : variable=simpleName EQ entity=name ( COLON index=name )?
            lparen ( star=TIMES | arguments+=expression ( COMMA arguments+=expression )* ) RPAREN ;

callClause
    : CALL ( procedure=procedureName ( open=lparen ( arguments+=expression ( COMMA arguments+=expression )* )? close=RPAREN )?
           | scope=callScope? lbrace=LBRACE body=query? rbrace=RBRACE transactions=inTransactions? )
    ;

procedureName : parts+=name ( DOT parts+=name )* ;

callScope : lparen ( star=TIMES | names+=name ( COMMA names+=name )* )? RPAREN ;

inTransactions
    : IN ( concurrent=CONCURRENT | degree=operand concurrent=CONCURRENT )? TRANSACTIONS parts+=transactionsPart*
    ;

transactionsPart
    : OF rows=expression ( ROW | ROWS )
    | ON error=ERROR ( action=( CONTINUE | BREAK | FAIL )
                     | retry=RETRY ( FOR seconds=expression ( SEC | SECOND | SECONDS )? )? ( THEN action=( CONTINUE | BREAK | FAIL ) )? )
    | report=REPORT STATUS AS variable=name
    ;

showClause : SHOW what=showObject ;

terminateClause : TERMINATE ( TRANSACTION | TRANSACTIONS ) ( ids+=expression ( COMMA ids+=expression )* )? ;
