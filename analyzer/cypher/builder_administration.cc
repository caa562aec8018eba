// Administration commands, and what is young in them and in SHOW.
#include <algorithm>
#include <initializer_list>
#include <string>
#include <string_view>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "analyzer/cypher/internal/builder.h"

namespace pawl::cypher {

void Builder::AdministrationOf(antlr4::ParserRuleContext* c, cypher::Statement& out) {
  auto* k = Make<Administration>();
  out.kind = StatementKind::kAdministration;
  out.node = k;
  // Its leading keywords: up to the first word that is none, and no more than say what is done to what.
  std::string command;
  const Token& first = Tok(c->start);
  const size_t last = static_cast<size_t>(Tok(c->stop).index);
  size_t i = static_cast<size_t>(first.index);
  bool done = false;
  for (; i <= last; ++i) {
    const Token& t = tokens_[i];
    if (t.type == Lex::IF) {
      const bool no = i + 1 <= last && tokens_[i + 1].type == Lex::NOT;
      (no ? k->if_not_exists : k->if_exists) = true;
    }
    if (t.type == Lex::REPLACE && i > 0 && tokens_[i - 1].type == Lex::OR) k->or_replace = true;
    if (t.type == Lex::STRING_LITERAL && i > 0 && (tokens_[i - 1].type == Lex::PASSWORD || tokens_[i - 1].type == Lex::TO || tokens_[i - 1].type == Lex::FROM) &&
        (command.find("USER") != std::string::npos)) {
      k->password = text_.Outer(t.span);
    }
    if (done) continue;
    const bool keyword = IsKeyword(t.type) || t.type == Lex::CREATE_COMMAND || t.type == Lex::START_COMMAND;
    if (!keyword || t.type == Lex::IF) {
      if (k->object.empty() && IsNameLike(t.type) && t.type != Lex::IF) k->object = NameAt(&t);
      if (!keyword && t.type != Lex::IF) done = true;
      continue;
    }
    if (t.type == Lex::OR || t.type == Lex::REPLACE || t.type == Lex::NOT || t.type == Lex::EXISTS) continue;
    absl::StrAppend(&command, command.empty() ? "" : " ", TokenText(t.type));
    if (command == "GRANT" || command == "DENY" || command == "REVOKE") done = true;
  }
  k->command = arena_.Copy(std::string_view(command));
  AdministrationForms(static_cast<size_t>(first.index), last);
}

// What administration has that is younger than 4.4 or than Cypher 5: told by two or three tokens side by side. First of each only.
void Builder::AdministrationForms(size_t first, size_t last) {
  const auto type = [&](size_t i) { return i >= first && i <= last ? tokens_[i].type : static_cast<size_t>(Lex::SEMICOLON); };
  const auto among = [](size_t t, std::initializer_list<size_t> types) { return std::find(types.begin(), types.end(), t) != types.end(); };
  const bool privilege = among(type(first), {Lex::GRANT, Lex::DENY, Lex::REVOKE});
  bool five = false, twenty_five = false;
  // The words that show it: token `i` and the one before or behind it.
  const auto use = [&](Form f, size_t i, bool with_next = false) {
    const Span with_before = i > first ? Span{tokens_[i - 1].span.begin, tokens_[i].span.end} : tokens_[i].span;
    const Span at = with_next && i < last ? Span{tokens_[i].span.begin, tokens_[i + 1].span.end} : with_before;
    if (f == Form::kOther5 || f == Form::kOther25) {
      bool& done = f == Form::kOther5 ? five : twenty_five;
      if (done) return;
      done = true;
    }
    Use(f, text_.Outer(at));
  };
  for (size_t i = first + 1; i <= last; ++i) {
    const size_t t = type(i), before = type(i - 1), next = type(i + 1);
    const bool server = among(t, {Lex::SERVER, Lex::SERVERS});
    switch (t) {
      case Lex::DEFAULT:
        if (next == Lex::LANGUAGE) use(privilege ? Form::kOther25 : Form::kDefaultLanguage, i, true);
        break;
      case Lex::GRAPH:
        if (before == Lex::CURRENT && type(first) == Lex::ALTER) use(Form::kGraphType, i);
        break;
      case Lex::AUTH:
        if (among(next, {Lex::RULE, Lex::RULES})) {
          use(Form::kOther25, i, true);
        } else if (among(before, {Lex::SET, Lex::REMOVE}) || (before == Lex::ALL && type(i - 2) == Lex::REMOVE)) {
          use(Form::kOther5, i);
        }
        break;
      case Lex::TAG:
      case Lex::TAGS:
        if (!privilege && (among(before, {Lex::ADD, Lex::REMOVE, Lex::SET}) || (before == Lex::ALL && type(i - 2) == Lex::REMOVE))) use(Form::kOther25, i);
        break;
      case Lex::USERS:
        if (i == first + 1 && type(first) == Lex::ALTER) use(Form::kOther25, i);
        break;
      case Lex::METADATA:
        if (privilege && before == Lex::USER) use(Form::kOther25, i);
        break;
      case Lex::SHARD:
      case Lex::SHARDS:
        if (among(before, {Lex::GRAPH, Lex::PROPERTY})) use(Form::kOther25, i);
        break;
      case Lex::REPLICA:
      case Lex::REPLICAS:
        if (before == Lex::INTEGER_LITERAL || type(i - 2) == Lex::DOLLAR) use(Form::kOther25, i);
        break;
      case Lex::OIDC:
        if (next == Lex::CREDENTIAL) use(Form::kOther25, i, true);
        break;
      case Lex::COMPOSITE:
        if (privilege && before == Lex::ALTER) use(Form::kOther25, i, true);
        if (next == Lex::DATABASE) use(Form::kOther5, i, true);
        break;
      case Lex::ON:
        // ALTER DATABASE and SET DATABASE ACCESS on one database instead of all.
        if (privilege && among(next, {Lex::DATABASE, Lex::DATABASES, Lex::HOME, Lex::DEFAULT}) &&
            ((before == Lex::DATABASE && among(type(i - 2), {Lex::ALTER, Lex::COMPOSITE})) || (before == Lex::ACCESS && type(i - 2) == Lex::DATABASE))) {
          use(Form::kOther25, i, true);
        }
        break;
      case Lex::TOPOLOGY:
        if (among(next, {Lex::INTEGER_LITERAL, Lex::DOLLAR})) use(Form::kOther5, i, true);
        break;
      case Lex::CASCADE:
      case Lex::RESTRICT:
        if (type(first) == Lex::DROP && i > first + 2 && !among(before, {Lex::DATABASE, Lex::DOT})) use(Form::kOther5, i);
        break;
      case Lex::OPTION:
        if (among(before, {Lex::SET, Lex::REMOVE})) use(Form::kOther5, i);
        break;
      case Lex::PROPERTIES:
        if (among(next, {Lex::LBRACE, Lex::DOLLAR})) use(Form::kOther5, i, true);
        break;
      case Lex::IMMUTABLE:
        if (i == first + 1 || (i == first + 2 && among(before, {Lex::GRANT, Lex::DENY}))) use(Form::kOther5, i, true);
        break;
      case Lex::SETTING:
      case Lex::SETTINGS:
        if (privilege && before == Lex::SHOW) use(Form::kOther5, i);
        break;
      case Lex::LOAD:
        if (privilege && i <= first + 3 && next == Lex::ON) use(Form::kOther5, i, true);
        break;
      case Lex::FOR:
        if (privilege) use(Form::kOther5, i, true);
        break;
      default: break;
    }
    if (server && (i == first + 1 || among(before, {Lex::SHOW, Lex::IMMUTABLE, Lex::GRANT, Lex::DENY}))) use(Form::kOther5, i);
  }
  if (among(type(first), {Lex::DEALLOCATE, Lex::REALLOCATE, Lex::DRYRUN, Lex::ENABLE})) use(Form::kOther5, first, true);
}

// The same of SHOW; `words` are its keywords up to the first word that is none.
void Builder::ShowForms(G::ShowClauseContext* c, std::string_view words) {
  const size_t first = static_cast<size_t>(Tok(c->start).index), last = static_cast<size_t>(Tok(c->stop).index);
  const auto any = [&](std::initializer_list<std::string_view> parts) {
    return std::any_of(parts.begin(), parts.end(), [&](std::string_view p) { return absl::StrContains(words, p); });
  };
  const Span at = Of(c->what);
  const bool roles_or_users = absl::StartsWith(words, "ROLE") || absl::StartsWith(words, "USER") || any({" ROLE"});
  if (absl::StartsWith(words, "AUTH RULE") || any({"WITH AUTH RULE"}) || (roles_or_users && !any({"PRIVILEGE"}) && any({" AS COMMAND"}))) {
    Use(Form::kOther25, at);
    return;
  }
  const bool constraint = any({"CONSTRAINT"}), index = any({"INDEX"});
  const bool relationship = absl::StartsWith(words, "REL");
  const bool kinds = constraint && (any({"UNIQUENESS", "PROPERTY TYPE"}) || absl::StartsWith(words, "KEY") || (relationship && any({" KEY", " UNIQUE"})));
  const bool bare = words == "DATABASE" || words == "USER";  // 4.4 wants a name behind it
  const bool alias = absl::StartsWith(words, "ALIAS") && first + 2 <= last && tokens_[first + 2].type != Lex::FOR;
  if (kinds || (index && absl::StartsWith(words, "VECTOR")) || absl::StartsWith(words, "SETTING") || absl::StartsWith(words, "SERVER") || absl::StartsWith(words, "SUPPORTED") ||
      any({"WITH AUTH"}) || (bare && first + 1 == last) || alias) {
    Use(Form::kOther5, at);
  }
}

}  // namespace pawl::cypher
