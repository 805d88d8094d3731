<?php

// SPDX-License-Identifier: Apache-2.0

declare(strict_types=1);

namespace Sealring;

/** A session that a client sent in its cookies (spec/session.md). Times are seconds since 1970. */
final readonly class Session
{
    private const GRACE = 60; // seconds that a bound cookie counts after its end

    /**
     * @param Fields $fields without the reserved ones
     * @param string $subject the value of the field that says whose session it is; empty if there is none
     * @param string $sid stays the same until the next sign-in; empty if there is none
     * @param int $authTime when the user signed in
     * @param int $expiresAt 0: never
     */
    private function __construct(
        public Fields $fields,
        public string $subject,
        public string $sid,
        public int $authTime,
        public int $issuedAt,
        public int $expiresAt,
    ) {
    }

    /**
     * Opens the session in a request's Cookie header, or in several; null if there is no such cookie.
     * The other arguments are the configuration of the server that makes the sessions.
     * @param string|array<string>|null $cookieHeader
     * @param ?string $context null: the cookie's name
     * @param int $parts how many cookies a session may use
     * @param string $subject the field that says whose session it is
     * @param int $idle the idle timeout in seconds, only needed for tokens without an end; 0: off
     * @param int $lifetime seconds from sign-in to the absolute end; 0: off
     * @param RevocationList|LiveRevocationList|null $revocations a session on this list is refused
     * @throws RefusedException
     */
    public static function open(
        #[\SensitiveParameter] string|array|null $cookieHeader,
        Keyring|LiveKeyring $ring,
        string $cookie = '__Host-session',
        ?string $context = null,
        int $parts = 2,
        string $subject = 'user',
        int $idle = 0,
        int $lifetime = 0,
        ?int $now = null,
        RevocationList|LiveRevocationList|null $revocations = null,
    ): ?self {
        $now = Keyring::checkedNow($now);
        if ($parts < 1 || $parts > Cookies::MAX_PARTS) {
            throw new \ValueError('parts must be 1 to ' . Cookies::MAX_PARTS);
        }
        if ($idle < 0 || $lifetime < 0) {
            throw new \ValueError('idle and lifetime must be 0 seconds or more');
        }
        $keyring = $ring instanceof LiveKeyring ? $ring->current($now) : $ring;
        $list = $revocations instanceof LiveRevocationList ? $revocations->current($now) : $revocations;
        $newest = null;
        $kid = ''; // of the newest, if it is bound
        $firstRefusal = null;
        foreach (Cookies::candidates($cookie, $parts, (array) $cookieHeader) as $token) {
            try {
                $opened = self::openToken($token, $keyring, $context ?? $cookie, $now);
                $session = self::make($opened, $subject, $idle, $lifetime, $list, $now);
                if ($newest === null || $session->issuedAt > $newest->issuedAt) {
                    $newest = $session;
                    $kid = self::kidIfBound($opened);
                }
            } catch (RefusedException $refusal) {
                $firstRefusal ??= $refusal;
            }
        }
        if ($kid !== '' && !self::hasBoundCookie($newest->sid, $keyring, $cookie, (array) $cookieHeader, $now)) {
            throw new RefusedException(Reason::Unbound, $kid);
        }
        return $newest ?? ($firstRefusal === null ? null : throw $firstRefusal);
    }

    /**
     * Returns the value of an X-Replace-Session header, which makes these the fields of the session.
     * Without fields it is empty, and ends the session. Fields with an empty value are left out.
     * @param iterable<int|string, string> $fields
     * @throws \ValueError for a reserved name, for names that differ only in case, and for what does
     *     not fit
     */
    public static function header(#[\SensitiveParameter] iterable $fields): string
    {
        return Fields::ofApplication($fields)->text();
    }

    private static function openToken(
        #[\SensitiveParameter] ?string $token,
        Keyring $ring,
        string $context,
        int $now,
    ): Opened {
        return $token === null
            ? throw new RefusedException(Reason::Malformed)
            : $ring->openExpired($token, $context, $now);
    }

    /** Empty if the session is not bound. */
    private static function kidIfBound(#[\SensitiveParameter] Opened $opened): string
    {
        return Fields::parse($opened->payload)?->get('bound') === null ? '' : $opened->kid;
    }

    /**
     * spec/device-binding.md section 7.1
     * @param array<string> $headers
     */
    private static function hasBoundCookie(
        string $sid,
        Keyring $ring,
        string $cookie,
        #[\SensitiveParameter] array $headers,
        int $now,
    ): bool {
        foreach (Cookies::bound($cookie, $headers) as $token) {
            try {
                $opened = $ring->openExpired($token, 'dbsc-cookie', $now);
            } catch (RefusedException) {
                continue;
            }
            if ($sid !== '' && $opened->payload === $sid && $now < $opened->expiresAt + self::GRACE) {
                return true;
            }
        }
        return false;
    }

    private static function make(
        #[\SensitiveParameter] Opened $opened,
        string $subject,
        int $idle,
        int $lifetime,
        ?RevocationList $list,
        int $now,
    ): self {
        $fields = Fields::parse($opened->payload)
            ?? throw new RefusedException(Reason::Malformed, $opened->kid);
        $issuedAt = $opened->issuedAt;
        $authTime = self::number($fields->get('auth_time')) ?? $issuedAt;
        $expiry = intdiv(self::number($fields->get('expiry')) ?? 0, 1_000_000);
        $ends = array_filter([$opened->expiresAt, $expiry]);
        $expiresAt = $ends === [] ? 0 : min($ends);

        $end = $expiresAt === 0 && $idle !== 0 ? $issuedAt + $idle : $expiresAt;
        // A sum that is too large for an integer is a float, and still larger than $now.
        $reached = match (true) {
            $lifetime !== 0 && $now >= $authTime + $lifetime => End::Absolute,
            $end !== 0 && $now >= $end => End::Idle,
            default => null,
        };
        if ($reached !== null) {
            throw new RefusedException(Reason::Expired, $opened->kid, $issuedAt, $expiresAt, $reached);
        }
        $sid = self::sid($fields->get('sid') ?? '');
        if ($list?->refusesSession($fields, $sid, $authTime)) {
            throw new RefusedException(Reason::Revoked, $opened->kid, $issuedAt, $expiresAt);
        }
        return new self(
            $fields->withoutReserved(),
            $fields->get($subject) ?? '',
            $sid,
            $authTime,
            $issuedAt,
            $expiresAt,
        );
    }

    private static function number(?string $text): ?int
    {
        if (preg_match('/^0*([0-9]{1,19})$/D', $text ?? '', $match) !== 1) {
            return null;
        }
        $number = (int) $match[1]; // PHP_INT_MAX if it is larger
        return (string) $number === $match[1] ? $number : null;
    }

    private static function sid(string $text): string
    {
        return strlen(Base64url::decode($text) ?? '') === 16 ? $text : '';
    }
}
