#ifndef DUM_APP_OPENAPI_TEXT_H
#define DUM_APP_OPENAPI_TEXT_H
/* openapi_text - docs/openapi.json, as the build put it in. */
#include <stddef.h>

extern const char openapi_text[];
extern const size_t openapi_length;

#endif
