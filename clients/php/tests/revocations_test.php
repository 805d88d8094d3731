<?php

// SPDX-License-Identifier: Apache-2.0
// Revocation lists: which are refused, what they revoke, and how they are followed.

declare(strict_types=1);

use Sealring\InvalidRevocationListException;
use Sealring\LiveKeyring;
use Sealring\LiveRevocationList;
use Sealring\RefusedException;
use Sealring\RevocationList;
use Sealring\Session;

require_once __DIR__ . '/revocation_files.php';

const SID = 'AAAAAAAAAAAAAAAAAAAAAA';
const ALICE = ['user', 'alice', NOW];

function revocationsOf(array ...$entries): RevocationList
{
    return RevocationList::parse(listOf($entries));
}

function sessionCookie(string $text, int $now = NOW): string
{
    return '__Host-session=' . ringOf(jwk())->seal($text, 60, '__Host-session', $now);
}

/** Empty: it opens. */
function refusalReason(callable $open): string
{
    try {
        $open();
        return '';
    } catch (RefusedException $refusal) {
        same(ringOf(jwk())->keys[0]->kid, $refusal->kid);
        same($refusal->issuedAt + 60, $refusal->expiresAt);
        return $refusal->reason->value;
    }
}

function sessionReason(
    string $text,
    RevocationList|LiveRevocationList $revocations,
    int $now = NOW,
    int $sealedAt = NOW,
): string {
    $cookie = sessionCookie($text, $sealedAt);
    return refusalReason(fn () => Session::open(
        $cookie,
        ringOf(jwk()),
        now: $now,
        revocations: $revocations,
    ));
}

final class FollowedList
{
    public string $path;
    /** @var list<string> */
    public array $problems = [];
    public LiveRevocationList $live;

    public function __construct()
    {
        $this->path = write(temporaryPath(), listOf([ALICE]));
        $this->live = new LiveRevocationList($this->path, function (string $message): void {
            $this->problems[] = $message;
        });
    }
}

function assertListStays(callable $change): void
{
    $test = new FollowedList();
    $change($test->path);
    for ($second = 1; $second < 4; ++$second) {
        same(NOW, $test->live->current(NOW + $second)->revokedAt('user', 'alice'));
    }
    same(1, count($test->problems));
    check(str_contains($test->problems[0], $test->path), $test->problems[0]);
    check(str_contains($test->problems[0], 'stays in use'), $test->problems[0]);

    file_put_contents($test->path, 'x');
    $test->live->current(NOW + 5);
    same(2, count($test->problems));

    write($test->path, listOf([], generation: 3));
    same(0, $test->live->current(NOW + 6)->size);
    same(2, count($test->problems));
}

function assertListRefused(string $content, string $why = ''): void
{
    $e = thrown(InvalidRevocationListException::class, fn () => RevocationList::parse($content));
    check(str_contains($e->getMessage(), $why), $e->getMessage());
}

function goodList(): string
{
    return listOf([ALICE, ['sid', SID, NOW]]);
}

function changedList(int $offset, string $bytes): string
{
    return whole(substr_replace(goodList(), $bytes, $offset, strlen($bytes)));
}

/** goodList() with its two entries in another order. */
function reorderedList(int ...$places): string
{
    $entries = [substr(goodList(), -26), substr(goodList(), -52, 26)];
    $table = array_map(fn (int $place) => $entries[$place], $places);
    return whole(substr(goodList(), 0, -52) . implode('', $table));
}

return [
    'a list that revokes nothing' => function (): void {
        $list = revocationsOf();
        same([0, NOW], [$list->size, $list->writtenAt]);
        same(null, $list->revokedAt('', ''));
        same('', sessionReason('user=alice', $list));
    },
    'entries are found in lists of all sizes' => function (): void {
        for ($size = 1; $size < 40; ++$size) {
            $entries = array_map(fn (int $i) => ['user', (string) $i, $i], range(0, $size - 1));
            $list = revocationsOf(...$entries);
            same($size, $list->size);
            foreach ($entries as [$name, $value, $revokedAt]) {
                same($revokedAt, $list->revokedAt($name, $value));
            }
            same(null, $list->revokedAt('user', (string) $size));
        }
    },
    'names have any case, values are bytes' => function (): void {
        $list = revocationsOf(['user', "\xff\0", 2 ** 40 - 1], ["\u{e9}", '', 5]);
        same(2 ** 40 - 1, $list->revokedAt('USER', "\xff\0"));
        same(5, $list->revokedAt("\u{e9}", ''));
        same(null, $list->revokedAt("\u{c9}", ''));
    },
    'a name that is not in use is not looked up' => function (): void {
        $list = RevocationList::parse(listOf([ALICE], names: ['tenant']));
        same(null, $list->revokedAt('user', 'alice'));
        same('', sessionReason('user=alice', $list));
    },
    'a session that signed in at the time of the revocation, or before, is revoked' => function (): void {
        $list = revocationsOf(ALICE);
        same('revoked', sessionReason('user=alice&auth_time=' . NOW, $list));
        same('', sessionReason('user=alice&auth_time=' . NOW + 1, $list));
        same('revoked', sessionReason('user=alice', $list), 'issued_at counts');
        same('', sessionReason('user=alice', $list, NOW + 1, NOW + 1));
        same('', sessionReason('user=bob', $list));
        same('', sessionReason('name=alice', $list));
    },
    'which fields are looked up' => function (): void {
        same('revoked', sessionReason('USER=alice', revocationsOf(ALICE)));
        same('revoked', sessionReason('user=M%c3%bc+%ff', revocationsOf(['user', "M\u{fc} \xff", NOW])));
        same('revoked', sessionReason('user=alice&sid=' . SID, revocationsOf(['sid', SID, NOW])));
        $earlier = revocationsOf(['sid', SID, NOW - 30]);
        same('revoked', sessionReason('user=alice&sid=' . SID, $earlier), 'whenever it began');
        same('', sessionReason('user=alice&sid=x', revocationsOf(['sid', 'x', NOW])), 'it is no sid');
        same('', sessionReason('a=1', revocationsOf(['user', '', NOW], ['sid', '', NOW])));
        $long = str_repeat('x', 1024);
        same('revoked', sessionReason("user=$long", revocationsOf(['user', $long, NOW])));
        same('', sessionReason("user={$long}x", revocationsOf(['user', "{$long}x", NOW])), 'too long');
        same('revoked', sessionReason('a=1', revocationsOf(['user', 'x', 0], ['', '', NOW])));
    },
    'an ended session has ended, and a revoked one does not hide another' => function (): void {
        $list = revocationsOf(ALICE);
        same('expired', sessionReason('user=alice', $list, NOW + 60));
        $header = sessionCookie('user=alice') . '; ' . sessionCookie('user=bob');
        same('bob', Session::open($header, ringOf(jwk()), now: NOW, revocations: $list)->subject);
    },
    'tokens' => function (): void {
        $ring = ringOf(jwk());
        $token = $ring->seal('x', 60, now: NOW);
        $id = $ring->open($token, now: NOW)->id;
        $reason = fn (array $entry, int $now = NOW) => refusalReason(
            fn () => $ring->open($token, now: $now, revocations: revocationsOf($entry))
        );
        same('revoked', $reason(['token', $id, 0]), 'whenever it was issued');
        same('', $reason(['token', "{$id}x", NOW]));
        same('revoked', $reason(['', '', NOW]));
        same('', $reason(['', '', NOW - 1]));
        same('expired', $reason(['token', $id, 0], NOW + 60));
    },
    'a list at all bounds is read' => function (): void {
        $names = array_map(fn (int $i) => str_repeat('x', 64 - $i) . str_repeat('y', $i), range(0, 15));
        $list = revocationsOf(...array_map(fn (string $name) => [$name, $name, 1], $names));
        same(1, $list->revokedAt($names[3], $names[3]));
    },
    'refused: an empty file' => fn () => assertListRefused(
        '',
        'ends within its header'
    ),
    'refused: a torn header' => fn () => assertListRefused(
        substr(goodList(), 0, 79),
        'ends within its header'
    ),
    'refused: a torn file' => fn () => assertListRefused(
        substr(goodList(), 0, -1),
        'its header says'
    ),
    'refused: a byte more' => fn () => assertListRefused(
        goodList() . "\0",
        'its header says'
    ),
    'refused: another format' => fn () => assertListRefused(
        changedList(7, "\2"),
        'version 1'
    ),
    'refused: written_at beyond the greatest time' => function (): void {
        assertListRefused(changedList(32, pack('J', 2 ** 40)), 'out of bounds');
        assertListRefused(changedList(32, pack('J', -1)), 'out of bounds');
    },
    'refused: more entries than fit' => fn () => assertListRefused(
        changedList(44, pack('N', 2 ** 24 + 1)),
        'out of bounds'
    ),
    'refused: names that are too long together' => fn () => assertListRefused(
        changedList(48, pack('n', 1041)),
        'out of bounds'
    ),
    'refused: bytes that are not zero' => fn () => assertListRefused(
        changedList(63, "\1"),
        'out of bounds'
    ),
    'refused: a name of 65 bytes' => fn () => assertListRefused(
        listOf([], [str_repeat('x', 65)]),
        'names is damaged'
    ),
    'refused: a name that goes beyond the names' => fn () => assertListRefused(
        changedList(80, "\x40"),
        'names is damaged'
    ),
    'refused: a name with a capital letter' => fn () => assertListRefused(
        listOf([], ['User']),
        'lower case'
    ),
    'refused: a name twice' => fn () => assertListRefused(
        listOf([], ['user', 'user']),
        'name twice'
    ),
    'refused: entries that are not in order' => fn () => assertListRefused(
        reorderedList(0, 1),
        'not in order'
    ),
    'refused: an entry twice' => fn () => assertListRefused(reorderedList(1, 1), 'not in order'),
    'refused: 17 names' => fn () => assertListRefused(
        listOf([], array_map(fn (int $i) => "n$i", range(0, 16))),
        '16 names'
    ),
    'refused: any bit of a list flipped' => function (): void {
        same(2, RevocationList::parse(goodList())->size);
        for ($bit = 0; $bit < 8 * strlen(goodList()); ++$bit) {
            $list = goodList();
            $list[$bit >> 3] = $list[$bit >> 3] ^ chr(1 << ($bit & 7));
            assertListRefused($list);
        }
    },
    'refused: files' => function (): void {
        $path = temporaryPath();
        $refusal = function () use ($path): string {
            $e = thrown(InvalidRevocationListException::class, fn () => RevocationList::load($path));
            check(str_starts_with($e->getMessage(), "revocation list \"$path\": "), $e->getMessage());
            return $e->getMessage();
        };
        check(str_ends_with($refusal(), "make one: sealring revocations $path --create"), 'a command');
        foreach ([0644, 0640, 0600, 0444] as $mode) {
            RevocationList::load(write($path, goodList(), $mode));
        }
        foreach ([0660, 0646, 0622] as $mode) {
            write($path, goodList(), $mode);
            check(str_contains($refusal(), "others than its owner can change it; run: chmod go-w $path"), 'mode');
        }
        write($path, substr(goodList(), 1));
        check(str_contains($refusal(), 'not a revocation list'), 'another file');
        unlink($path);
        posix_mkfifo($path, 0600);
        check(str_contains($refusal(), 'not a regular file'), 'a FIFO');
    },
    'a new generation is taken over within a second' => function (): void {
        $test = new FollowedList();
        same('', sessionReason('user=bob', $test->live));
        write($test->path, listOf([ALICE, ['user', 'bob', NOW]], generation: 2));
        same('', sessionReason('user=bob', $test->live), 'it looks once a second');
        $test->live->current(NOW + 1);
        same('revoked', sessionReason('user=bob', $test->live));
        write($test->path, listOf([['', '', NOW]], generation: -1)); // 2^64 - 1
        $live = new LiveKeyring(write(temporaryPath(), textOf(jwk())));
        $token = $live->seal('x', 60, now: NOW);
        same('revoked', refusalReason(fn () => $live->open($token, '', NOW + 2, $test->live)));
        same([], $test->problems);
        write($test->path, listOf([], generation: 3));
        $test->live->current(NOW + 3);
        check(str_contains($test->problems[0], 'in use is 18446744073709551615'), $test->problems[0]);
    },
    'a list that an agent confirms is not read again' => function (): void {
        $test = new FollowedList();
        $list = $test->live->current(NOW);
        for ($second = 1; $second < 9; ++$second) {
            touch($test->path, NOW + $second);
            check($test->live->current(NOW + $second) === $list, 'the same list');
        }
        // The header says that it is the same list, so what follows is not even looked at.
        write($test->path, substr(listOf([ALICE]), 0, -1) . 'x');
        check($test->live->current(NOW + 9) === $list, 'the same list');
        same([], $test->problems);
    },
    'the list in use stays: torn' => fn () => assertListStays(
        fn ($path) => write($path, substr(listOf([], generation: 2), 0, -1))
    ),
    'the list in use stays: gone' => fn () => assertListStays(unlink(...)),
    'the list in use stays: open to changes' => fn () => assertListStays(fn ($path) => chmod($path, 0666)),
    'the list in use stays: older' => fn () => assertListStays(
        fn ($path) => write($path, listOf([], generation: 0))
    ),
    'the list in use stays: of the same generation' => fn () => assertListStays(
        fn ($path) => write($path, listOf([]))
    ),
    'the list in use stays: made anew' => fn () => assertListStays(
        fn ($path) => write($path, listOf([], generation: 2, salt: str_repeat("\x08", 16)))
    ),
    'the list in use stays: damaged' => fn () => assertListStays(
        fn ($path) => write($path, substr(listOf([ALICE], generation: 2), 0, -1) . 'x')
    ),
    'a relative path, the clock, the error log' => function (): void {
        $test = new FollowedList();
        $before = getcwd();
        chdir(dirname($test->path));
        $live = new LiveRevocationList(basename($test->path));
        chdir($before);
        write($test->path, listOf([], generation: 2));
        same(0, $live->current()->size);
        $log = temporaryPath();
        $logBefore = ini_set('error_log', $log);
        unlink($test->path);
        $live->current(NOW);
        ini_set('error_log', (string) $logBefore);
        check(str_contains(file_get_contents($log), 'sealring: revocation list'), 'it is there');
    },
    'a bad list does not start' => function (): void {
        $test = new FollowedList();
        chmod($test->path, 0666);
        thrown(InvalidRevocationListException::class, fn () => new LiveRevocationList($test->path));
    },
];
