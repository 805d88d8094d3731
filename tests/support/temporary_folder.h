// SPDX-License-Identifier: Apache-2.0
// A folder that is removed with all its files when its owner is destroyed; and files in it.
#pragma once

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <string_view>

namespace sealring {

class TemporaryFolder {
 public:
  TemporaryFolder() : path_(std::filesystem::temp_directory_path() / "sealring-test-XXXXXX") {
    std::string name = path_;
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
    path_ = name;
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }

  std::string path() const { return path_; }
  std::string operator/(const std::string& name) const { return path_ / name; }

  std::size_t file_count() const {
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(path_), {}));
  }

 private:
  std::filesystem::path path_;
};

inline std::string read_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path);
  return {std::istreambuf_iterator<char>(file), {}};
}

inline void write_text(const std::string& path, std::string_view text, mode_t mode = 0640) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << text;
  if (chmod(path.c_str(), mode) != 0) throw std::runtime_error("cannot write " + path);
}

// As a careful writer does: a new file replaces the old one in one step.
inline void replace_text(const std::string& path, std::string_view text, mode_t mode = 0640) {
  write_text(path + ".new", text, mode);
  std::filesystem::rename(path + ".new", path);
}

inline mode_t mode_of(const std::string& path) {
  struct stat stat{};
  if (::stat(path.c_str(), &stat) != 0) throw std::runtime_error("cannot look at " + path);
  return stat.st_mode & 07777;
}

}  // namespace sealring
