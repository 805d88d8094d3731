// SPDX-License-Identifier: Apache-2.0
// Files that are only ever created or replaced as a whole, by one writer at a time.
#pragma once

#include <sys/stat.h>

#include <string>

#include "base/descriptor.h"
#include "base/error.h"

namespace sealring {

// Creates the file with this mode less the umask. write_failed if there is one already: then the
// message ends with `if_it_exists`. `kind` says in messages what the file is: "key ring".
Explained<void> create_file(std::string_view kind, const std::string& path, mode_t mode,
                            std::string_view content, std::string_view if_it_exists);

// A file that is locked to be replaced.
class FileToReplace {
 public:
  // Waits until no other writer has it. If `path` is a symbolic link, it is that of its target.
  static Explained<FileToReplace> lock(std::string_view kind, const std::string& path);

  // Open, to read what there is.
  int descriptor() const noexcept { return file_.get(); }

  // Owner, group, ACL and mode stay: those of `like`, which is of the descriptor. If it fails, the
  // file is as it was, unless the message says otherwise.
  Explained<void> replace(std::string_view content, const struct stat& like) const;

 private:
  FileToReplace(std::string name, std::string target, Descriptor file) noexcept
      : name_(std::move(name)), target_(std::move(target)), file_(std::move(file)) {}

  std::string name_;  // in messages
  std::string target_;
  Descriptor file_;
};

}  // namespace sealring
