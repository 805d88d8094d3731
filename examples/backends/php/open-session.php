<?php

// SPDX-License-Identifier: Apache-2.0
require_once 'autoload.php'; // from Composer, or the one in clients/php

use Sealring\Session;

$ring = Sealring\Keyring::load('session.keys');

function userOf(?string $cookieHeader, Sealring\Keyring $ring): ?string
{
    try {
        $session = Session::open($cookieHeader, $ring, lifetime: 12 * 3600);
        return $session?->subject; // null: there is no cookie
    } catch (Sealring\RefusedException $refusal) {
        // For your log.
        echo 'no session: ', $refusal->reason->value, ' ', $refusal->end?->value, "\n";
        return null;
    }
}

// nginx makes this cookie when it gets this value in the header X-Replace-Session.
$fields = Session::header(['user' => 'alice', 'role' => 'admin']);
$token = $ring->seal($fields, lifetime: 1800, context: '__Host-session');
echo userOf("__Host-session=$token", $ring), "\n"; // where PHP has $_SERVER['HTTP_COOKIE'] ?? null
