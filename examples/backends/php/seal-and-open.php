<?php

// SPDX-License-Identifier: Apache-2.0
require_once 'autoload.php'; // from Composer, or the one in clients/php

$ring = Sealring\Keyring::load('session.keys');
$token = $ring->seal('alice', lifetime: 3600, context: 'session');
try {
    echo $ring->open($token, context: 'session')->payload, "\n";
} catch (Sealring\RefusedException $refusal) {
    // For your log; to the client every refusal looks the same.
    echo 'no session: ', $refusal->reason->value, "\n";
}
