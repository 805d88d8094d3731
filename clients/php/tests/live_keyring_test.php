<?php

// SPDX-License-Identifier: Apache-2.0
// A ring that follows its file: rotation without a restart.

declare(strict_types=1);

use Sealring\InvalidKeyringException;
use Sealring\LiveKeyring;
use Sealring\RefusedException;

final class Followed
{
    public string $path;
    /** @var list<string> */
    public array $problems = [];
    public LiveKeyring $live;

    public function __construct()
    {
        $this->path = write(temporaryPath(), textOf(jwk(1)));
        $this->live = new LiveKeyring($this->path, function (string $message): void {
            $this->problems[] = $message;
        });
    }

    public function kidAt(int $now): string
    {
        return $this->live->current($now)->keys[0]->kid;
    }
}

function kidOf(int $byte): string
{
    return ringOf(jwk($byte))->keys[0]->kid;
}

/** Waits until the second of the file's last change is over. */
function settle(string $path): void
{
    while (stat($path)['ctime'] >= time()) {
        usleep(50_000);
        clearstatcache();
    }
}

function assertToldOnce(callable $damage): void
{
    $test = new Followed();
    $damage($test->path);
    for ($second = 1; $second < 4; ++$second) {
        same(kidOf(1), $test->kidAt(NOW + $second));
    }
    same(1, count($test->problems));
    check(str_contains($test->problems[0], $test->path), $test->problems[0]);
    check(str_contains($test->problems[0], 'stay in use'), $test->problems[0]);

    write($test->path, 'x');
    $test->kidAt(NOW + 5);
    same(2, count($test->problems));

    write($test->path, textOf(jwk(2)));
    same(kidOf(2), $test->kidAt(NOW + 6));
    same(2, count($test->problems));
}

return [
    'a relative path is one of the folder in which it was loaded' => function (): void {
        $path = write(temporaryPath(), textOf(jwk(1)));
        $before = getcwd();
        chdir(dirname($path));
        $live = new LiveKeyring('session.keys', fn (string $message) => check(false, $message));
        chdir($before);
        write($path, textOf(jwk(2)));
        same(kidOf(2), $live->current(NOW)->keys[0]->kid);
    },
    'a rotated ring is taken over within a second' => function (): void {
        $test = new Followed();
        $live = $test->live;
        $old = $live->seal('old', 0, now: NOW);
        write($test->path, textOf(jwk(1), jwk(2)));
        same(1, count($live->current(NOW)->keys), 'it looks once a second');
        same(2, count($live->current(NOW + 1)->keys));
        $fresh = $live->seal('new', 0, now: NOW + 1);
        check(substr($fresh, 0, 11) !== substr($old, 0, 11), 'another key');
        same('old', $live->open($old, now: NOW + 1)->payload);

        write($test->path, textOf(jwk(2)));
        $e = thrown(RefusedException::class, fn () => $live->open($old, now: NOW + 2));
        same('unknown_key', $e->reason->value);
        same('new', $live->open($fresh, now: NOW + 2)->payload);
    },
    'a file that stays is not read again' => function (): void {
        $test = new Followed();
        settle($test->path);
        $test->kidAt(NOW);
        $ring = $test->live->current(NOW + 1);
        for ($second = 1; $second < 9; ++$second) {
            check($test->live->current(NOW + $second) === $ring, 'the same ring');
        }
    },
    'a file that is written in place, within the second' => function (): void {
        $test = new Followed();
        for ($byte = 2; $byte < 9; ++$byte) {
            $test->kidAt(NOW + 2 * $byte);
            file_put_contents($test->path, textOf(jwk($byte)));
            same(kidOf($byte), $test->kidAt(NOW + 2 * $byte + 1));
        }
    },
    'a file that another process replaces' => function (): void {
        $test = new Followed();
        settle($test->path);
        $test->kidAt(NOW);
        write("$test->path.next", textOf(jwk(2)));
        $test->kidAt(NOW + 1); // from here on PHP caches the file's status
        exec('mv ' . escapeshellarg("$test->path.next") . ' ' . escapeshellarg($test->path));
        same(kidOf(2), $test->kidAt(NOW + 2));
    },
    'a clock that is set back' => function (): void {
        $test = new Followed();
        $test->kidAt(NOW);
        write($test->path, textOf(jwk(2)));
        same(kidOf(2), $test->kidAt(NOW - 3600));
    },
    'a torn file' => fn () => assertToldOnce(fn ($path) => write($path, substr(textOf(jwk(2)), 1))),
    'a missing file' => fn () => assertToldOnce(unlink(...)),
    'a file open to all' => fn () => assertToldOnce(fn ($path) => chmod($path, 0644)),
    'the clock is the default' => function (): void {
        $live = (new Followed())->live;
        same('x', $live->open($live->seal('x', 60))->payload);
    },
    'problems go to the error log' => function (): void {
        $test = new Followed();
        $log = temporaryPath();
        $before = ini_set('error_log', $log);
        $live = new LiveKeyring($test->path);
        unlink($test->path);
        $live->current(NOW);
        ini_set('error_log', (string) $before);
        check(str_contains(file_get_contents($log), 'sealring: key ring'), 'it is there');
    },
    'a bad ring does not start' => function (): void {
        $test = new Followed();
        chmod($test->path, 0666);
        thrown(InvalidKeyringException::class, fn () => new LiveKeyring($test->path));
    },
];
