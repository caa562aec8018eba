// Whether a statement is of the other database's language, by its first words.
#ifndef PAWL_RULES_FILES_LANGUAGES_H_
#define PAWL_RULES_FILES_LANGUAGES_H_

#include <string_view>
#include <vector>

#include "migrations/history/code_stream.h"

namespace pawl {

// The first tokens of the statement at which the reader stands, which moves past its semicolon; what comes late is left out.
std::vector<CodeToken> StatementHead(CodeReader& reader);

// For a statement that is no SQL. Cypher's "//" comments, which SQL reads as an operator, may stand before it.
bool LooksLikeCypher(std::string_view text);

// For a statement in a Cypher file: first words that no Cypher statement has.
bool LooksLikeSql(const CodeReader& reader, const std::vector<CodeToken>& head);
bool LooksLikeSql(std::string_view text);

}  // namespace pawl

#endif  // PAWL_RULES_FILES_LANGUAGES_H_
