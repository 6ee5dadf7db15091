/* /api/openapi.json: what programs can read about all that is in routes.c. */
#include "res/resources.h"

#include "openapi_text.h"

enum dum_status openapi_get(struct app *app, struct request *req,
                            struct response *res, struct dum_error *err)
{
	(void)app;
	(void)req;
	(void)err;
	strbuf_add(&res->body, openapi_text, openapi_length);
	return DUM_OK;
}
