// The table of layouts, and which one a folder follows.
#include <algorithm>

#include "migrations/layout/layout.h"

namespace pawl {

extern const LayoutSpec kGooseLayout, kSqlMigrateLayout, kDbmateLayout, kLiquibaseLayout, kFlywayLayout, kPrismaLayout, kDieselLayout,
    kSqlxLayout, kTimestampSlugLayout, kGolangMigrateLayout, kNodePgMigrateLayout, kNumberedLayout, kNeo4jMigrationsLayout, kPlainLayout;

namespace {

// Of two that fit equally well the first wins: a tool's own marks, then its own names, then names that several tools share.
constexpr const LayoutSpec* kLayouts[] = {
    &kGooseLayout, &kSqlMigrateLayout,    &kDbmateLayout,        &kLiquibaseLayout,   &kFlywayLayout,   &kNeo4jMigrationsLayout, &kPrismaLayout,
    &kDieselLayout, &kSqlxLayout,          &kNodePgMigrateLayout, &kTimestampSlugLayout, &kGolangMigrateLayout, &kNumberedLayout, &kPlainLayout,
};

}  // namespace

absl::Span<const LayoutSpec* const> AllLayouts() { return kLayouts; }

const LayoutSpec& SpecOf(Layout layout) {
  for (const LayoutSpec* spec : kLayouts) {
    if (spec->layout == layout) return *spec;
  }
  return kPlainLayout;
}

const LayoutSpec& Recognise(const LayoutInput& input) {
  const LayoutSpec* best = &kPlainLayout;
  int best_score = 0;
  for (const LayoutSpec* spec : kLayouts) {
    if (spec == &kPlainLayout) continue;
    const int fitting =
        static_cast<int>(std::count_if(input.files.begin(), input.files.end(), [&](const LayoutFile& f) { return spec->fits(input, f); }));
    if (fitting * spec->weight > best_score) {
      best = spec;
      best_score = fitting * spec->weight;
    }
  }
  return best_score * 3 >= static_cast<int>(input.files.size()) ? *best : kPlainLayout;
}

bool LayoutInput::HasHint(std::string_view name) const { return std::find(hints.begin(), hints.end(), name) != hints.end(); }

const Companion* LayoutInput::FindCompanion(std::string_view path) const {
  for (const Companion& c : companions) {
    if (c.path == path) return &c;
  }
  return nullptr;
}

}  // namespace pawl
