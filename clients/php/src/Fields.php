<?php

// SPDX-License-Identifier: Apache-2.0

declare(strict_types=1);

namespace Sealring;

/**
 * The fields of a session, in order (spec/session.md section 1). The case of ASCII letters in names
 * does not matter.
 * @implements \IteratorAggregate<string, string>
 */
final readonly class Fields implements \Countable, \IteratorAggregate
{
    private const MAX_TEXT = 65536;
    private const MAX_FIELDS = 64;
    private const RESERVED = ['sid', 'auth_time', 'expiry', 'bound', 'prior'];

    /**
     * A list of pairs, because PHP turns array keys such as "7" into integers.
     * @param list<array{string, string}> $pairs
     */
    private function __construct(#[\SensitiveParameter] private array $pairs)
    {
    }

    /** The value, or null if there is no such field. */
    public function get(string $name): ?string
    {
        foreach ($this->pairs as [$known, $value]) {
            if (self::key($known) === self::key($name)) {
                return $value;
            }
        }
        return null;
    }

    public function count(): int
    {
        return count($this->pairs);
    }

    /** @return \Generator<string, string> */
    public function getIterator(): \Generator
    {
        foreach ($this->pairs as [$name, $value]) {
            yield $name => $value;
        }
    }

    /**
     * The fields of a text, or null if it is malformed.
     * @internal
     */
    public static function parse(#[\SensitiveParameter] string $text): ?self
    {
        if (strlen($text) > self::MAX_TEXT) {
            return null;
        }
        $fields = [];
        foreach (explode('&', $text) as $part) {
            if ($part === '') {
                continue;
            }
            if (preg_match('/[\x00-\x1f\x7f]|%(?![0-9a-fA-F]{2})|%00/', $part) !== 0) {
                return null;
            }
            [$name, $value] = array_map(urldecode(...), [...explode('=', $part, 2), '']);
            if ($name === '') {
                return null;
            }
            $key = self::key($name);
            if ($value === '') {
                unset($fields[$key]);
                continue;
            }
            $fields[$key] = [$fields[$key][0] ?? $name, $value];
            if (count($fields) > self::MAX_FIELDS) {
                return null;
            }
        }
        return new self(array_values($fields));
    }

    /**
     * The fields that an application sets. Those with an empty value are left out.
     * @internal
     * @param iterable<int|string, string> $fields
     */
    public static function ofApplication(#[\SensitiveParameter] iterable $fields): self
    {
        $pairs = [];
        foreach ($fields as $name => $value) {
            $name = (string) $name; // PHP turned "7" into an integer
            if (!is_string($value)) {
                throw new \TypeError("the value of the field $name must be a string");
            }
            $key = self::key($name);
            self::need($name !== '', 'a field has no name');
            self::need(!self::isReserved($name), "the field $name is reserved; the server sets it");
            self::need(!isset($pairs[$key]), "there are two fields $name");
            self::need(!str_contains($name . $value, "\0"), 'a field contains a byte 0');
            $pairs[$key] = [$name, $value];
        }
        $pairs = array_values(array_filter($pairs, static fn (array $pair): bool => $pair[1] !== ''));
        self::need(count($pairs) <= self::MAX_FIELDS, 'a session has at most 64 fields');
        return new self($pairs);
    }

    /** @internal */
    public function withoutReserved(): self
    {
        $isOwn = static fn (array $pair): bool => !self::isReserved($pair[0]);
        return new self(array_values(array_filter($this->pairs, $isOwn)));
    }

    /** @internal */
    public function text(): string
    {
        $texts = array_map(
            static fn (array $pair): string => self::encode($pair[0]) . '=' . self::encode($pair[1]),
            $this->pairs,
        );
        $text = implode('&', $texts);
        self::need(strlen($text) <= self::MAX_TEXT, 'the fields are longer than 65536 bytes');
        return $text;
    }

    private static function isReserved(string $name): bool
    {
        return in_array(self::key($name), self::RESERVED, true);
    }

    private static function key(string $name): string
    {
        return strtolower($name); // only ASCII letters
    }

    private static function encode(#[\SensitiveParameter] string $bytes): string
    {
        return preg_replace_callback(
            '/[^A-Za-z0-9.*_-]/',
            static fn (array $byte): string => $byte[0] === ' ' ? '+' : '%' . bin2hex($byte[0]),
            $bytes,
        );
    }

    private static function need(bool $condition, string $problem): void
    {
        if (!$condition) {
            throw new \ValueError($problem);
        }
    }
}
