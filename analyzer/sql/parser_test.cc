#include <memory>
#include <string>
#include <vector>

#include "analyzer/source/source_file.h"
#include "analyzer/sql/script.h"
#include "gtest/gtest.h"

namespace pawl::sql {
namespace {

struct Parsed {
  std::unique_ptr<SourceFile> file;
  std::unique_ptr<Script> script;
  const Statement& operator[](size_t i) const { return *script->statements.at(i); }
  size_t size() const { return script->statements.size(); }
  std::string_view Text(Span s) const { return file->Slice(s); }
};

Parsed Parse(std::string text) {
  Parsed p;
  p.file = std::make_unique<SourceFile>("t.sql", std::move(text));
  p.script = ParseScript(*p.file, {0, static_cast<uint32_t>(p.file->text().size())});
  return p;
}

// Every byte is white space, a comment or part of a statement, and statements come in order.
void ExpectAccounted(const Parsed& p) {
  uint32_t at = 0;
  for (const Statement* s : p.script->statements) {
    EXPECT_LE(at, s->span.begin);
    EXPECT_LE(s->span.begin, s->span.end);
    EXPECT_LE(s->span.end, s->full_end);
    EXPECT_LE(s->full_end, p.file->text().size());
    at = s->full_end;
  }
}

TEST(Parser, SpansLeaveOutCommentsAndSemicolons) {
  const Parsed p = Parse("-- first\nCREATE TABLE a (x int); /* between */ DROP TABLE b -- tail\n");
  ASSERT_EQ(p.size(), 2u);
  EXPECT_EQ(p.Text(p[0].span), "CREATE TABLE a (x int)");
  EXPECT_EQ(p.Text(p[1].span), "DROP TABLE b");
  ExpectAccounted(p);
}

TEST(Parser, OneBadStatementHidesNoOther) {
  const Parsed p = Parse("CREATE TABLE a (x int);\nCREATE TABEL b (x int);\nDROP TABLE c;\n");
  ASSERT_EQ(p.size(), 3u);
  EXPECT_EQ(p[0].kind, StatementKind::kCreateTable);
  EXPECT_EQ(p[1].kind, StatementKind::kSyntaxError);
  EXPECT_EQ(p.Text({p[1].error_at, p[1].error_at + 5}), "TABEL");
  EXPECT_EQ(p[2].kind, StatementKind::kDrop);
  ExpectAccounted(p);
}

TEST(Parser, AMissingSemicolonIsOneError) {
  const Parsed p = Parse("CREATE TABLE a (x int)\nCREATE TABLE b (x int);\nDROP TABLE c;");
  std::vector<StatementKind> kinds;
  for (const Statement* s : p.script->statements) kinds.push_back(s->kind);
  EXPECT_EQ(kinds, (std::vector<StatementKind>{StatementKind::kCreateTable, StatementKind::kSyntaxError, StatementKind::kCreateTable, StatementKind::kDrop}));
  ExpectAccounted(p);
}

TEST(Parser, AnOpenQuoteHidesNoStatementBehindIt) {
  const Parsed p = Parse("COMMENT ON TABLE a IS 'it's broken';\nDROP TABLE b;\nDROP TABLE c;\n");
  int drops = 0;
  for (const Statement* s : p.script->statements) drops += s->kind == StatementKind::kDrop;
  EXPECT_EQ(drops, 2);
}

TEST(Parser, ErrorPlacesCountBytesNotCharacters) {
  const Parsed p = Parse("SELECT 'é', '日本'; SELECT 'é' FORM x;");
  ASSERT_EQ(p.size(), 2u);
  EXPECT_EQ(p[1].kind, StatementKind::kSyntaxError);
  EXPECT_TRUE(p.Text({p[1].error_at, p[1].error_at + 1}) == "x" || p.Text({p[1].error_at, p[1].error_at + 4}) == "FORM") << p[1].error_at;
}

TEST(Parser, ClientCommandsAndCopyData) {
  const Parsed p = Parse("\\set ON_ERROR_STOP on\nCOPY t (a, b) FROM stdin;\n1\tit's; DROP TABLE x;\n2\t\\N\n\\.\nSELECT 1 \\gset\nDROP TABLE y;\n");
  ASSERT_EQ(p.size(), 5u);
  EXPECT_EQ(p[0].kind, StatementKind::kClientCommand);
  EXPECT_EQ(p[0].tag, "\\set");
  EXPECT_EQ(p[1].kind, StatementKind::kCopy);
  EXPECT_EQ(p[2].kind, StatementKind::kQuery);
  EXPECT_EQ(p[3].kind, StatementKind::kClientCommand);
  EXPECT_EQ(p[4].kind, StatementKind::kDrop);
}

TEST(Parser, TemplatesAndVariablesAreMaskedAtEqualLength) {
  const Parsed p = Parse("CREATE TABLE {{.Schema}}.users (id int);\nALTER TABLE ${prefix}_t ADD COLUMN c int DEFAULT :'v';\n{{ if x }}DROP TABLE z;{{ end }}\n");
  ASSERT_GE(p.size(), 3u);
  for (const Statement* s : p.script->statements) EXPECT_NE(s->kind, StatementKind::kSyntaxError) << s->tag;
  EXPECT_EQ(p.Text(p[0].As<CreateTable>().name.span), "{{.Schema}}.users");
}

TEST(Parser, BeginAtomicBodiesStayWhole) {
  const Parsed p = Parse("CREATE TABLE x (a int\n;CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT CASE WHEN true THEN 2 END; END;\nDROP TABLE t;");
  ASSERT_EQ(p.size(), 3u);
  EXPECT_EQ(p[0].kind, StatementKind::kSyntaxError);
  EXPECT_EQ(p[1].kind, StatementKind::kCreateFunction);
  EXPECT_EQ(p[2].kind, StatementKind::kDrop);
}

TEST(Parser, SqlInsideDoHasSpansOfTheFile) {
  const Parsed p = Parse(
      "DO $$\nDECLARE r record;\nBEGIN\n  IF NOT EXISTS (SELECT 1 FROM pg_class) THEN\n    CREATE INDEX i ON t (a);\n  END IF;\n"
      "  FOR r IN SELECT 1 LOOP\n    UPDATE t SET a = 1;\n  END LOOP;\n  EXECUTE format('DROP TABLE %I', 'x');\n  EXECUTE 'ALTER TABLE ' || 'q' || ' ADD COLUMN z int';\n"
      "  SELECT a INTO STRICT r FROM t;\n  PERFORM f(1);\n  r := 1;\n  RAISE NOTICE 'x; y';\nEXCEPTION WHEN duplicate_table THEN NULL;\nEND $$;");
  ASSERT_EQ(p.size(), 1u);
  const auto inside = p[0].As<DoBlock>().statements;
  std::vector<std::string> texts;
  for (const Statement* s : inside) texts.emplace_back(p.Text(s->span));
  ASSERT_EQ(inside.size(), 7u) << testing::PrintToString(texts);
  EXPECT_EQ(texts[0], "CREATE INDEX i ON t (a)");
  EXPECT_TRUE(inside[0]->guarded);
  EXPECT_TRUE(inside[0]->conditional);
  EXPECT_EQ(inside[1]->kind, StatementKind::kQuery);
  EXPECT_EQ(texts[2], "UPDATE t SET a = 1");
  EXPECT_TRUE(inside[2]->in_loop);
  EXPECT_EQ(inside[3]->kind, StatementKind::kDrop);
  EXPECT_EQ(inside[3]->inside, Inside::kExecute);
  EXPECT_EQ(inside[4]->kind, StatementKind::kAlterTable);
  EXPECT_EQ(inside[5]->kind, StatementKind::kQuery);
  EXPECT_EQ(inside[6]->kind, StatementKind::kQuery);
}

TEST(Parser, QuotedBodies) {
  const Parsed p = Parse("DO 'BEGIN INSERT INTO t VALUES (''a'', ''it''''s''); DROP TABLE x; END';");
  ASSERT_EQ(p.size(), 1u);
  const auto inside = p[0].As<DoBlock>().statements;
  ASSERT_EQ(inside.size(), 2u);
  EXPECT_EQ(p.Text(inside[1]->span), "DROP TABLE x");
}

TEST(Parser, WhatCannotBeReadIsCounted) {
  const Parsed p = Parse("DO $$ BEGIN EXECUTE command; END $$;");
  EXPECT_EQ(p.script->not_understood, 1u);
  ASSERT_EQ(p[0].As<DoBlock>().statements.size(), 1u);
  EXPECT_EQ(p[0].As<DoBlock>().statements[0]->kind, StatementKind::kNotUnderstood);
}

TEST(Parser, AlterTableCommandsHaveTheirOwnSpans) {
  const Parsed p = Parse("ALTER TABLE IF EXISTS ONLY s.t\n  ADD COLUMN a numeric(10, 2) DEFAULT round(1, 2),\n  DROP COLUMN b CASCADE, ALTER c SET NOT NULL;");
  const auto& alter = p[0].As<AlterTable>();
  ASSERT_EQ(alter.commands.size(), 3u);
  EXPECT_EQ(p.Text(alter.commands[0].span), "ADD COLUMN a numeric(10, 2) DEFAULT round(1, 2)");
  EXPECT_EQ(p.Text(alter.commands[1].span), "DROP COLUMN b CASCADE");
  EXPECT_EQ(p.Text(alter.commands[2].span), "ALTER c SET NOT NULL");
  EXPECT_EQ(p.Text(alter.commands[0].column->type->span), "numeric(10, 2)");
  EXPECT_EQ(ToString(*alter.commands[0].column->type), "numeric(10,2)");
}

TEST(Parser, ByteOrderMarkNulAndLineEnds) {
  static const char kText[] = "\xEF\xBB\xBF" "CREATE TABLE a (x int);\r\nDROP\0 TABLE b;\r\n";
  const Parsed p = Parse(std::string(kText, sizeof kText - 1));
  ASSERT_EQ(p.size(), 2u);
  EXPECT_EQ(p[0].span.begin, 3u);
  EXPECT_EQ(p[1].kind, StatementKind::kDrop);
}

TEST(Parser, DeepNestingIsBounded) {
  EXPECT_EQ(Parse("SELECT " + std::string(50000, '(') + "1" + std::string(50000, ')')).size(), 1u);
  std::string sum = "SELECT 1";
  for (int i = 0; i < 200000; ++i) sum += "+1";
  EXPECT_EQ(Parse(sum)[0].kind, StatementKind::kQuery);
}

TEST(Parser, EmptyAndCommentOnly) {
  EXPECT_EQ(Parse("").size(), 0u);
  EXPECT_EQ(Parse("-- nothing\n/* here */\n;;\n").size(), 0u);
}

}  // namespace
}  // namespace pawl::sql
