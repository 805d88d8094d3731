/* SPDX-License-Identifier: Apache-2.0
 *
 * sealring: what operators see. Counters in memory that the processes of a server share, and a
 * report of them, of key rings and of revocation lists. What sealring.h says about times,
 * structures, failure, pointers, threads and forks also applies here. docs/monitoring.md says what
 * each metric means.
 *
 *   sealring_counters   lie in the caller's memory. Made before the processes are, kept when the
 *                       configuration is loaded again.
 *   sealring_report     what there is to see at one moment.
 */
#ifndef SEALRING_STATUS_H
#define SEALRING_STATUS_H

#include "session.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct sealring_counters sealring_counters;

/* The size of the memory for counters. Threads: any. */
SEALRING_API size_t sealring_counters_size(void);

/* Makes counters in `memory`, aligned as by malloc, that processes share. They are not freed. What
 * is in it stays if they were made there before, by a version of the library that counts the same.
 * NULL if it is too small. Threads: one; one process at a time. */
SEALRING_API sealring_counters* sealring_counters_init(void* memory, size_t size, int64_t now);

/* From the next sealring_sealer_refresh() on, the sealer counts what it seals, opens and refuses,
 * and so do sessions that use it. Counting takes no lock and allocates nothing. The memory has to
 * outlive the sealer. NULL: nothing is counted. Threads: the sealer's. */
SEALRING_API void sealring_sealer_count(sealring_sealer* sealer, sealring_counters* counters);

typedef struct sealring_report sealring_report;

enum {
  SEALRING_REPORT_PROMETHEUS = 0,  /* Prometheus's text format 0.0.4 */
  SEALRING_REPORT_OPENMETRICS = 1, /* OpenMetrics 1.0 */
  SEALRING_REPORT_JSON = 2,
  SEALRING_REPORT_PAGE = 3 /* HTML, for people */
};

/* The format that a request asks for: by the end of its path, ".prom" or ".json"; else by its
 * Accept header. Each text may be NULL if its size is 0. Threads: any. */
SEALRING_API int32_t sealring_report_format(const char* path, size_t path_size, const char* accept,
                                            size_t accept_size);

/* The Content-Type of a format. A static string. Threads: any. */
SEALRING_API const char* sealring_report_content_type(int32_t format);

/* Makes a report of the counters at `now`. Threads: any. */
SEALRING_STATUS sealring_report_new(sealring_counters* counters, int64_t now,
                                    sealring_report** report, sealring_error* error);

/* NULL is allowed. Threads: the report's, as of a sealer. */
SEALRING_API void sealring_report_free(sealring_report* report);

/* Add a key ring or a revocation list that the server uses, as it is now: a refresh is the
 * caller's. What was added before is not added again. Threads: the report's. */
SEALRING_STATUS sealring_report_add_keyring(sealring_report* report,
                                            const sealring_keyring* keyring);
SEALRING_STATUS sealring_report_add_revocations(sealring_report* report,
                                                const sealring_revocations* revocations);

/* Writes the report. The text is NUL-terminated and valid until the next call with this report.
 * INVALID_ARGUMENT: there is no such format. Threads: the report's. */
SEALRING_STATUS sealring_report_write(sealring_report* report, int32_t format, sealring_text* text);

#ifdef __cplusplus
}
#endif

#endif
