<?php

// SPDX-License-Identifier: Apache-2.0

declare(strict_types=1);

namespace Sealring;

/** Which end an expired session met. */
enum End: string
{
    case Idle = 'idle';
    case Absolute = 'absolute';
}
