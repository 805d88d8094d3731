# SPDX-License-Identifier: Apache-2.0
# bash completion for sealring. It offers the commands and options that --help prints, and files.

_sealring() {
  local current=${COMP_WORDS[COMP_CWORD]} help word commands
  local -a command=()
  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}" ''; do
    help=$(sealring "${command[@]}" --help 2>/dev/null)
    commands=$(sed -n '/^Commands:/,/^$/ s/^  \([a-z]*\) .*/\1/p' <<<"$help")
    grep -qx -- "${word:-none}" <<<"$commands" || break
    command+=("$word")
  done
  if [[ $current == -* ]]; then
    commands=$(sed -n '/^Options:/,/^$/ s/^  \(--[a-z-]*\) .*/\1/p' <<<"$help")
  fi
  mapfile -t COMPREPLY < <(compgen -W "$commands" -- "$current")
}
complete -o default -F _sealring sealring
