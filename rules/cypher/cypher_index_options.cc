// cypher-index-options: a full-text or vector index that leaves to the server what decides its results.
#include "absl/strings/str_cat.h"
#include "rules/cypher/schema.h"

namespace pawl {

extern const Rule kCypherIndexOptions;

namespace {

using namespace cypher_rules;

void Check(const CypherContext& context) {
  const cypher::Statement& s = context.statement;
  if (s.kind != cypher::StatementKind::kCreateIndex || !Runs(s)) return;
  const auto& i = s.As<cypher::CreateIndex>();
  const bool fulltext = i.kind == cypher::IndexKind::kFulltext, vector = i.kind == cypher::IndexKind::kVector;
  if ((!fulltext && !vector) || i.legacy || OptionsUnknown(i.options, i.options_span)) return;
  const Span at = i.name.empty() ? i.keyword_span : i.name.span;
  const std::string what = i.name.empty() ? "" : absl::StrCat(" ", Ticked(i.name.text));
  if (fulltext) {
    if (IndexConfig(i.options, "fulltext.analyzer") != nullptr) return;
    FindingBuilder f = context.Report(kCypherIndexOptions, at, absl::StrCat("full-text index", what, " does not say which analyzer takes "
                                                                                                     "its texts apart"));
    f.Why("the server's setting db.index.fulltext.default_analyzer decides: on two servers the same search finds different nodes, and a "
          "change means building the index anew");
    f.Help("write OPTIONS {indexConfig: {`fulltext.analyzer`: 'standard-no-stop-words'}}, or the analyzer of the texts' language, such "
           "as 'english'");
    // The default, unless the server is configured otherwise.
    if (i.options_span.empty() && s.exact_spans && !s.embedded) {
      f.UnsafeFix("write down the default analyzer", {{{s.span.end, s.span.end}, " OPTIONS {indexConfig: {`fulltext.analyzer`: "
                                                                                 "'standard-no-stop-words'}}"}});
    }
    return;
  }
  const bool dimensions = IndexConfig(i.options, "vector.dimensions") != nullptr, similarity = IndexConfig(i.options,
      "vector.similarity_function") != nullptr;
  if (dimensions && similarity) return;
  const char* missing = !dimensions && !similarity ? "neither the dimensions nor the similarity function" : dimensions
      ? "the dimensions but not the similarity function" : "the similarity function but not the dimensions";
  FindingBuilder f = context.Report(kCypherIndexOptions, at, absl::StrCat("vector index", what, " gives ", missing));
  f.Why(dimensions ? "the server takes the cosine: vectors that are meant for the euclidean distance are then ranked wrongly, and "
                     "nothing fails"
                   : "before 5.23 the server refuses it; since then it takes vectors of any length, and a query finds only those as long "
                     "as its own: embeddings of another model stay in the index unseen");
  f.Help("write OPTIONS {indexConfig: {`vector.dimensions`: 1536, `vector.similarity_function`: 'cosine'}} with the values of the "
         "embedding model");
}

}  // namespace

constinit const Rule kCypherIndexOptions = {
    .info = {
        .name = "cypher-index-options",
        .group = RuleGroup::kCypher,
        .severity = Severity::kWarning,
        .summary = "a full-text index without an analyzer, or a vector index without dimensions or similarity",
        .page = {
            .what = "`CREATE FULLTEXT INDEX` without `fulltext.analyzer`, or `CREATE VECTOR INDEX` without `vector.dimensions` or "
                    "`vector.similarity_function`.",
            .why = "What is left out comes from the server's settings or from its version, so the same migration makes indexes that find "
                   "different things. The options of an index cannot be changed: a "
                   "wrong one means to drop it and build it anew.",
            .instead = "Write the options out, with the values that the texts or the embedding model need.",
            .fix_safety = "Not safe: it writes down the default analyzer, and a server can be configured to have another.",
            .versions = "Dimensions and similarity had to be given before Neo4j 5.23.",
            .limits = "Options in a parameter are not looked into.",
            .references = "Cypher manual, \"Full-text indexes\", \"Vector indexes\"\n"
                          "measured on Neo4j 5.26.30: without options fulltext.analyzer is standard-no-stop-words, "
                          "vector.similarity_function is COSINE, and vector.dimensions is not set",
            .elsewhere = "",
            .bad = "CREATE FULLTEXT INDEX article_text IF NOT EXISTS FOR (a:Article) ON EACH [a.title, a.body];\n",
            .good = "CREATE FULLTEXT INDEX article_text IF NOT EXISTS FOR (a:Article) ON EACH [a.title, a.body]\n"
                    "OPTIONS {indexConfig: {`fulltext.analyzer`: 'english'}};\n",
        }},
    .check_cypher = Check};

}  // namespace pawl
