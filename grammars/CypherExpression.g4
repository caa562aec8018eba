// Expressions, from loose to tight. Each list is flat: the builder folds it by precedence.
parser grammar CypherExpression;

// AND binds tighter than XOR, XOR than OR; NOT than all three.
expression : negations+=NOT* operands+=comparison ( operators+=( AND | OR | XOR ) negations+=NOT* operands+=comparison )* ;

comparison
    : operands+=arithmetic predicates+=predicate? ( operators+=( EQ | NEQ | NEQ_C | LT | LE | GT | GE ) operands+=arithmetic predicates+=predicate? )*
    ;

// A test behind its operand.
predicate
    : op=( REGEQ | CONTAINS | IN ) right=arithmetic
    | op=( STARTS | ENDS ) WITH right=arithmetic
    | IS negated=NOT? ( null=NULL_ | ( TYPED | COLONCOLON ) typed=type | form=( NFC | NFD | NFKC | NFKD )? NORMALIZED )
    | COLONCOLON typed=type
    ;

// `^` binds tighter than `*` `/` `%`, these than `+` `-` `||`.
arithmetic : operands+=operand ( operators+=( PLUS | MINUS | DOUBLEBAR | TIMES | DIVIDE | PERCENT | POW ) operands+=operand )* ;

operand : signs+=( PLUS | MINUS )* base=atom suffixes+=suffix* test=labels? ;

suffix
    : DOT key=name
    | bracket=lbracket ( from=expression ( range=DOTDOT to=expression? )? | range=DOTDOT to=expression? ) RBRACKET
    | open=lparen ( star=TIMES | quantifier=( DISTINCT | ALL )? ( arguments+=expression ( COMMA arguments+=expression )* )? ) RPAREN
    ;

atom
    : value=( INTEGER_LITERAL | FLOAT_LITERAL | STRING_LITERAL | TRUE | FALSE | NULL_ | INF | INFINITY_ | NAN_ )   # literalAtom
    | p=parameter                                                                                               # parameterAtom
    | variable=variableName projection=mapProjection?                                                           # variableAtom
    | LBRACKET ( items+=expression ( COMMA items+=expression )* )? RBRACKET                                     # listAtom
    | LBRACKET_IN variable=name IN list=expression ( ( WHERE condition=expression )? ( BAR_SEPARATOR projection=expression )?
                                                   | ( COMMA items+=expression )+ ) RBRACKET                    # listComprehensionAtom
    | LBRACKET_PATTERN ( variable=simpleName EQ )? path=pathBody ( WHERE condition=expression )? BAR_SEPARATOR projection=expression RBRACKET
                                                                                                                # patternComprehensionAtom
    | m=map                                                                                                     # mapAtom
    | CASE subject=expression? branches+=caseBranch+ ( ELSE otherwise=expression )? END                         # caseAtom
    | kind=( EXISTS_BRACE | COUNT_BRACE | COLLECT_BRACE ) LBRACE ( q=query | how=matchMode? body=pattern ( WHERE condition=expression )? )? RBRACE
                                                                                                                # subqueryAtom
    | kind=QUANTIFIER_CALL lparen variable=name IN list=expression ( WHERE condition=expression )? ( BAR_SEPARATOR projection=expression )? RPAREN
                                                                                                                # quantifierAtom
    | REDUCE_CALL lparen accumulator=name EQ initial=expression COMMA variable=name IN list=expression BAR_SEPARATOR step=expression ( COMMA test=expression )? RPAREN
                                                                                                                # reduceAtom
    | TRIM_CALL lparen ( side=( BOTH | LEADING | TRAILING ) )? ( text+=expression ( from=FROM text+=expression )? | from=FROM text+=expression )? RPAREN
                                                                                                                # trimAtom
    | s=shortestPath                                                                                            # shortestPathAtom
    | path=patternExpression                                                                                    # patternAtom
    | open=( LPAREN | LPAREN_GROUP ) inner=expression RPAREN                                                    # parenthesisAtom
    ;

parameter : DOLLAR ( label=name | number=INTEGER_LITERAL ) ;

// `{}`, `{k: v, ...}` and the parameter of old, `{name}`.
map : open=LBRACE ( keys+=name ( colons+=COLON values+=expression ( COMMA keys+=name COLON values+=expression )* )? | number=INTEGER_LITERAL )? close=RBRACE ;

mapProjection : LBRACE ( items+=mapProjectionItem ( COMMA items+=mapProjectionItem )* )? RBRACE ;

mapProjectionItem
    : DOT ( key=name | star=TIMES )
    | key=name ( COLON value=expression )?
    ;

caseBranch : WHEN tests+=caseTest ( COMMA tests+=caseTest )* THEN result=expression ;

caseTest
    : op=( EQ | NEQ | NEQ_C | LT | LE | GT | GE ) right=arithmetic
    | test=predicate
    | value=expression
    ;

// Types of values, for IS ::, constraints and the like.
type : parts+=typePart ( BAR parts+=typePart )* ;

typePart : base=typeName ( nullables+=EXCLAMATION | nots+=NOT NULL_ )? ( suffixes+=( LIST | ARRAY ) ( NOT NULL_ | EXCLAMATION )? )* ;

typeName
    : NOTHING | NULL_ | BOOL | BOOLEAN | VARCHAR | STRING | INT | SIGNED? INTEGER | FLOAT | DATE | DURATION | POINT
    | LOCAL ( TIME | DATETIME ) | ZONED ( TIME | DATETIME )
    | TIME ( WITHOUT | WITH ) ( TIMEZONE | TIME ZONE )
    | TIMESTAMP ( WITHOUT | WITH ) ( TIMEZONE | TIME ZONE )
    | NODE | VERTEX | RELATIONSHIP | EDGE | MAP | PATH | PATHS
    | ( LIST | ARRAY ) LT inner=type GT
    | vector=VECTOR ( LT ( inner=type | INT8 | INT16 | INT32 | INT64 | INTEGER8 | INTEGER16 | INTEGER32 | INTEGER64 | FLOAT32 | FLOAT64 ) GT )? ( lparen dimension=INTEGER_LITERAL RPAREN )?
    | PROPERTY VALUE
    | ANY ( NODE | VERTEX | RELATIONSHIP | EDGE | MAP | PROPERTY VALUE | VALUE? ( LT inner=type GT )? )
    ;
