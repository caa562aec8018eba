// Tokens of Cypher, over UTF-8 bytes: analyzer/cypher/tokens.cc feeds one byte as one character, so that every place is a byte
// offset and the automaton stays small. Every byte above 0x7F may stand in a name: which of Unicode's letters Neo4j takes there
// is not told apart.
//
// Keywords are not rules: the same file looks a WORD up in a table, case folded, and gives it the token type of that name from
// `tokens` below. All of them may also be names (rule `name` of CypherParser.g4). The token types at the end are keywords and
// brackets that the tokens around them give one meaning, which leaves the parser one token of look-ahead to decide nearly everywhere.
lexer grammar CypherLexer;

tokens {
  // Clauses and expressions.
  ACYCLIC, ALL, ALL_REDUCE, ALL_SHORTEST_PATHS, AND, ANY, AS, ASC, ASCENDING, ASSERT, BOTH, BREAK, BTREE, BY, CALL, CASE, COLLECT, COMMIT, CONCURRENT,
  CONSTRAINT, CONSTRAINTS, CONTAINS, CONTINUE, COUNT, CREATE, CSV, DELETE, DESC, DESCENDING, DETACH, DIFFERENT, DISTINCT, DROP,
  ELEMENT, ELEMENTS, BINDINGS, ELSE, END, ENDS, ERROR, EXISTS, EXTRACT, FAIL, FALSE, FIELDTERMINATOR, FILTER, FINISH, FOR, FOREACH,
  FROM, FULLTEXT, GROUP, GROUPS, HEADERS, IF, IN, INDEX, INDEXES, INF, INFINITY_, INSERT, IS, JOIN, KEY, LABELS, LEADING, LET, LIMIT,
  LOAD, LOOKUP, MATCH, MERGE, NAN_, NEXT, NFC, NFD, NFKC, NFKD, NODE, NODETACH, NONE, NORMALIZED, NOT, NULL_, OF, OFFSET, ON, ONLY,
  OPTIONAL, OPTIONS, OR, ORDER, PATH, PATHS, PERIODIC, POINT, RANGE, REDUCE, REL, RELATIONSHIP, RELATIONSHIPS, REMOVE, REPEATABLE,
  REPLACE, REPORT, REQUIRE, RETRY, RETURN, ROW, ROWS, SCAN, SCORE, SEARCH, SEC, SECOND, SECONDS, SEEK, SET, SHORTEST, SHORTEST_PATH,
  SHOW, SINGLE, SKIP_, START, STARTS, STATUS, TERMINATE, TEXT, THEN, TRAIL, TRAILING, TRANSACTION, TRANSACTIONS, TRIM, TRUE, TYPED, UNION,
  UNIQUE, UNWIND, USE, USING, VECTOR, WALK, WHEN, WHERE, WITH, XOR, YIELD,

  // Types.
  ARRAY, BIGINT, BOOL, BOOLEAN, DATE, DATETIME, DOUBLE, DURATION, EDGE, FLOAT, FLOAT32, FLOAT64, INT, INT8, INT16, INT32, INT64,
  INTEGER, INTEGER8, INTEGER16, INTEGER32, INTEGER64, LIST, LOCAL, MAP, NOTHING, PRECISION, PROPERTY, REAL, SIGNED, SMALLINT, STRING,
  TIME, TIMESTAMP, TIMEZONE, VALUE, VARCHAR, VERTEX, WITHOUT, ZONE, ZONED,

  // SHOW and administration.
  ACCESS, ACTIVE, ADD, ADMIN, ADMINISTRATOR, ALIAS, ALIASES, ALLOCATE, ALTER, ASSIGN, AT, AUTH, BOOSTED, BRIEF, BUILT, CASCADE, CHANGE, CIDR, COMMAND,
  COMMANDS, COMPOSITE, COPY, CURRENT, DATA, DATABASE, DATABASES, DBMS, DEALLOCATE, DEFAULT, DEFINED, DENY, DESTROY, DRIVER, DRYRUN,
  DUMP, EACH, ENABLE, ENCRYPTED, EXECUTABLE, EXECUTE, EXIST, EXISTENCE, FUNCTION, FUNCTIONS, GRANT, GRAPH, GRAPHS, HOME, ID, IMMUTABLE,
  IMPERSONATE, INFO, LABEL, LANGUAGE, MANAGEMENT, NAME, NAMES, NEW, NODES, NOWAIT, OPTION, OUTPUT, PASSWORD, PASSWORDS, PLAINTEXT,
  POPULATED, PRIMARIES, PRIMARY, PRIVILEGE, PRIVILEGES, PROCEDURE, PROCEDURES, PROPERTIES, PROVIDER, PROVIDERS, READ, REALLOCATE,
  RENAME, REPLICA, REPLICAS, REQUIRED, RESTRICT, REVOKE, ROLE, ROLES, SECONDARIES, SECONDARY, SERVER, SERVERS, SETTING, SETTINGS,
  SHARD, SHARDS, STOP, SUPPORTED, SUSPENDED, TARGET, TO, TOPOLOGY, TRAVERSE, TYPE, TYPES, UNIQUENESS, URL, USER, USERS, VERBOSE, WAIT,
  WRITE,
  CONDITION, CREDENTIAL, ENABLED, FORWARDING, METADATA, OIDC, RULE, RULES, TAG, TAGS,

  // Made of the above by the tokens around them (analyzer/cypher/tokens.cc).
  CREATE_COMMAND,      // CREATE before what is no pattern: an index, a constraint, a user ...
  START_COMMAND,       // START before DATABASE
  LPAREN_PATTERN,      // `(` of a path pattern of two nodes or more
  LPAREN_GROUP,        // `(` before another `(` or before `name =`
  LBRACKET_IN,         // `[` before `name IN`
  LBRACKET_PATTERN,    // `[` before a pattern, or before `name =` and a pattern
  BAR_SEPARATOR,       // `|` of a comprehension, reduce or FOREACH; the others join labels
  EXISTS_BRACE,        // EXISTS, COUNT, COLLECT before `{`
  COUNT_BRACE,
  COLLECT_BRACE,
  QUANTIFIER_CALL,     // ALL, ANY, NONE, SINGLE (and the removed FILTER, EXTRACT) before `( name IN`
  REDUCE_CALL,         // REDUCE, ALLREDUCE before `( name = ... | ...`
  TRIM_CALL,           // TRIM before `(`
  IS_LABEL             // IS before a label
}

SPACE : ( [ \t\r\n\f\u000B\u001C-\u001F] | '\u00C2' [\u0085\u00A0] | '\u00E1' ( '\u009A\u0080' | '\u00A0\u008E' )
        | '\u00E2\u0080' [\u0080-\u008A\u00A8\u00A9\u00AF] | '\u00E2\u0081\u009F' | '\u00E3\u0080\u0080' | '\u00EF\u00BB\u00BF' )+ ;

LINE_COMMENT  : '//' ~[\r\n]* ;
BLOCK_COMMENT : '/*' .*? '*/' ;
OPEN_COMMENT  : '/*' ( ~'*' | '*'+ ~[*/] )* '*'* ;   // shorter than BLOCK_COMMENT unless nothing closes it

STRING_LITERAL : '\'' ( ~['\\] | '\\' . )* '\'' | '"' ( ~["\\] | '\\' . )* '"' ;
OPEN_STRING    : '\'' ( ~['\\] | '\\' . )* '\\'? | '"' ( ~["\\] | '\\' . )* '\\'? ;

QUOTED_NAME : '`' ( ~'`' | '``' )* '`' ;
OPEN_NAME   : '`' ( ~'`' | '``' )* ;

// Letters behind a number make it one wrong token instead of two that may pass.
INTEGER_LITERAL : DIGIT ( DIGIT | LETTER )* ;
FLOAT_LITERAL   : DIGIT ( DIGIT | '_' )* EXPONENT WORD_TAIL | ( DIGIT ( DIGIT | '_' )* )? '.' DIGIT ( DIGIT | '_' )* EXPONENT? WORD_TAIL ;

WORD : LETTER ( LETTER | DIGIT | '$' )* ;

DOTDOT     : '..' ;
DOT        : '.' ;
COMMA      : ',' ;
SEMICOLON  : ';' ;
COLONCOLON : '::' ;
COLON      : ':' ;
LPAREN     : '(' ;
RPAREN     : ')' ;
LBRACKET   : '[' ;
RBRACKET   : ']' ;
LBRACE     : '{' ;
RBRACE     : '}' ;
DOLLAR     : '$' ;
EQ         : '=' ;
PLUSEQ     : '+=' ;
NEQ        : '<>' ;
NEQ_C      : '!=' ;   // only the operator of other languages; before a `=` a label's `!` makes no sense
LE         : '<=' ;
GE         : '>=' ;
LT         : '<' ;
GT         : '>' ;
REGEQ      : '=~' ;
PLUS       : '+' ;
MINUS      : '-' ;
TIMES      : '*' ;
DIVIDE     : '/' ;
PERCENT    : '%' ;
POW        : '^' ;
DOUBLEBAR  : '||' ;
BAR        : '|' ;
AMPERSAND  : '&' ;
EXCLAMATION : '!' ;

// The dashes and arrow heads that Unicode has besides, for relationships only.
DASH        : '\u00C2\u00AD' | '\u00E2\u0080' [\u0090-\u0095] | '\u00E2\u0088\u0092' | '\u00EF\u00B9' [\u0098\u00A3] | '\u00EF\u00BC\u008D' ;
ARROW_LEFT  : '\u00E2\u009F\u00A8' | '\u00E3\u0080\u0088' | '\u00EF\u00B9\u00A4' | '\u00EF\u00BC\u009C' ;
ARROW_RIGHT : '\u00E2\u009F\u00A9' | '\u00E3\u0080\u0089' | '\u00EF\u00B9\u00A5' | '\u00EF\u00BC\u009E' ;

ANYTHING_ELSE : . ;

fragment DIGIT     : [0-9] ;
fragment EXPONENT  : [eE] [+\-]? DIGIT ( DIGIT | '_' )* ;
fragment WORD_TAIL : ( LETTER | DIGIT )* ;
// ASCII letters and `_`, and every sequence of bytes that is no space, dash or arrow head of the rules above.
fragment LETTER    : [a-zA-Z_] | '\u00C2' [\u00A2-\u00A5\u00AA\u00B2\u00B3\u00B5\u00B7\u00B9\u00BA] | [\u00C3-\u00DF] TAIL
                   | '\u00E0' TAIL TAIL
                   | '\u00E1' ( [\u0080-\u0099\u009B-\u009F\u00A1-\u00BF] TAIL | '\u009A' [\u0081-\u00BF] | '\u00A0' [\u0080-\u008D\u008F-\u00BF] )
                   | '\u00E2' ( '\u0080\u00BF' | '\u0081' [\u0080\u0094\u00B1\u00BF] | [\u0082-\u0087\u0089-\u009E\u00A0-\u00BF] TAIL | '\u0088' [\u0080-\u0091\u0093-\u00BF]
                              | '\u009F' [\u0080-\u00A7\u00AA-\u00BF] )
                   | '\u00E3' ( '\u0080' [\u0081-\u0087\u008A-\u00BF] | [\u0081-\u00BF] TAIL )
                   | [\u00E4-\u00EE] TAIL TAIL
                   | '\u00EF' ( [\u0080-\u00B8\u00BA\u00BD-\u00BF] TAIL | '\u00B9' [\u0080-\u0097\u0099-\u00A2\u00A6-\u00BF]
                              | '\u00BB' [\u0080-\u00BE] | '\u00BC' [\u0080-\u008C\u008E-\u009B\u009D\u009F-\u00BF] )
                   | [\u00F0-\u00F4] TAIL TAIL TAIL ;
fragment TAIL      : [\u0080-\u00BF] ;
