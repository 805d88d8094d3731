<?php

// SPDX-License-Identifier: Apache-2.0
require_once 'autoload.php'; // from Composer, or the one in clients/php

use Sealring\Session;

$ring = Sealring\Keyring::load('session.keys');
$revocations = Sealring\RevocationList::load('session.revoked');

function userOf(?string $cookieHeader, Sealring\Keyring $ring, Sealring\RevocationList $revocations): ?string
{
    try {
        return Session::open($cookieHeader, $ring, revocations: $revocations)?->subject;
    } catch (Sealring\RefusedException $refusal) {
        return "nobody: {$refusal->reason->value}"; // "nobody: revoked" after a logout
    }
}

$token = $ring->seal(Session::header(['user' => 'alice']), lifetime: 1800, context: '__Host-session');
echo userOf("__Host-session=$token", $ring, $revocations), "\n";
