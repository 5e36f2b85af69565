<?php
// The portal's side: put this behind the portal's own sign-in. It answers to registered addresses only.
session_start();
$key = getenv('PORTAL_SECRET');
$registered = ['https://apps.example.com/.auth/login/portal/callback'];
$back = $_GET['redirect_uri'] ?? '';
if (!in_array($back, $registered, true) || empty($_SESSION['user'])) {
    http_response_code(403);
    exit('Sign in to the portal first.');
}
$user = $_SESSION['user'];
$base64url = fn (string $bytes): string => rtrim(strtr(base64_encode($bytes), '+/', '-_'), '=');
$body = $base64url(json_encode([
    'sub' => (string) $user['id'], // never changes, never given to somebody else
    'name' => $user['name'],
    'email' => $user['email'],
    'groups' => $user['groups'],
    'aud' => $back,
    'state' => $_GET['state'] ?? '',
    'exp' => time() + 60,
]));
$ticket = $body . '.' . $base64url(hash_hmac('sha256', $body, $key, true));
header('Cache-Control: no-store');
header('Location: ' . $back . '?' . http_build_query(['code' => $ticket, 'state' => $_GET['state'] ?? '']));
