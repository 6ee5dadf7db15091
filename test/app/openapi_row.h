#ifndef DUM_TEST_OPENAPI_ROW_H
#define DUM_TEST_OPENAPI_ROW_H
/* openapi_row - what a row of the route table has by its place in it. */
#include "route.h"

/* A change that may be repeated with an Idempotency-Key. */
bool openapi_row_is_keyed(const struct route *r);

/* A change of one record, which may be bound to a state of it. */
bool openapi_row_is_matched(const struct route *r);

/* A read with an ETag: of data alone, or of one record. */
bool openapi_row_is_tagged(const struct route *r);

/* A status that a row can not have, or need not but may: 0, 1. Must: 2. */
int openapi_row_status(const struct route *r, int status);

#endif
