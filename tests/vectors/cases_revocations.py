# SPDX-License-Identifier: Apache-2.0
"""The cases of revocation lists: files whole and damaged, look-ups, and what a writer makes."""

from case import HOUR, NOW, flip
from revocations import (
    END_OF_TIME, MAX_ENTRIES, InvalidList, RevocationList, hash_of, names_text, parse, with_checksum,
)

SALT = bytes(range(0xA0, 0xB0))
SID = b"AAECAwQFBgcICQoLDA0ODw"
LATER = NOW + HOUR


def small() -> RevocationList:
    made = RevocationList(SALT, 7, NOW, 90)
    made.add(b"sid", SID, NOW, LATER)
    made.add(b"user", b"alice", NOW - 5, LATER + 1)
    made.add(b"user", b"M\xc3\xbcller & S\xc3\xb6hne", NOW, END_OF_TIME)
    made.add(b"", b"", NOW - HOUR, LATER)
    return made


class RevocationCases:
    def __init__(self):
        self.cases = []

    def add(self, name, description, file: bytes, lookups=()):
        try:
            made = parse(file)
        except InvalidList:
            made = None
        case = {
            "name": f"revocation_list_{name}",
            "description": description,
            "format": "revocation-list",
            "file_hex": file.hex(),
            "expect": "ok" if made else "invalid_revocations",
        }
        if made:
            case |= {
                "salt_hex": made.salt.hex(),
                "generation": made.generation,
                "written_at": made.written_at,
                "max_staleness": made.max_staleness,
                "names_hex": [name.hex() for name in made.names],
                "entries": len(made.entries),
                "lookups": [
                    {
                        "name_hex": field.hex(),
                        "value_hex": value.hex(),
                        "hash_hex": hash_of(SALT, field, value).hex(),
                        "revoked_at": made.revoked_at(field, value),
                    }
                    for field, value in lookups
                ],
            }
        self.cases.append(case)

    def add_change(self, name, description, before: RevocationList, *added, now=NOW):
        old = before.file()
        after = parse(old)
        after.change(now, list(added))
        self.cases.append({
            "name": f"revocation_change_{name}",
            "description": description,
            "format": "revocation-change",
            "file_hex": old.hex(),
            "now": now,
            "revoke": [
                {"name_hex": field.hex(), "value_hex": value.hex(), "revoked_at": revoked_at,
                 "until": until}
                for field, value, revoked_at, until in added
            ],
            "expect": "ok",
            "written_hex": after.file().hex(),
        })


LOOKUPS = [
    (b"sid", SID), (b"sid", SID.lower()), (b"SID", SID), (b"user", b"alice"), (b"User", b"alice"),
    (b"user", b"Alice"), (b"user", b"alic"), (b"use", b"ralice"), (b"user", b""),
    (b"user", b"M\xc3\xbcller & S\xc3\xb6hne"), (b"", b""), (b"", b"alice"), (b"tenant", b"alice"),
]


def whole(add: RevocationCases) -> None:
    add.add("empty", "A new list, in which nothing is revoked.", RevocationList(SALT).file(),
            LOOKUPS[:2])
    add.add("small", "Some entries under three names, and look-ups.", small().file(), LOOKUPS)
    many = RevocationList(SALT, (1 << 53) - 1, END_OF_TIME, (1 << 32) - 1)
    for i in range(300):
        many.add(b"tenant", str(i).encode(), i, NOW + i)
    add.add("many", "300 entries, and the greatest numbers that are not above a bound.",
            many.file(), [(b"tenant", str(i).encode()) for i in (*range(0, 303, 7), 300, 301)])
    names = RevocationList(SALT)
    for i in range(16):
        names.add(bytes([ord("a") + i]) * 64, b"v" * 1024, NOW, LATER)
    add.add("longest_names", "16 names of 64 bytes, and a value of 1,024.", names.file(),
            [(b"P" * 64, b"v" * 1024), (b"p" * 64, b"v" * 1023)])
    extremes = RevocationList(SALT)
    extremes.names = [b"sid"]
    extremes.entries = {bytes(16): (0, 1), bytes(15) + b"\x01": (0, 1), b"\xff" * 16: (0, END_OF_TIME)}
    add.add("extreme_hashes", "The smallest and the greatest hash, and two with the same first half.",
            extremes.file(), [(b"sid", SID)])


def damaged(add: RevocationCases) -> None:
    made, file = small(), small().file()
    header, body = made.header(), made.body()
    add.add("empty_file", "No bytes at all.", b"")
    add.add("only_the_magic", "It ends in its header.", file[:8])
    add.add("header_cut", "One byte of the header is missing.", file[:79])
    add.add("cut", "The last byte is missing.", file[:-1])
    add.add("cut_at_an_entry", "The last entry is missing.", file[:-26])
    add.add("longer", "A byte follows the last entry.", file + b"\0")
    add.add("entry_more", "An entry more than the header says.", file + body[-26:])
    add.add("wrong_magic", "Another kind of file.", with_checksum(made.header(magic=b"sealrew\x01"), body))
    add.add("version_2", "A version that does not exist yet.",
            with_checksum(made.header(magic=b"sealrev\x02"), body))
    for name, bit in {"salt": 8 * 8, "generation": 31 * 8 + 7, "written_at": 39 * 8 + 7,
                      "max_staleness": 43 * 8 + 7, "checksum": 64 * 8, "names": 81 * 8 + 2,
                      "hash": len(file) * 8 - 26 * 8, "revoked_at": len(file) * 8 - 41,
                      "until": len(file) * 8 - 1}.items():
        add.add(f"flipped_in_{name}", "One bit is another than when the checksum was made.",
                flip(file, bit))
    add.add("checksum_of_zeros", "No checksum.", file[:64] + bytes(16) + file[80:])
    add.add("count_above_its_bound", "2^24 + 1 entries.",
            with_checksum(made.header(count=(MAX_ENTRIES + 1).to_bytes(4, "big")), body))
    add.add("count_greater", "One entry more than there is.",
            with_checksum(made.header(count=(len(made.entries) + 1).to_bytes(4, "big")), body))
    add.add("count_of_all_bits", "The greatest number of 32 bits.",
            with_checksum(made.header(count=b"\xff" * 4), body))
    add.add("written_at_too_late", "2^40, with a right checksum.",
            with_checksum(made.header(written_at=(1 << 40).to_bytes(8, "big")), body))
    for name, zeros in {"first": b"\1" + bytes(13), "last": bytes(13) + b"\1"}.items():
        add.add(f"not_zero_{name}", "A byte that has to be zero is not.",
                with_checksum(made.header(zeros=zeros), body))
    swapped = body[:-52] + body[-26:] + body[-52:-26]
    add.add("not_sorted", "Two entries in the wrong order, with a right checksum.",
            with_checksum(header, swapped))
    twice = body[:-26] + body[-52:-36] + body[-10:]
    add.add("hash_twice", "Two entries with one hash.", with_checksum(header, twice))

    def with_names(names: bytes) -> bytes:
        entries = body[len(names_text(made.names)):]
        return with_checksum(made.header(names_size=len(names).to_bytes(2, "big")), names + entries)

    add.add("name_in_upper_case", "A name that no reader would look up.", with_names(b"\4User"))
    add.add("name_twice", "One name is there twice.", with_names(b"\3sid\3sid"))
    add.add("empty_name_twice", "The empty name is there twice.", with_names(b"\0\0"))
    add.add("name_of_65_bytes", "A name that is too long.", with_names(b"\x41" + b"n" * 65))
    add.add("name_cut_off", "The last name has fewer bytes than its size says.", with_names(b"\4sid"))
    add.add("17_names", "One name too many.",
            with_names(b"".join(bytes([1, ord("a") + i]) for i in range(17))))
    add.add("names_above_their_bound", "1,041 bytes of names.",
            with_names(names_text([bytes([ord("a") + i]) * 64 for i in range(16)]) + b"\0"))


def changes(add: RevocationCases) -> None:
    empty = RevocationList(SALT, 1, NOW - 10, 90)
    alice, sid = (b"user", b"alice", NOW, LATER), (b"sid", SID, NOW, LATER)
    add.add_change("first", "The first revocation.", empty, alice)
    add.add_change("another_name", "A name more.", small(), (b"tenant", b"7", NOW, LATER))
    add.add_change("name_in_upper_case", "It is the same name.", small(), (b"SID", SID, NOW + 1, LATER))
    add.add_change("later_times", "Both times become later.", small(),
                   (b"user", b"alice", NOW, LATER + 2))
    add.add_change("earlier_times", "Both times stay.", small(),
                   (b"user", b"alice", NOW - 6, LATER))
    add.add_change("crossed_times", "Each time is the later one of the two.", small(),
                   (b"user", b"alice", NOW, LATER))
    add.add_change("everything", "The empty name.", empty, (b"", b"", NOW, END_OF_TIME))
    add.add_change("several", "Several at once, one of them twice.", empty, alice, sid,
                   (b"user", b"alice", NOW - 1, LATER + 1))
    add.add_change("ended", "What ends now is dropped; the names stay.", small(), now=LATER)
    add.add_change("all_ended", "Without an entry there are no names.", small(), now=END_OF_TIME)
    add.add_change("ended_already", "A new one that has ended is dropped too.", empty,
                   (b"user", b"alice", NOW, NOW), sid)


def make() -> list[dict]:
    add = RevocationCases()
    whole(add)
    damaged(add)
    changes(add)
    return add.cases
