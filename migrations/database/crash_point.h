// Places where a test makes this process die, so that what a kill leaves behind is known for each of them and not only for those
// that a timer happens to hit (tools/tests/faults.py). For tests only:
//
//   PAWL_TEST_STOP=7      SIGKILL at the seventh place that is passed
//   PAWL_TEST_STOP=log    name every place that is passed on standard error, and go on
//
// Without the variable a place costs one comparison. One thread.
#ifndef PAWL_MIGRATIONS_DATABASE_CRASH_POINT_H_
#define PAWL_MIGRATIONS_DATABASE_CRASH_POINT_H_

namespace pawl {

// `place`: what has just been done, or is about to be.
void CrashPoint(const char* place);
// The variable is set: a batch is then sent statement by statement, so that there is something between them.
bool CrashPointsOn();

}  // namespace pawl

#endif  // PAWL_MIGRATIONS_DATABASE_CRASH_POINT_H_
