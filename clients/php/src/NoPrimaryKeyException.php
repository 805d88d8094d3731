<?php

// SPDX-License-Identifier: Apache-2.0

declare(strict_types=1);

namespace Sealring;

/** No key of the ring may seal an s1 token now. */
final class NoPrimaryKeyException extends \Exception
{
}
