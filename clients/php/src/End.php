<?php

// SPDX-License-Identifier: Apache-2.0

declare(strict_types=1);

namespace Sealring;

/** The end that an expired session reached. */
enum End: string
{
    case Idle = 'idle';
    case Absolute = 'absolute';
}
