<?php

// SPDX-License-Identifier: Apache-2.0

declare(strict_types=1);

namespace Sealring;

/**
 * What is revoked: the content of a file (spec/revocations.md). It does not change; a
 * LiveRevocationList follows its file.
 */
final readonly class RevocationList
{
    private const OTHERS_WRITE = 0o022;
    private const MAX_VALUE = 1024;
    private const TIME_SIZE = 5;
    private const EVERYTHING = '';

    /** The number of its entries. */
    public int $size;
    public int $writtenAt;
    /** @var list<string> */
    private array $names;

    /** @param string $body what follows the header */
    private function __construct(private RevocationHeader $header, private string $body)
    {
        RevocationHeader::need(
            self::checksum($header->covered, $body) === $header->checksum,
            'it is torn or damaged: its checksum is wrong',
        );
        $this->names = RevocationHeader::parseNames(substr($body, 0, $header->namesSize));
        RevocationHeader::need($this->isInOrder(), 'its entries are not in order');
        $this->size = $header->size;
        $this->writtenAt = $header->writtenAt;
    }

    /** The list in a file. @throws InvalidRevocationListException */
    public static function load(string $path): self
    {
        return self::loadWithStat($path)[0];
    }

    /** The list in the content of a file. @throws InvalidRevocationListException */
    public static function parse(string $content): self
    {
        $start = substr($content, 0, RevocationHeader::SIZE);
        $header = RevocationHeader::parse($start, strlen($content));
        return new self($header, substr($content, RevocationHeader::SIZE));
    }

    /**
     * Sessions whose field $name is $value are revoked if they signed in at this time or before; null:
     * none is. A token's ID has the name "token", and everything has an empty name and value.
     */
    public function revokedAt(string $name, string $value): ?int
    {
        $name = strtolower($name); // only ASCII letters
        if (!in_array($name, $this->names, true) || strlen($value) > self::MAX_VALUE) {
            return null;
        }
        $named = $this->header->salt . chr(strlen($name)) . $name;
        $wanted = substr(hash('sha256', $named . $value, true), 0, RevocationHeader::HASH_SIZE);
        [$low, $high] = [0, $this->size];
        while ($low < $high) {
            $middle = intdiv($low + $high, 2);
            $start = $this->header->namesSize + $middle * RevocationHeader::ENTRY_SIZE;
            $order = substr_compare($this->body, $wanted, $start, RevocationHeader::HASH_SIZE);
            if ($order === 0) {
                $time = substr($this->body, $start + RevocationHeader::HASH_SIZE, self::TIME_SIZE);
                return unpack('J', str_pad($time, 8, "\0", STR_PAD_LEFT))[1];
            }
            if ($order < 0) {
                $low = $middle + 1;
            } else {
                $high = $middle;
            }
        }
        return null;
    }

    /**
     * @internal
     * @param Fields $fields all of them, also reserved ones
     */
    public function refusesSession(#[\SensitiveParameter] Fields $fields, string $sid, int $authTime): bool
    {
        foreach ($this->names as $name) {
            $value = $name === 'sid' ? $sid : $fields->get($name) ?? '';
            // All that has this sid is this session, whatever the clock was when it began.
            $since = $name === 'sid' ? 0 : $authTime;
            if ($value !== '' && $this->refuses($name, $value, $since)) {
                return true;
            }
        }
        return $this->refuses(self::EVERYTHING, '', $authTime);
    }

    /** @internal */
    public function refusesToken(#[\SensitiveParameter] Opened $opened): bool
    {
        return $this->revokedAt('token', $opened->id) !== null
            || $this->refuses(self::EVERYTHING, '', $opened->issuedAt);
    }

    /**
     * @internal
     * @param ?self $inUse the list that it replaces
     * @return array{self, array<int|string, int>} also the file's status when it was read
     */
    public static function loadWithStat(string $path, ?self $inUse = null): array
    {
        try {
            return self::read($path, $inUse);
        } catch (InvalidRevocationListException $e) {
            $problem = $e->getMessage();
        }
        throw new InvalidRevocationListException("revocation list \"$path\": $problem");
    }

    /** @return array{self, array<int|string, int>} */
    private static function read(string $path, ?self $inUse): array
    {
        $problem = InvalidRevocationListException::class;
        [$file, $stat] = File::open($path, $problem, "sealring revocations $path --create");
        if (($stat['mode'] & self::OTHERS_WRITE) !== 0) {
            throw new $problem("others than its owner can change it; run: chmod go-w $path");
        }
        $start = (string) stream_get_contents($file, RevocationHeader::SIZE);
        $header = RevocationHeader::parse($start, $stat['size']);
        if ($inUse !== null && !$header->isNewer($inUse->header)) {
            return [$inUse, $stat];
        }
        $body = File::rest($file, $stat['size'] - RevocationHeader::SIZE, $problem);
        return [new self($header, $body), $stat];
    }

    /** An entry that is not in order would not be found. */
    private function isInOrder(): bool
    {
        $before = '';
        $end = strlen($this->body);
        for ($start = $this->header->namesSize; $start < $end; $start += RevocationHeader::ENTRY_SIZE) {
            $hash = substr($this->body, $start, RevocationHeader::HASH_SIZE);
            if (strcmp($before, $hash) >= 0) {
                return false;
            }
            $before = $hash;
        }
        return true;
    }

    private function refuses(string $name, #[\SensitiveParameter] string $value, int $since): bool
    {
        $revokedAt = $this->revokedAt($name, $value);
        return $revokedAt !== null && $since <= $revokedAt;
    }

    private static function checksum(string $covered, string $body): string
    {
        $key = hash('sha256', $covered, true);
        $nonce = str_repeat("\0", 12);
        $done = openssl_encrypt('', 'aes-256-gcm', $key, OPENSSL_RAW_DATA, $nonce, $tag, $body);
        return $done === false
            ? throw new \RuntimeException('OpenSSL cannot encrypt with AES-256-GCM')
            : $tag;
    }
}
