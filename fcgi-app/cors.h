#ifndef DUM_APP_CORS_H
#define DUM_APP_CORS_H
/*
 * cors - which pages of other origins may read answers (CORS_ORIGINS).
 *
 * An origin that is listed may use keys, for everything. "*" lets any page
 * read with a key (GET and HEAD). Cookies never work from another origin: an
 * answer to one has no CORS header, and Allow-Credentials is never sent.
 */
#include "credential.h"
#include "request.h"
#include "response.h"

/* Add the headers of an answer, before it begins. */
void cors_add(struct response *res, const struct request *req,
              const struct credential *credential, const char *origins);

/*
 * Add those of the answer to OPTIONS, where a browser asks before it sends the
 * request itself; methods is the set that the address knows.
 */
void cors_add_preflight(struct response *res, const struct request *req,
                        unsigned methods, const char *origins);

#endif
