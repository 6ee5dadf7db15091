#ifndef DUM_TEST_OPENAPI_SCHEMA_H
#define DUM_TEST_OPENAPI_SCHEMA_H
/*
 * openapi_schema - the schema of OpenAPI that a row of a table asks for. The
 * caller frees it.
 */
#include <jansson.h>

#include "member.h"
#include "param.h"

/*
 * given: what the document has. A choice need not have a default there: where
 * none is made, that may stand for no choice at all.
 */
json_t *openapi_param(const struct param *param, const json_t *given);
json_t *openapi_member(const struct member *member);

/* Of {id} and of {file} in a path. */
json_t *openapi_id(void);
json_t *openapi_file(void);

#endif
