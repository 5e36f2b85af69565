<?php
// The three calls that a PHP product makes to the gateway, with a token that it signs itself.

declare(strict_types=1);

/** A JWT (RFC 7519) for the apps, about the person who is signed in here. */
function portico_token(array $person): string
{
    $part = fn(array $data): string => portico_base64url(json_encode($data, JSON_THROW_ON_ERROR));
    $now = time();
    $claims = [
        'iss' => 'php-shop',
        'aud' => getenv('APPS_URL'),
        'sub' => $person['id'],
        'name' => $person['name'],
        'roles' => $person['roles'],
        'iat' => $now,
        'exp' => $now + (int) getenv('TOKEN_LIFETIME'),
    ];
    $signed = $part(['alg' => 'RS256', 'typ' => 'JWT']) . '.' . $part($claims);
    openssl_sign($signed, $signature, file_get_contents(getenv('KEYS') . '/php.pem'), OPENSSL_ALGO_SHA256);
    return $signed . '.' . portico_base64url($signature);
}

/**
 * Asks the gateway: `code` for an address to put into the page, `renew` to go on, `end` at sign-out.
 *
 * @return array|null null when it refused
 */
function portico_ask(string $what, array $fields, ?string $token = null): ?array
{
    $headers = ['Content-Type: application/x-www-form-urlencoded'];
    if ($token !== null) {
        $headers[] = "Authorization: Bearer $token";
    }
    $http = [
        'method' => 'POST',
        'header' => $headers,
        'content' => http_build_query($fields),
        'timeout' => 10,
        'ignore_errors' => true,
        'follow_location' => 0,
    ];
    // PHP does not look at HTTPS_PROXY by itself.
    if (getenv('HTTPS_PROXY')) {
        $http['proxy'] = str_replace('http://', 'tcp://', getenv('HTTPS_PROXY'));
    }
    $answer = file_get_contents(
        getenv('APPS_URL') . "/.auth/embed/$what",
        false,
        stream_context_create(['http' => $http]),
    );
    $good = $answer !== false && preg_match('{^HTTP/\S+ 200 }', $http_response_header[0]);
    return $good ? json_decode($answer, true) : null;
}

function portico_base64url(string $bytes): string
{
    return rtrim(strtr(base64_encode($bytes), '+/', '-_'), '=');
}
