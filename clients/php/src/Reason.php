<?php

// SPDX-License-Identifier: Apache-2.0

declare(strict_types=1);

namespace Sealring;

/** Why a token is refused. For the log, never for the client. */
enum Reason: string
{
    case Malformed = 'malformed';
    case Unsupported = 'unsupported';
    case UnknownKey = 'unknown_key';
    case AuthenticationFailed = 'authentication_failed';
    case Expired = 'expired';
    case NotYetValid = 'not_yet_valid';
    case Revoked = 'revoked';
    case Unbound = 'unbound';
}
