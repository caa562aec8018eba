// What an edit of a migration amounts to: nothing a server would notice, or something it would.
//
// Decided on token streams first, then, where both texts are SQL that PostgreSQL's parser accepts, on parse trees. In doubt
// the answer is kMeaning. Thread-safe (see sql::ParseScript for which threads may parse).
#ifndef PAWL_MIGRATIONS_HISTORY_EDIT_H_
#define PAWL_MIGRATIONS_HISTORY_EDIT_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "analyzer/finding/finding.h"
#include "analyzer/source/span.h"

namespace pawl {

enum class EditKind : uint8_t {
  kSame,        // the same bytes
  kComments,    // the same tokens; comments differ (white space too, perhaps)
  kFormatting,  // the same statements: white space, line ends, letter case, quotes, parentheses, synonyms (int, integer)
  kMeaning,     // other statements, or not known to be the same
};

struct Edit {
  EditKind kind = EditKind::kSame;
  std::string_view what;  // for messages: "only comments changed"; static storage
  Span at;                // first difference, in the new text; empty at its end if the old text goes on there
  uint32_t old_line = 1;  // line of the first difference in the old text
  std::string old_token;  // kMeaning: the first token that differs, cut to one short line; "" past the end
  std::string new_token;
};

// Comments that a migration runner obeys ("-- migrate:down", "-- +goose Up", "-- no-transaction") count as tokens, not as
// comments. Bodies of SQL and PL/pgSQL functions and DO blocks are compared as token streams: a comment in one is kFormatting.
// Letter case matters in Cypher, where labels and properties keep it.
Edit ClassifyEdit(std::string_view old_text, std::string_view new_text, Engine engine);

// 32 hexadecimal digits each, of a text's tokens without comments and white space: as written, and with what kFormatting
// ignores taken out. For telling kinds of edits apart when the old text is not at hand.
struct CodeHashes {
  std::string exact;
  std::string normal;
};
CodeHashes HashCode(std::string_view text, Engine engine);
// CodeHashes::exact alone, without holding the tokens: for texts of any size.
std::string HashTokens(std::string_view text, Engine engine);

// True if the script holds no statement that could change anything: only comments, white space, SELECT of constants, SET,
// BEGIN and COMMIT. `section` is the part of `text` to look at. Looks no further than the first statement that does more.
bool DoesNothing(std::string_view text, Span section, Engine engine);

}  // namespace pawl

#endif  // PAWL_MIGRATIONS_HISTORY_EDIT_H_
