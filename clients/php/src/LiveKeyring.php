<?php

// SPDX-License-Identifier: Apache-2.0

declare(strict_types=1);

namespace Sealring;

/**
 * The ring of a file that others rotate, for programs that run long. Looks at the file when used,
 * at most once a second. A changed file that is refused leaves the ring in use and is told once.
 */
final class LiveKeyring
{
    private readonly string $path;
    private Keyring $ring;
    /** @var list<int> */
    private array $seen;
    private bool $settled;
    private string $refusal = '';
    private ?int $lookedAt = null;
    private readonly \Closure $onProblem;

    /**
     * @param ?callable(string): void $onProblem error_log, if null
     * @throws InvalidKeyringException at the start there is no ring to go on with
     */
    public function __construct(string $path, ?callable $onProblem = null)
    {
        // The process may change its folder.
        $this->path = str_starts_with($path, '/') ? $path : getcwd() . "/$path";
        $log = static fn (string $message) => error_log("sealring: $message");
        $this->onProblem = ($onProblem ?? $log)(...);
        $this->load();
    }

    public function current(?int $now = null): Keyring
    {
        $now = Keyring::checkedNow($now);
        // Also when the clock was set back.
        if ($now !== $this->lookedAt) {
            $this->lookedAt = $now;
            $this->look();
        }
        return $this->ring;
    }

    /** Keyring::seal with the current ring. */
    public function seal(
        #[\SensitiveParameter] string $payload,
        int $lifetime,
        string $context = '',
        ?int $now = null,
    ): string {
        $now = Keyring::checkedNow($now);
        return $this->current($now)->seal($payload, $lifetime, $context, $now);
    }

    /** Keyring::open with the current ring. */
    public function open(
        #[\SensitiveParameter] string $token,
        string $context = '',
        ?int $now = null,
    ): Opened {
        $now = Keyring::checkedNow($now);
        return $this->current($now)->open($token, $context, $now);
    }

    private function load(): void
    {
        $now = time();
        [$this->ring, $stat] = Keyring::loadWithStat($this->path);
        $this->seen = self::identity($stat);
        // PHP tells times in whole seconds: in this one the file may change and look the same.
        $this->settled = max($stat['mtime'], $stat['ctime']) < $now;
        $this->refusal = '';
    }

    private function look(): void
    {
        clearstatcache(true, $this->path);
        $stat = @stat($this->path);
        $identity = $stat === false ? [] : self::identity($stat);
        if ($identity === $this->seen && $this->settled && $this->refusal === '') {
            return;
        }
        try {
            $this->load();
        } catch (InvalidKeyringException $e) {
            // It is tried again each second, for the reason may lie elsewhere, but told once.
            $news = $identity !== $this->seen || $e->getMessage() !== $this->refusal;
            $this->seen = $identity;
            $this->refusal = $e->getMessage();
            if ($news) {
                ($this->onProblem)($this->refusal . ' (the keys loaded before stay in use)');
            }
        }
    }

    /**
     * What tells a replaced or rewritten file from the one that was looked at last.
     * @param array<int|string, int> $stat
     * @return list<int>
     */
    private static function identity(array $stat): array
    {
        return [$stat['dev'], $stat['ino'], $stat['size'], $stat['mtime'], $stat['ctime']];
    }
}
