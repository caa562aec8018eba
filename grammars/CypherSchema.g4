// CREATE and DROP of constraints and indexes, removed forms included.
parser grammar CypherSchema;

createCommand
    : CREATE_COMMAND replace=orReplace? ( constraint=createConstraint | index=createIndex | administration=createAdministration )
    ;

orReplace : OR REPLACE ;

ifNotExists : IF NOT EXISTS ;

ifExists : IF EXISTS ;

nameOrParameter : label=schemaName | p=parameter ;

createConstraint
    : CONSTRAINT label=nameOrParameter? guard=ifNotExists? scope=( FOR | ON ) target=schemaPattern
      verb=( REQUIRE | ASSERT ) predicate_=constraintPredicate opts=schemaOptions?
    ;

schemaPattern
    : lparen variable=variableName label=schemaLabels? RPAREN
    | lparen RPAREN left=( LT | ARROW_LEFT )? ( MINUS | DASH ) bracket=LBRACKET variable=variableName label=schemaLabels? RBRACKET ( MINUS | DASH ) right=( GT | ARROW_RIGHT )? lparen RPAREN
    ;

schemaLabels : COLON names+=name ( BAR names+=name )* ;

constraintPredicate
    : target=schemaProperties ( ( IS | IS_LABEL ) ( entity=( NODE | RELATIONSHIP | REL )? kind=( UNIQUE | KEY )
                                                  | NOT null=NULL_
                                                  | ( TYPED | COLONCOLON ) typed=type )
                              | COLONCOLON typed=type )
    | exists=EXISTS lparen target=schemaProperties RPAREN
    ;

schemaProperties
    : properties+=schemaProperty
    | lparen properties+=schemaProperty ( COMMA properties+=schemaProperty )* RPAREN
    ;

schemaProperty : variable=variableName DOT key=name ;

schemaOptions : OPTIONS ( m=map | p=parameter ) ;

createIndex
    : kind=( RANGE | TEXT | POINT | VECTOR | BTREE | FULLTEXT | LOOKUP )? keyword=INDEX
      ( label=nameOrParameter? guard=ifNotExists? FOR target=schemaPattern on=ON columns=indexColumns with=withProperties? opts=schemaOptions?
      | on=ON COLON legacyLabel=name legacyProperties=nameList )
    ;

indexColumns
    : properties=schemaProperties
    | each=EACH? function=indexFunction lparen variable=name RPAREN
    | each=EACH LBRACKET list+=schemaProperty ( COMMA list+=schemaProperty )* RBRACKET
    ;

indexFunction : name ;

withProperties : WITH LBRACKET properties+=schemaProperty ( COMMA properties+=schemaProperty )* RBRACKET ;

dropCommand
    : DROP ( what=CONSTRAINT ( label=nameOrParameter guard=ifExists? | on=ON target=schemaPattern ASSERT predicate_=constraintPredicate )
           | what=INDEX ( label=nameOrParameter guard=ifExists? | on=ON COLON legacyLabel=name legacyProperties=nameList )
           | administration=dropAdministration )
    ;
