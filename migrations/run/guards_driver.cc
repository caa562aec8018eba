// temporary
#include <cstdio>
#include "migrations/database/postgres.h"
#include "migrations/run/apply.h"
#include "migrations/run/guards.h"
#include "migrations/set/discover.h"
using namespace pawl;
int main(int argc, char** argv) {
  TargetRequest tr; tr.url = argv[1];
  auto t = FindTarget(tr);
  auto db = PostgresDatabase::Open(*t, "", "test");
  if (!db.ok()) { printf("%s\n", std::string(db.status().message()).c_str()); return 4; }
  DiscoverOptions o; o.paths = {argv[2]};
  Discovered d = Discover(o);
  MigrationSet* set = &d.sets[0];
  PlanRequest r; r.set = set; r.server_version = (*db)->server().major;
  for (auto& m : set->migrations) r.migrations.push_back(&m);
  std::vector<PlanProblem> problems;
  Plan plan; plan.migrations = PlanMigrations(r, &problems); plan.server_version = r.server_version;
  for (auto& p : problems) printf("problem %s\n", p.message.c_str());
  PlanFacts facts = FactsOf(plan);
  GuardConfig g;
  for (int i = 4; i < argc; ++i) { std::string a = argv[i]; if (a.substr(0,4)=="http") g.health_url=a; else g.row_counts.push_back(a);}
  auto show = [](const std::vector<CheckResult>& v) { for (auto& c : v) printf("%s %s: %s\n", c.ok ? "ok" : c.warning ? "warn" : "FAIL", c.check.c_str(), c.detail.c_str()); };
  show(RunPreChecks(**db, plan, facts, g));
  if (argc > 3 && std::string(argv[3]) == "apply") {
    auto before = CountRows(**db, g.row_counts);
    printf("%s\n", std::string((*db)->PrepareHistory().message()).c_str());
    RunReport rep = RunPlan(**db, plan, {}, {});
    printf("run: %d %s\n", rep.done, rep.message.c_str());
    auto post = RunPostChecks(**db, plan, facts, g, before);
    show(post);
    for (auto& s : NextSteps(plan, post, "")) printf("next: %s\n", s.c_str());
  }
}
