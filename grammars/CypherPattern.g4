// Patterns: of MATCH, CREATE, MERGE, and in expressions.
parser grammar CypherPattern;

pattern : paths+=pathPattern ( COMMA paths+=pathPattern )* ;

pathPattern : ( variable=simpleName EQ )? selector=pathSelector? body=pathBody ;

pathBody
    : shortest=shortestPath
    | elements+=pathElement+
    ;

pathElement
    : node=nodePattern
    | relationship=relationshipPattern repeat=repetition?
    | group=groupPattern repeat=repetition?
    ;

shortestPath : kind=( SHORTEST_PATH | ALL_SHORTEST_PATHS ) lparen elements+=pathElement+ RPAREN ;

pathSelector
    : ANY ( shortest=SHORTEST | count=nonNegative )? walk=pathMode? ( PATH | PATHS )?
    | ALL shortest=SHORTEST? walk=pathMode? ( PATH | PATHS )?
    | shortest=SHORTEST count=nonNegative? walk=pathMode? ( PATH | PATHS )? groups=( GROUP | GROUPS )?
    | walk=pathMode ( PATH | PATHS )?
    ;

pathMode : WALK | TRAIL | ACYCLIC ;

nonNegative : INTEGER_LITERAL | parameter ;

nodePattern : ( LPAREN | LPAREN_PATTERN ) variable=variableName? label=labels? property=propertyMap? ( WHERE condition=expression )? RPAREN ;

groupPattern : LPAREN_GROUP ( variable=simpleName EQ )? selector=pathSelector? elements+=pathElement+ ( WHERE condition=expression )? RPAREN ;

relationshipPattern
    : left=( LT | ARROW_LEFT )? ( MINUS | DASH )
      ( bracket=lbracket variable=variableName? types=labels? length=pathLength? property=propertyMap? ( WHERE condition=expression )? RBRACKET )?
      ( MINUS | DASH ) right=( GT | ARROW_RIGHT )?
    ;

// [*], [*2], [*1..3], [*..3], [*1..]
pathLength : TIMES ( from=INTEGER_LITERAL ( range=DOTDOT to=INTEGER_LITERAL? )? | range=DOTDOT to=INTEGER_LITERAL? )? ;

repetition
    : symbol=( PLUS | TIMES )
    | LBRACE ( from=INTEGER_LITERAL ( range=COMMA to=INTEGER_LITERAL? )? | range=COMMA to=INTEGER_LITERAL? ) RBRACE
    ;

propertyMap : m=map | p=parameter ;

// A pattern as an expression: at least one relationship, no groups.
patternExpression : LPAREN_PATTERN variable=variableName? label=labels? property=propertyMap? ( WHERE condition=expression )? close=RPAREN
                    ( relationships+=relationshipPattern nodes+=nodePattern )+ ;

// Labels of a node, types of a relationship: `:A`, `:A:B`, `:A|:B`, `:A&(B|!C)`, `IS A`, `:$(expression)`.
labels : ( colon=COLON | IS_LABEL ) value=labelDisjunction ;

labelDisjunction : operands+=labelConjunction ( bars+=BAR colons+=COLON? operands+=labelConjunction )* ;

labelConjunction : operands+=labelFactor ( operators+=( AMPERSAND | COLON ) operands+=labelFactor )* ;

labelFactor
    : nots+=EXCLAMATION* ( leaf=name | wildcard=PERCENT | lparen inner=labelDisjunction RPAREN
                         | DOLLAR quantifier=( ALL | ANY )? lparen expr=expression RPAREN )
    ;

lparen : LPAREN | LPAREN_PATTERN | LPAREN_GROUP ;

lbracket : LBRACKET | LBRACKET_IN | LBRACKET_PATTERN ;
