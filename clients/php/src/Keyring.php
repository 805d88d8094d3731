<?php

// SPDX-License-Identifier: Apache-2.0

declare(strict_types=1);

namespace Sealring;

/**
 * The keys of a ring, in the file's order. It does not change; a LiveKeyring follows its file.
 * $now is in seconds since 1970; null is the current time.
 */
final readonly class Keyring
{
    private const MAX_PAYLOAD = 1 << 24;
    private const MAX_CONTEXT = 1024;
    private const MAX_TOKEN = 1 << 25;
    private const CLOCK_SKEW = 60;

    /** @var list<Key> */
    public array $keys;
    /** @var array<string, Key> */
    private array $s1Keys;

    /** @param list<Key> $keys */
    private function __construct(array $keys)
    {
        $this->keys = $keys;
        $s1Keys = [];
        foreach ($keys as $key) {
            if ($key->algorithm === Algorithm::S1) {
                $s1Keys[$key->kid] = $key;
            }
        }
        $this->s1Keys = $s1Keys;
    }

    /** The ring in a file. @throws InvalidKeyringException */
    public static function load(string $path): self
    {
        return self::loadWithStat($path)[0];
    }

    /** The ring in the content of a file. @throws InvalidKeyringException */
    public static function parse(#[\SensitiveParameter] string $text): self
    {
        return new self(JwkSet::parse($text));
    }

    /** The key that seals: of those that may, the last to have begun, and of several the last in the file. */
    public function primary(?int $now = null): ?Key
    {
        $now = self::checkedNow($now);
        $best = null;
        foreach ($this->keys as $key) {
            if ($key->sealsAt($now) && ($best === null || $key->sealFrom >= $best->sealFrom)) {
                $best = $key;
            }
        }
        return $best;
    }

    /**
     * Seals the payload. The token opens for $lifetime seconds (0: for ever), in the same context.
     * @throws NoPrimaryKeyException
     */
    public function seal(
        #[\SensitiveParameter] string $payload,
        int $lifetime,
        string $context = '',
        ?int $now = null,
    ): string {
        $now = self::checkedNow($now);
        if ($lifetime < 0) {
            throw new \ValueError('the lifetime must be 0 seconds or more');
        }
        self::checkContext($context);
        if (strlen($payload) > self::MAX_PAYLOAD) {
            throw new \ValueError('the payload is longer than ' . self::MAX_PAYLOAD . ' bytes');
        }
        $key = $this->primary($now);
        if ($key === null) {
            throw new NoPrimaryKeyException('no key may seal now; run: sealring keyring rotate');
        }
        if ($key->algorithm !== Algorithm::S1) {
            throw new NoPrimaryKeyException("the key that seals now is for {$key->algorithm}, and "
                . 'this library seals with keys for ' . Algorithm::S1 . ' only');
        }
        // New random bytes for each token, so a fork cannot repeat them.
        $nonce = random_bytes(S1::NONCE_SIZE);
        return S1::seal($key, $nonce, $now, $lifetime, $context, $payload);
    }

    /**
     * Opens the token, unless it is on the list of revocations.
     * @throws RefusedException
     */
    public function open(
        #[\SensitiveParameter] string $token,
        string $context = '',
        ?int $now = null,
        RevocationList|LiveRevocationList|null $revocations = null,
    ): Opened {
        $now = self::checkedNow($now);
        $list = $revocations instanceof LiveRevocationList ? $revocations->current($now) : $revocations;
        $opened = $this->openExpired($token, $context, $now);
        $times = [$opened->issuedAt, $opened->expiresAt];
        if ($opened->expiresAt !== 0 && $now >= $opened->expiresAt) {
            throw new RefusedException(Reason::Expired, $opened->kid, ...$times);
        }
        if ($list?->refusesToken($opened)) {
            throw new RefusedException(Reason::Revoked, $opened->kid, ...$times);
        }
        return $opened;
    }

    /**
     * Like open(), but also opens expired tokens.
     * @internal
     * @throws RefusedException
     */
    public function openExpired(
        #[\SensitiveParameter] string $token,
        string $context,
        int $now,
    ): Opened {
        self::checkContext($context);
        if (strlen($token) > self::MAX_TOKEN) {
            throw new RefusedException(Reason::Malformed);
        }
        $token = rtrim($token, " \t"); // in a Cookie header, they may be before the ";"
        if ($this->s1Keys === [] || !str_starts_with($token, S1::PREFIX)) {
            throw new RefusedException($this->reasonForOther($token));
        }
        $body = S1::parse($token) ?? throw new RefusedException(Reason::Malformed);

        $kid = S1::kidOf($body);
        $key = $this->s1Keys[$kid] ?? null;
        if ($key === null || !$key->opensAt($now)) {
            throw new RefusedException(Reason::UnknownKey, $kid);
        }
        $opened = S1::open($key, $context, $body)
            ?? throw new RefusedException(Reason::AuthenticationFailed, $kid);
        if ($opened->issuedAt > $now + self::CLOCK_SKEW) {
            $times = [$opened->issuedAt, $opened->expiresAt];
            throw new RefusedException(Reason::NotYetValid, $kid, ...$times);
        }
        return $opened;
    }

    /**
     * @internal
     * @return array{self, array<int|string, int>} also the file's status when it was read
     */
    public static function loadWithStat(string $path): array
    {
        try {
            [$text, $stat] = KeyringFile::read($path);
            return [self::parse($text), $stat];
        } catch (InvalidKeyringException $e) {
            $problem = $e->getMessage();
        }
        throw new InvalidKeyringException("key ring \"$path\": $problem");
    }

    /** @internal */
    public static function checkedNow(?int $now): int
    {
        $now ??= time();
        return $now >= 0 ? $now : throw new \ValueError('now must not be before 1970');
    }

    /** A program that supports another format may be able to open what is not an s1 token. */
    private function reasonForOther(string $token): Reason
    {
        $looksLikeJwe = substr_count($token, '.') === 4
            && preg_match('/^[A-Za-z0-9_-]{16}/', $token) === 1;
        if ($looksLikeJwe || str_starts_with($token, S1::PREFIX)) {
            return Reason::Unsupported;
        }
        foreach ($this->keys as $key) {
            if (!Algorithm::find($key->algorithm)->modern) {
                return Reason::Unsupported; // tokens of old formats cannot be recognised
            }
        }
        return Reason::Malformed;
    }

    private static function checkContext(string $context): void
    {
        if (strlen($context) > self::MAX_CONTEXT) {
            throw new \ValueError('the context is longer than ' . self::MAX_CONTEXT . ' bytes');
        }
    }
}
