// SPDX-License-Identifier: Apache-2.0
// The types for import are those for require.
export * from './index.js';
