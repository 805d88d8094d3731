# SPDX-License-Identifier: Apache-2.0
# The source as it is released, for the scripts that source this file in the top folder.
source_version=$(sed -n 's/^project(sealring VERSION \([^ ]*\).*/\1/p' CMakeLists.txt)
# The time that all that is made of it bears: that of the last commit, or of the files of a release.
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct 2>/dev/null || stat -c %Y CMakeLists.txt)
export SOURCE_DATE_EPOCH

source_files() {
  if [[ -e .git ]]; then
    git ls-files
  else
    find . -path ./build -prune -o -path ./dist -prune -o -name __pycache__ -prune -o \
      ! -type d -printf '%P\n' | LC_ALL=C sort
  fi
}

# source_tarball FILE: the same bytes wherever and whenever it is made.
source_tarball() {
  source_files | tar --create --no-recursion --files-from=- --format=ustar --owner=0 --group=0 --numeric-owner \
    --mtime="@$SOURCE_DATE_EPOCH" --mode='u=rwX,go=rX' --transform="flags=rSH;s,^,sealring-$source_version/," |
    gzip -9n >"$1"
}
