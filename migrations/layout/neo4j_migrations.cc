// neo4j-migrations: V1_2__name.cypher, R1__name.cypher; and pairs of our own, V1__name.up.cypher / V1__name.down.cypher.
//
// The tool runs a file in one transaction (its default, PER_MIGRATION), unless a statement is CALL { } IN TRANSACTIONS, which
// makes it run the whole file statement by statement.
#include "absl/strings/match.h"
#include "migrations/layout/layout.h"

namespace pawl {
namespace {

std::optional<FlywayName> NameOf(const LayoutFile& f) { return ParseFlywayName(f.name.stem); }

bool Fits(const LayoutInput& input, const LayoutFile& f) { return input.engine == Engine::kNeo4j && NameOf(f).has_value(); }

void Split(const LayoutInput& input, LayoutOutput* out) {
  std::vector<const LayoutFile*> versioned;
  const TransactionMode mode = TransactionMode::kFile;
  for (const LayoutFile& f : input.files) {
    const auto name = NameOf(f);
    if (name && name->prefix == 'V') {
      versioned.push_back(&f);
    } else if (name && name->prefix == 'R') {
      Migration m = MakeMigration(name->version, name->description);
      m.repeatable = true;
      m.up = WholeFile(f, mode);
      out->migrations.push_back(std::move(m));
    } else if (f.name.stem.size() > 1 && (f.name.stem[0] == 'V' || f.name.stem[0] == 'v') && IsDigit(f.name.stem[1])) {
      AddStray(f, "does not match V1__name.cypher: a capital V, the version and two underscores must come first", out);
    } else {
      out->rest.push_back(&f);
    }
  }
  SplitPairs(versioned, mode, [](const LayoutFile& f) { return ParseFlywayName(f.name.stem)->version; }, out);
  for (Migration& m : out->migrations) {
    if (const auto name = ParseFlywayName(m.name)) m.name = std::string(name->description);
    for (char& c : m.version) {
      if (c == '_') c = '.';
    }
    for (std::optional<ScriptRef>* script : {&m.up, &m.down}) {
      if (*script && (ContainsIgnoreCase((*script)->file->text(), "in transactions") || ContainsIgnoreCase((*script)->file->text(), "concurrent transactions"))) (*script)->transaction = TransactionMode::kStatement;
    }
  }
}

}  // namespace

extern const LayoutSpec kNeo4jMigrationsLayout;
const LayoutSpec kNeo4jMigrationsLayout = {Layout::kNeo4jMigrations, 1, Fits, Split, CompareVersionDotted};

}  // namespace pawl
