<?php

// SPDX-License-Identifier: Apache-2.0

declare(strict_types=1);

namespace Sealring;

/** The revocation list cannot be read, trusted or understood. The message is for the operator. */
final class InvalidRevocationListException extends \Exception
{
}
