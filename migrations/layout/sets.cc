// From one folder's files to its sets, and what the layouts share.
#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "migrations/layout/layout.h"

namespace pawl {
namespace {

int CompareText(std::string_view a, std::string_view b) { return a.compare(b); }

std::vector<LayoutFile> DescribeFiles(const FolderInput& input) {
  std::vector<LayoutFile> files;
  files.reserve(input.files.size());
  for (const auto& source : input.files) {
    LayoutFile f;
    f.path = std::string_view(source->path()).substr(std::min(input.prefix, source->path().size()));
    f.file = source.get();
    f.name = ParseName(f.path);
    f.marks = HeaderMarks(f.text());
    // The only ones that can have a commented-out or headed down section; the others need no look at their whole text.
    const bool one_file = !f.name.direction && !f.nested() && !f.name.digits.empty();
    if (one_file && (f.marks & (kMarkGoose | kMarkSqlMigrate | kMarkDbmate | kMarkLiquibase)) == 0) {
      f.headings = FindHeadings(f.text());
    }
    files.push_back(f);
  }
  const auto before = [](const LayoutFile& a, const LayoutFile& b) { return a.path < b.path; };
  if (!std::is_sorted(files.begin(), files.end(), before)) std::sort(files.begin(), files.end(), before);
  return files;
}

// One down in five is a habit: what has none then is an oversight. Fewer are exceptions, and no reason to warn of the rest.
bool UsesDowns(const std::vector<Migration>& migrations) {
  size_t ups = 0, downs = 0;
  for (const Migration& m : migrations) {
    if (m.repeatable) continue;
    ups += m.up.has_value();
    downs += m.down.has_value();
  }
  return downs > 0 && downs * 5 >= ups;
}

void Finish(const FolderInput& input, const LayoutSpec& spec, LayoutOutput out, MigrationSet* set) {
  set->layout = spec.layout;
  set->ordered = out.ordered && input.ordered;
  set->migrations = std::move(out.migrations);
  set->strays = std::move(out.strays);
  const auto before = [&](const Migration& a, const Migration& b) {
    const int c = spec.compare(a, b);
    return c != 0 ? c < 0 : a.file()->path() < b.file()->path();
  };
  // Names sort as their versions do, mostly; sorting moves migrations even where they are in order.
  if (!std::is_sorted(set->migrations.begin(), set->migrations.end(), before)) {
    std::stable_sort(set->migrations.begin(), set->migrations.end(), before);
  }
  std::stable_sort(set->strays.begin(), set->strays.end(),
                   [](const StrayFile& a, const StrayFile& b) { return a.file->path() < b.file->path(); });
  set->has_downs = UsesDowns(set->migrations);
  for (Migration& m : set->migrations) {
    if (input.transaction) {
      if (m.up) m.up->transaction = *input.transaction;
      if (m.down) m.down->transaction = *input.transaction;
    }
    for (std::optional<ScriptRef>* script : {&m.up, &m.down}) {
      if (input.engine == Engine::kNeo4j && *script && DeclaresNoTransaction((*script)->file->text(), (*script)->section)) (*script)->transaction = TransactionMode::kStatement;
    }
    const ScriptRef& at = m.up ? *m.up : *m.down;
    m.anchor = AnchorOf(at.file->text(), at.section);
    if (!set->has_downs) continue;  // nobody asks
    if (m.down && DeclaresIrreversible(m.down->file->text(), m.down->section)) m.no_op_down_allowed = true;
    if (!m.down && m.up && DeclaresIrreversible(m.up->file->text(), m.up->section)) m.no_op_down_allowed = true;
  }
}

}  // namespace

ScriptRef WholeFile(const LayoutFile& f, TransactionMode mode) { return {f.file, f.whole(), mode, /*commented=*/false}; }

Migration MakeMigration(std::string_view version, std::string_view name) {
  Migration m;
  m.version = std::string(version);
  m.name = std::string(name);
  return m;
}

void AddStray(const LayoutFile& f, std::string reason, LayoutOutput* out) { out->strays.push_back({f.file, std::move(reason)}); }

void SplitPairs(absl::Span<const LayoutFile* const> files, TransactionMode mode, std::string_view (*version_of)(const LayoutFile&),
                LayoutOutput* out) {
  std::vector<const LayoutFile*> sorted(files.begin(), files.end());
  std::stable_sort(sorted.begin(), sorted.end(), [&](const LayoutFile* a, const LayoutFile* b) {
    if (const int c = CompareDotted(version_of(*a), version_of(*b)); c != 0) return c < 0;
    return CompareText(a->path, b->path) < 0;
  });
  for (size_t begin = 0; begin < sorted.size();) {
    size_t end = begin + 1;
    while (end < sorted.size() && CompareDotted(version_of(*sorted[begin]), version_of(*sorted[end])) == 0) ++end;
    const size_t first = out->migrations.size();
    auto is_down = [&](size_t i) { return sorted[i]->name.direction == Direction::kDown; };
    for (size_t i = begin; i < end; ++i) {
      if (is_down(i)) continue;
      Migration m = MakeMigration(version_of(*sorted[i]), sorted[i]->name.slug);
      m.up = WholeFile(*sorted[i], mode);
      out->migrations.push_back(std::move(m));
    }
    for (size_t i = begin; i < end; ++i) {
      if (!is_down(i)) continue;
      // The down of the same name; else of the same version, which is all that the tools look at.
      Migration* match = nullptr;
      for (size_t k = first; k < out->migrations.size(); ++k) {
        Migration& m = out->migrations[k];
        if (m.down) continue;
        if (m.name == sorted[i]->name.slug) {
          match = &m;
          break;
        }
        if (match == nullptr && end - begin == 2) match = &m;
      }
      if (match == nullptr) {
        out->migrations.push_back(MakeMigration(version_of(*sorted[i]), sorted[i]->name.slug));
        match = &out->migrations.back();
      }
      match->down = WholeFile(*sorted[i], mode);
    }
    begin = end;
  }
}

Migration SplitByHeadings(const LayoutFile& f, std::string_view version, std::string_view name, TransactionMode mode) {
  Migration m = MakeMigration(version, name);
  m.up = WholeFile(f, mode);
  const Headings& h = f.headings;
  if (!h.down) return m;
  if (h.commented) {
    m.down = ScriptRef{f.file, *h.commented, mode, /*commented=*/true};
    if (!h.down_has_code) m.up->section.end = h.down_begin;
  } else if (h.up && h.down_has_code) {
    // Both headings over real code: whatever runs this cuts the file at them.
    m.up->section.end = h.down_begin;
    m.down = ScriptRef{f.file, {h.down_begin, f.whole().end}, mode, /*commented=*/false};
  } else if (!h.down_has_code) {
    // Words but no SQL behind the heading: a down that does nothing.
    m.up->section.end = h.down_begin;
    m.down = ScriptRef{f.file, {h.down_begin, f.whole().end}, mode, /*commented=*/false};
  }
  return m;
}

int CompareVersionNumbers(const Migration& a, const Migration& b) { return CompareNumbers(a.version, b.version); }
int CompareVersionText(const Migration& a, const Migration& b) { return CompareText(a.version, b.version); }
int CompareVersionNatural(const Migration& a, const Migration& b) { return CompareNatural(a.version, b.version); }

int CompareVersionDotted(const Migration& a, const Migration& b) {
  if (a.repeatable != b.repeatable) return a.repeatable ? 1 : -1;
  if (a.repeatable) return CompareText(a.name, b.name);
  return CompareDotted(a.version, b.version);
}

std::vector<MigrationSet> SetsFromFolder(FolderInput input) {
  std::vector<MigrationSet> sets;
  const std::vector<LayoutFile> files = DescribeFiles(input);
  if (files.empty()) return sets;
  LayoutInput layout_input;
  layout_input.root = input.root;
  layout_input.engine = input.engine;
  layout_input.files = files;
  for (const LayoutFile& f : files) layout_input.marks |= f.marks;
  layout_input.hints = input.hints;
  layout_input.companions = input.companions;
  const LayoutSpec& spec = input.layout ? SpecOf(*input.layout) : Recognise(layout_input);

  LayoutOutput out;
  spec.split(layout_input, &out);
  const std::vector<const LayoutFile*> rest = std::move(out.rest);

  MigrationSet main;
  main.name = main.root = input.root;
  main.engine = input.engine;
  main.complete = input.complete;
  Finish(input, spec, std::move(out), &main);
  if (rest.empty()) {
    main.files = std::move(input.files);
  } else {
    // The folder's other scripts (seed.sql, schema.sql) are no step of its history and have no order among them.
    MigrationSet others;
    others.name = others.root = input.root;
    others.engine = input.engine;
    std::vector<LayoutFile> rest_files;
    for (const LayoutFile* f : rest) rest_files.push_back(*f);
    LayoutInput rest_input = layout_input;
    rest_input.files = rest_files;
    LayoutOutput rest_out;
    SpecOf(Layout::kPlain).split(rest_input, &rest_out);
    rest_out.ordered = false;
    for (Migration& m : rest_out.migrations) m.version.clear();
    Finish(input, SpecOf(Layout::kPlain), std::move(rest_out), &others);
    others.has_downs = false;
    absl::flat_hash_set<const SourceFile*> is_rest;
    for (const LayoutFile* f : rest) is_rest.insert(f->file);
    const auto begin =
        std::stable_partition(input.files.begin(), input.files.end(), [&](const auto& source) { return !is_rest.contains(source.get()); });
    others.files.assign(std::make_move_iterator(begin), std::make_move_iterator(input.files.end()));
    input.files.erase(begin, input.files.end());
    main.files = std::move(input.files);
    if (!main.files.empty()) sets.push_back(std::move(main));
    sets.push_back(std::move(others));
    return sets;
  }
  sets.push_back(std::move(main));
  return sets;
}

}  // namespace pawl
