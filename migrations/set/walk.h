// The walk behind discover.h: which files there are, read, folder by folder.
#ifndef PAWL_MIGRATIONS_SET_WALK_H_
#define PAWL_MIGRATIONS_SET_WALK_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "migrations/layout/layout.h"
#include "migrations/set/discover.h"
#include "migrations/set/read_file.h"

namespace pawl {

// A folder as the user named it ("." for the current one), with the scripts that lie in it.
struct Folder {
  std::string path;
  std::vector<std::unique_ptr<SourceFile>> files;
  std::vector<std::string> hints;        // names that layouts ask for
  std::vector<Companion> companions;     // path: the file's name in this folder
  bool walked = false;                   // searched as a whole, not only named files of it
  bool gaps = false;                     // walked, but holds what is not in `files`: an unreadable script, a migration in code
  bool unordered = false;                // below a sqitch.plan

  std::string_view base() const;
  std::string Join(std::string_view name) const;
};

class Walker {
 public:
  explicit Walker(const DiscoverOptions& options) : options_(options) { seen_.reserve(options.paths.size()); }
  ~Walker() { CloseNear(); }
  Walker(const Walker&) = delete;
  Walker& operator=(const Walker&) = delete;

  void Add(const std::string& path);      // a file or folder that the user named
  void AddText(std::string path, std::string text);
  int Intern(std::string_view path);      // index of the folder, made if it is new
  // Index of the folder above; -1 if the path does not name it ("..", "/").
  int InternParent(int folder);

  std::vector<Folder>& folders() { return folders_; }
  std::vector<DiscoverProblem>& problems() { return problems_; }
  std::vector<SkippedFile>& skipped() { return skipped_; }

 private:
  struct Entry {
    std::string name;
    unsigned char type;
  };

  // Reads a file by its tidy path. Files are named folder by folder: from the third one on, their folder is kept open, and each
  // is looked up in it instead of along its whole path.
  ReadResult ReadNamed(const std::string& path);
  void CloseNear();
  void WalkFolder(int fd, int folder, int depth);
  void VisitFolder(int fd, int folder, const Entry& entry, bool beside_postgres, int depth);
  void VisitScript(int fd, int folder, const Entry& entry);
  void VisitOther(int fd, int folder, const Entry& entry);
  void AddFile(int folder, std::string path, std::string text);
  bool Excluded(const std::string& path, const std::string& name) const;
  void Problem(std::string path, std::string message) { problems_.push_back({std::move(path), std::move(message)}); }

  const DiscoverOptions& options_;
  std::string near_path_;  // the folder of the file read before
  int near_reads_ = 0;     // in it, one after the other
  int near_fd_ = -1;       // -1: not open
  std::vector<Folder> folders_;
  absl::flat_hash_map<std::string, int> by_path_;
  absl::flat_hash_set<std::string_view> seen_;  // paths of files, when there is more than one path that could name them
  std::vector<DiscoverProblem> problems_;
  std::vector<SkippedFile> skipped_;
};

std::string_view DirName(std::string_view path);   // of a tidy path; "." if it has no slash
std::string_view BaseName(std::string_view path);

}  // namespace pawl

#endif  // PAWL_MIGRATIONS_SET_WALK_H_
