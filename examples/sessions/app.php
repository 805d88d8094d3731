<?php
// SPDX-License-Identifier: Apache-2.0
// The application behind php-fpm.conf.

// Where yours asks its database; the hashes are those of password_hash().
$users = [
    'alice' => ['password' => password_hash('wonderland', PASSWORD_BCRYPT, ['cost' => 4]), 'role' => 'admin'],
    'bob' => ['password' => password_hash('builder', PASSWORD_BCRYPT, ['cost' => 4]), 'role' => 'user'],
];

$form = <<<HTML
<!doctype html><title>Sign in</title>
<form method="post"><input name="user"> <input name="password" type="password"> <button>Sign in</button></form>

HTML;

$path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
if ($path !== '/signin') {
    // nginx says who the user is, whatever header the client sent.
    header('Content-Type: text/plain');
    echo 'hello, ' . ($_SERVER['HTTP_X_USER'] ?: 'nobody') . "\n";
    return;
}
if ($_SERVER['REQUEST_METHOD'] !== 'POST') {
    echo $form;
    return;
}
$name = (string) ($_POST['user'] ?? '');
$user = $users[$name] ?? null;
if ($user === null || !password_verify((string) ($_POST['password'] ?? ''), $user['password'])) {
    http_response_code(401);
    echo $form;
    return;
}
// The session's fields are written as a form is; nginx makes the cookie of them.
header('X-Replace-Session: ' . http_build_query(['user' => $name, 'role' => $user['role']]));
$next = (string) ($_GET['next'] ?? '/');
header('Location: ' . (preg_match('~^/(?![/\\\\])[^\r\n]*$~D', $next) ? $next : '/'), true, 303);
