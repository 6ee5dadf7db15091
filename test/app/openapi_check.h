#ifndef DUM_TEST_OPENAPI_CHECK_H
#define DUM_TEST_OPENAPI_CHECK_H
/*
 * openapi_check - hold a document of OpenAPI against routes[] and its tables,
 * in both directions.
 */
#include <jansson.h>

#include "base/strbuf.h"

/* Append a line for each difference, "GET /path: what it is". */
void openapi_check(struct strbuf *out, const json_t *document);

#endif
