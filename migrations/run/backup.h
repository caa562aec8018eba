// The backup before a run: pg_dump into a folder, or whatever command the team has for it. Passwords go by the child's environment
// (PGPASSWORD) or a passfile, never on a command line.
#ifndef PAWL_MIGRATIONS_RUN_BACKUP_H_
#define PAWL_MIGRATIONS_RUN_BACKUP_H_

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "migrations/database/target.h"

namespace pawl {

struct BackupRequest {
  const Target* target = nullptr;
  std::string folder = "backups";  // pg_dump: made if it is not there
  std::string command;             // instead of pg_dump: run by /bin/sh, with the PG* variables of the target; its last line is the id
  int server_major = 0;            // pg_dump must not be older; 0: any will do
  // Every second or so: bytes written so far (-1 with `command`) and seconds since the start. May be null.
  std::function<void(int64_t bytes, double seconds)> progress;
};

struct Backup {
  std::string id;                  // the file's path, or what the command said
  int64_t bytes = -1;
  int entries = -1;                // of its table of contents, as pg_restore --list reads them; -1: not verified
  double seconds = 0;
  std::string tool;                // "pg_dump 15.18"
};

// pg_dump -Fc to FOLDER/pre-migration-YYYYMMDD-HHMMSS.dump (local time, as the runbooks' `date` has it): written under another
// name, flushed to the disk, read back with pg_restore --list, then renamed, so that a file of that name is whole. Readable by its owner only.
//
// kFailedPrecondition: there is no pg_dump new enough, it failed (with what it said, redacted), the folder cannot be written, the
// command failed or named no id. Nothing is left behind then.
absl::StatusOr<Backup> TakeBackup(const BackupRequest& request);

// Of a backup that somebody else made: where its id is a file, it must not be empty, and pg_dump's own must be readable. Other ids are
// taken as they are.
absl::Status CheckBackupFile(const Target& target, Backup* backup);

// The same into `folder`, for its path alone.
absl::StatusOr<std::string> TakeBackup(const Target& target, const std::string& folder);

// NAME=VALUE for a program that is to reach the target by libpq: this process's environment, then the env file's PG* variables,
// then what the URL says. kInvalidArgument if the URL cannot be read.
absl::StatusOr<std::vector<std::string>> ChildEnvironment(const Target& target);

// "pg_dump (PostgreSQL) 15.18 (Debian ...)" -> 15; 0 if it says none.
int MajorOf(std::string_view version_output);

}  // namespace pawl

#endif  // PAWL_MIGRATIONS_RUN_BACKUP_H_
