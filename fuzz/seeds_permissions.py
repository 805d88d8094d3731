# SPDX-License-Identifier: Apache-2.0
"""Files with ACLs and who asks for them, in the bytes that permissions.cc reads."""

import struct

OWNER, USER, OWNING_GROUP, GROUP, MASK, OTHERS = 1, 2, 4, 8, 16, 32
READ, EXECUTE = 0, 1
NOBODY = 0xFFFFFFFF


def asked(user: int, group: int = 1, groups: tuple = (), owner: int = 0, owning_group: int = 0,
          mode: int = 0o640, right: int = READ) -> bytes:  # fmt: skip
    return bytes([user, group, len(groups), *groups, owner, owning_group, mode >> 8, mode & 255, right])


def acl(*entries: tuple, version: int = 2) -> bytes:
    """Entries are a tag, rights, and the ID of a user or group."""
    return struct.pack("<I", version) + b"".join(
        struct.pack("<HHI", tag, rights, (*rest, NOBODY)[0]) for tag, rights, *rest in entries)


PLAIN = acl((OWNER, 6), (OWNING_GROUP, 4), (OTHERS, 0))
NAMED = acl((OWNER, 6), (USER, 4, 2), (OWNING_GROUP, 0), (GROUP, 4, 3), (MASK, 4), (OTHERS, 0))
MASKED = acl((OWNER, 6), (USER, 7, 2), (OWNING_GROUP, 7), (MASK, 1), (OTHERS, 4))

CASES = {
    "no_acl": asked(1, owning_group=1),
    "root": asked(0) + PLAIN,
    "root_of_a_closed_file": asked(0, owner=1, mode=0, right=EXECUTE),
    "owner": asked(1, owner=1) + PLAIN,
    "owning_group": asked(1, group=2, owning_group=2) + PLAIN,
    "supplementary_group": asked(1, groups=(3, 2), owning_group=2) + PLAIN,
    "others": asked(1) + acl((OWNER, 6), (OWNING_GROUP, 0), (OTHERS, 4)),
    "named_user": asked(2) + NAMED,
    "another_user": asked(1) + NAMED,
    "named_group": asked(1, group=3) + NAMED,
    "named_supplementary_group": asked(1, groups=(3,)) + NAMED,
    "masked_user": asked(2) + MASKED,
    "masked_user_enters": asked(2, mode=0o750, right=EXECUTE) + MASKED,
    "masked_group_is_not_among_others": asked(1, group=0) + MASKED,
    "mask_of_nothing": asked(2, mode=0o600) + NAMED,
    "user_twice": asked(2) + acl((USER, 0, 2), (USER, 4, 2)),
    "mask_twice": asked(2) + acl((MASK, 0), (USER, 4, 2), (MASK, 7)),
    "no_entries": asked(1) + acl(),
    "others_alone": asked(1) + acl((OTHERS, 4)),
    "unknown_tag": asked(1) + acl((64, 7), (OTHERS, 4)),
    "unknown_version": asked(2) + acl((USER, 4, 2), version=3),
    "header_torn": asked(2) + PLAIN[:3],
    "entry_torn": asked(2) + NAMED[:-3],
    "large_id": asked(2) + acl((USER, 4, 0x10002), (GROUP, 4, 0x1000001)),
}  # fmt: skip
