<?php

// SPDX-License-Identifier: Apache-2.0
require_once 'autoload.php'; // Composer's, or that of clients/php

$ring = Sealring\Keyring::load('session.keys');
$token = $ring->seal('alice', lifetime: 3600, context: 'session');
try {
    echo $ring->open($token, context: 'session')->payload, "\n";
} catch (Sealring\RefusedException $refusal) {
    // For your log; to the client all refusals are alike.
    echo 'no session: ', $refusal->reason->value, "\n";
}
