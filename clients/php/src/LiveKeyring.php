<?php

// SPDX-License-Identifier: Apache-2.0

declare(strict_types=1);

namespace Sealring;

/**
 * The ring in a file that may be rotated meanwhile, for programs that run for long. Checks the file
 * when used, at most once per second. If a changed file is refused, the ring in use stays, and
 * $onProblem is called once.
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
     * @param ?callable(string): void $onProblem error_log if null
     * @throws InvalidKeyringException because at the start there is no ring to go on with
     */
    public function __construct(string $path, ?callable $onProblem = null)
    {
        // The process may change its working directory.
        $this->path = str_starts_with($path, '/') ? $path : getcwd() . "/$path";
        $log = static fn (string $message) => error_log("sealring: $message");
        $this->onProblem = ($onProblem ?? $log)(...);
        $this->load();
    }

    public function current(?int $now = null): Keyring
    {
        $now = Keyring::checkedNow($now);
        // Also if the clock was set back.
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
        // PHP has times in whole seconds only: within this one the file may change and look the same.
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
            // Tried again every second, because the cause may be elsewhere, but reported only once.
            $news = $identity !== $this->seen || $e->getMessage() !== $this->refusal;
            $this->seen = $identity;
            $this->refusal = $e->getMessage();
            if ($news) {
                ($this->onProblem)($this->refusal . ' (the keys loaded before stay in use)');
            }
        }
    }

    /**
     * Distinguishes a replaced or rewritten file from the one that was seen last.
     * @param array<int|string, int> $stat
     * @return list<int>
     */
    private static function identity(array $stat): array
    {
        return [$stat['dev'], $stat['ino'], $stat['size'], $stat['mtime'], $stat['ctime']];
    }
}
