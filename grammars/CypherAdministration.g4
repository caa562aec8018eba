// Administration: databases, aliases, users, roles, privileges, servers; and what SHOW shows. Nothing here is taken apart later but its
// leading keywords, so few parts have labels.
parser grammar CypherAdministration;

createAdministration
    : COMPOSITE? DATABASE databaseName ifNotExists? ( SET? defaultLanguage )? ( SET? topology | shards )? schemaOptions? waiting?
    | ALIAS databaseName ifNotExists? FOR DATABASE databaseName
      ( AT textOrParameter ( USER userName PASSWORD textOrParameter | OIDC CREDENTIAL FORWARDING ) driver? defaultLanguage? )? aliasProperties?
    | USER userName ifNotExists? userSetting+
    | IMMUTABLE? ROLE userName ifNotExists? ( AS COPY OF userName )?
    | AUTH RULE userName ifNotExists? authRuleSetting+
    ;

dropAdministration
    : COMPOSITE? DATABASE databaseName ifExists? ( RESTRICT | CASCADE ( ALIAS | ALIASES ) )? ( ( DUMP | DESTROY ) DATA? )? waiting?
    | ALIAS databaseName ifExists? FOR DATABASE
    | ( USER | ROLE ) userName ifExists?
    | SERVER textOrParameter
    | AUTH RULE userName ifExists?
    ;

administrationCommand
    : ALTER alterable
    | GRANT ( IMMUTABLE? privilege TO userNames | ( ROLE | ROLES ) userNames TO ruleOrUsers )
    | DENY IMMUTABLE? privilege TO userNames
    | REVOKE ( ( GRANT | DENY )? IMMUTABLE? privilege FROM userNames | ( ROLE | ROLES ) userNames FROM ruleOrUsers )
    | RENAME ( ( USER | ROLE | AUTH RULE ) userName ifExists? TO userName | SERVER textOrParameter TO textOrParameter )
    | START_COMMAND DATABASE databaseName waiting?
    | STOP DATABASE databaseName waiting?
    | ENABLE SERVER textOrParameter schemaOptions?
    | DRYRUN? ( DEALLOCATE ( DATABASE | DATABASES ) FROM ( SERVER | SERVERS ) textOrParameter ( COMMA textOrParameter )* | REALLOCATE ( DATABASE | DATABASES ) )
    ;

alterable
    : DATABASE databaseName ifExists? ( databaseSetting+ | ( REMOVE OPTION name )+ ) waiting?
    | ALIAS databaseName ifExists? SET DATABASE aliasSetting+
    | USER userName ifExists? ( REMOVE ( HOME DATABASE | ALL ( AUTH | TAG | TAGS ) | AUTH ( PROVIDER | PROVIDERS )? expression | ( TAG | TAGS ) expression ) )*
      ( ADD ( TAG | TAGS ) expression )* userSetting*
    | USERS userNames ifExists? ( REMOVE ( ALL ( TAG | TAGS ) | ( TAG | TAGS ) expression ) )* ( ( ADD | SET ) ( TAG | TAGS ) expression )*
    | AUTH RULE userName ifExists? authRuleSetting+
    | CURRENT USER SET PASSWORD FROM textOrParameter TO textOrParameter
    | SERVER textOrParameter SET schemaOptions
    | CURRENT GRAPH TYPE ( SET | ADD | DROP | ALTER ) LBRACE graphTypeToken* RBRACE
    ;

// Cypher 25: passed over, brackets in pairs or not.
graphTypeToken : ~( EOF ) ;

databaseSetting
    : SET ( ACCESS READ ( ONLY | WRITE ) | topology | TOPOLOGY amount ( REPLICA | REPLICAS ) | OPTION name expression | defaultLanguage )
    ;

aliasSetting
    : TARGET databaseName ( AT textOrParameter )?
    | USER userName
    | PASSWORD textOrParameter
    | driver
    | aliasProperties
    | defaultLanguage
    ;

userSetting
    : SET ( PLAINTEXT | ENCRYPTED )? PASSWORD ( CHANGE NOT? REQUIRED | textOrParameter ( CHANGE NOT? REQUIRED )? )
    | SET STATUS ( ACTIVE | SUSPENDED )
    | SET HOME DATABASE databaseName
    | SET AUTH PROVIDER? textOrParameter LBRACE authSetting+ RBRACE
    | SET ( TAG | TAGS ) expression
    ;

authRuleSetting : SET ( CONDITION expression | ENABLED ( TRUE | FALSE ) ) ;

ruleOrUsers : AUTH ( RULE | RULES ) userNames | userNames ;

authSetting
    : SET ( ID textOrParameter | ( PLAINTEXT | ENCRYPTED )? PASSWORD ( CHANGE NOT? REQUIRED | textOrParameter ( CHANGE NOT? REQUIRED )? ) )
    ;

topology : TOPOLOGY ( amount ( PRIMARY | PRIMARIES | SECONDARY | SECONDARIES ) )+ ;

amount : INTEGER_LITERAL | parameter ;

shards
    : ( SET? GRAPH SHARD LBRACE topology? RBRACE )?
      SET? PROPERTY ( SHARD | SHARDS ) LBRACE COUNT INTEGER_LITERAL ( TOPOLOGY amount ( REPLICA | REPLICAS ) )? RBRACE
    ;

defaultLanguage : DEFAULT LANGUAGE cypherWord=WORD version=INTEGER_LITERAL ;

driver : DRIVER propertyMap ;

aliasProperties : PROPERTIES propertyMap ;

waiting : NOWAIT | WAIT ( INTEGER_LITERAL ( SEC | SECOND | SECONDS )? )? ;

databaseName : name ( DOT name )* | parameter ;

userName : name | parameter ;

userNames : userName ( COMMA userName )* ;

textOrParameter : STRING_LITERAL | parameter ;

// ---- Privileges

privilege
    : ALL ( ( GRAPH | DATABASE | DBMS )? PRIVILEGES )? ON ( graphScope | databaseScope | DBMS )
    | graphAction ON graphScope graphQualifier?
    | databaseAction ON databaseScope
    | dbmsAction ON DBMS
    | scopedAction ON ( DBMS | databaseScope )
    | LOAD ON ( ALL DATA | URL textOrParameter | CIDR textOrParameter )
    ;

graphAction
    : TRAVERSE
    | ( READ | MATCH | MERGE | SET PROPERTY ) LBRACE ( TIMES | name ( COMMA name )* ) RBRACE
    | WRITE
    | ( CREATE | DELETE )
    | ( SET | REMOVE ) LABEL ( TIMES | name ( COMMA name )* )
    ;

graphScope : ( GRAPH | GRAPHS ) ( TIMES | databaseName ( COMMA databaseName )* ) | ( HOME | DEFAULT ) GRAPH ;

databaseScope : ( DATABASE | DATABASES ) ( TIMES | databaseName ( COMMA databaseName )* ) | ( HOME | DEFAULT ) DATABASE ;

graphQualifier
    : ( ELEMENT | ELEMENTS | NODE | NODES | RELATIONSHIP | RELATIONSHIPS ) ( TIMES | name ( COMMA name )* )
    | FOR nodePattern ( WHERE expression )?
    | FOR lparen nodePattern WHERE expression RPAREN
    ;

databaseAction
    : ACCESS
    | ( START | STOP )
    | ( CREATE | CREATE_COMMAND | DROP | SHOW ) ( INDEX | INDEXES | CONSTRAINT | CONSTRAINTS )
    | ( INDEX | INDEXES | CONSTRAINT | CONSTRAINTS | NAME ) MANAGEMENT?
    | CREATE NEW ( NODE? ( LABEL | LABELS ) | RELATIONSHIP? ( TYPE | TYPES ) | PROPERTY? ( NAME | NAMES ) )
    | ( SHOW | TERMINATE ) ( TRANSACTION | TRANSACTIONS ) userList?
    | ( TRANSACTION | TRANSACTIONS ) MANAGEMENT? userList?
    ;

userList : lparen ( TIMES | userNames ) RPAREN ;

// Cypher 25 takes them for single databases too.
scopedAction
    : ALTER COMPOSITE? DATABASE
    | SET DATABASE ( ACCESS | DEFAULT LANGUAGE )
    ;

dbmsAction
    : ALTER ( ALIAS | USER )
    | ( CREATE | CREATE_COMMAND | DROP | ALTER | RENAME | SHOW ) AUTH RULE
    | AUTH RULE MANAGEMENT
    | ( SET | SHOW ) USER METADATA
    | USER METADATA MANAGEMENT
    | ASSIGN ( PRIVILEGE | ROLE )
    | ( CREATE | CREATE_COMMAND | DROP ) ( COMPOSITE? DATABASE | ALIAS | USER | ROLE )
    | REMOVE ( PRIVILEGE | ROLE )
    | RENAME ( ROLE | USER )
    | SET ( AUTH | PASSWORD | PASSWORDS | USER ( STATUS | HOME DATABASE ) )
    | SHOW ( ALIAS | PRIVILEGE | ROLE | USER | SERVER | SERVERS | ( SETTING | SETTINGS ) globs )
    | ( USER | ROLE | COMPOSITE? DATABASE | ALIAS | PRIVILEGE | SERVER ) MANAGEMENT
    | EXECUTE ( ( ADMIN | ADMINISTRATOR ) ( PROCEDURE | PROCEDURES ) | BOOSTED? ( PROCEDURE | PROCEDURES ) globs
              | BOOSTED? ( USER DEFINED? )? ( FUNCTION | FUNCTIONS ) globs )
    | IMPERSONATE userList?
    ;

globs : glob ( COMMA glob )* ;

glob : ( name | DOT | TIMES | ANYTHING_ELSE )+ ;

// ---- SHOW

showObject
    : indexKind=( ALL | FULLTEXT | LOOKUP | POINT | RANGE | TEXT | VECTOR | BTREE )? ( INDEX | INDEXES ) output=showOutput?
    | constraints=constraintKind? ( CONSTRAINT | CONSTRAINTS ) output=showOutput?
    | ( ALL | BUILT IN | USER DEFINED )? ( FUNCTION | FUNCTIONS ) executable?
    | ( PROCEDURE | PROCEDURES ) executable?
    | ( SETTING | SETTINGS ) ( ids+=expression ( COMMA ids+=expression )* )?
    | ( TRANSACTION | TRANSACTIONS ) ( ids+=expression ( COMMA ids+=expression )* )?
    | DATABASE databaseName? | DATABASES databaseName?
    | ( DEFAULT | HOME ) DATABASE
    | ( ALIAS | ALIASES ) databaseName? FOR ( DATABASE | DATABASES )
    | ( SERVER | SERVERS )
    | ( ALL | POPULATED )? ( ROLE | ROLES ) ( WITH ( USER | USERS | AUTH ( RULE | RULES ) ) )? ( AS ( COMMAND | COMMANDS ) )?
    | ( USER | USERS ) ( WITH AUTH )? ( AS ( COMMAND | COMMANDS ) )?
    | AUTH ( RULE | RULES ) ( AS ( COMMAND | COMMANDS ) )?
    | CURRENT USER
    | SUPPORTED ( PRIVILEGE | PRIVILEGES )
    | ( ALL )? ( PRIVILEGE | PRIVILEGES ) asCommands?
    | ( ROLE | ROLES | USER | USERS ) userNames? ( PRIVILEGE | PRIVILEGES ) asCommands?
    | CURRENT graph=GRAPH TYPE
    ;

showOutput : ( BRIEF | VERBOSE ) OUTPUT? ;

constraintKind
    : ALL
    | ( NODE | RELATIONSHIP | REL )? ( UNIQUE | UNIQUENESS | KEY | EXIST | EXISTENCE | old=EXISTS )
    | ( NODE | RELATIONSHIP | REL )? PROPERTY ( new_=( UNIQUE | UNIQUENESS ) | EXIST | EXISTENCE | TYPE )
    ;

executable : EXECUTABLE ( BY ( CURRENT USER | name ) )? ;

asCommands : AS REVOKE? ( COMMAND | COMMANDS ) ;
