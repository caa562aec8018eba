// One answer from runs for several server versions: each finding once, with the versions on which it holds and what is
// different on the others.
#ifndef PAWL_RULES_ENGINE_VERSION_MATRIX_H_
#define PAWL_RULES_ENGINE_VERSION_MATRIX_H_

#include <vector>

#include "analyzer/finding/finding.h"
#include "rules/engine/effects_log.h"

namespace pawl {

// The run for one version. Findings of all runs are in the order of the files, and about the same files.
struct VersionRun {
  int version = 0;             // PostgreSQL's major
  std::vector<Finding> findings;
  EffectsLog log;
};

// `runs` ascending by version, at least one. The texts, the severity and the fix of a finding are those of the oldest version on
// which it is worst; its message and notes say where it does not hold, or is another. A fix made for some versions only is unsafe.
std::vector<Finding> MergeVersions(std::vector<VersionRun> runs);

}  // namespace pawl

#endif  // PAWL_RULES_ENGINE_VERSION_MATRIX_H_
