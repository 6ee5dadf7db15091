#ifndef DUM_APP_REQUEST_H
#define DUM_APP_REQUEST_H
/*
 * request - one HTTP request, as the rest of the program sees it.
 *
 * Texts are borrowed from whoever made the request and live as long as it
 * does. The path and the query are as the client sent them, not decoded.
 * Header fields are the bytes that the client sent, "" where it sent none;
 * whoever looks at one checks it first.
 */
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "access/caller.h"
#include "base/error.h"
#include "base/strbuf.h"
#include "member.h"
#include "param.h"

/* Bits, so that a set of methods is a number. 0: none that is known. */
enum method {
	METHOD_GET = 1 << 0,
	METHOD_HEAD = 1 << 1,
	METHOD_POST = 1 << 2,
	METHOD_PUT = 1 << 3,
	METHOD_PATCH = 1 << 4,
	METHOD_DELETE = 1 << 5,
	METHOD_OPTIONS = 1 << 6,
};

enum {
	REQUEST_PATH_MAX = 1024, /* bytes, the query not counted */
	REQUEST_QUERY_MAX = 4096,
	REQUEST_ID_MAX = 64,
	REQUEST_PARAMS_MAX = 12, /* rows of the longest table of a route */
	REQUEST_MEMBERS_MAX = 8,
	PATH_FILE_MAX = 120, /* bytes of a {file}, its NUL included */
};

/* Read up to size bytes of the body; fewer only at its end or an error. */
typedef size_t (*request_read_fn)(void *arg, char *buf, size_t size);

/* The header fields that mean something here. */
struct request_headers {
	const char *content_type;
	const char *cookie;
	const char *authorization;
	const char *csrf_token; /* X-CSRF-Token */
	const char *host;
	const char *origin;
	const char *fetch_site;     /* Sec-Fetch-Site */
	const char *request_method; /* Access-Control-Request-Method */
	const char *if_none_match;
	const char *if_match;
	const char *idempotency_key;
	const char *accept;
	const char *agent; /* User-Agent */
};

struct request {
	enum method method;
	char path[REQUEST_PATH_MAX + 1];
	const char *query;   /* "" where there is none */
	const char *address; /* of the client, as nginx saw it */
	char id[REQUEST_ID_MAX + 1];
	struct request_headers headers;
	struct caller caller; /* nobody, until the guard knows better */
	int64_t path_id;      /* value of {id} in the path; 0: none */
	char path_file[PATH_FILE_MAX]; /* that of {file}; "": none */
	int64_t content_length;        /* -1: the header is no number */
	bool guard_only; /* asks what the guard says, and no more */
	request_read_fn read;
	void *read_arg;
	struct strbuf body; /* filled by request_read_body() */
	int body_fd;        /* or by request_spool_body(); owned; -1: none */
	bool in_body;       /* what is wrong from now on is in the body */
	int in_item;        /* and in that item of an array, from 1; 0: none */
	bool is_array;      /* the body is one; see body_items in body.h */
	bool as_csv;        /* the answer is to be text/csv */
	json_t *json;       /* the body parsed; owned */
	int64_t *ids;       /* those that the body lists; owned */
	int64_t max_daily_gb; /* what a MEMBER_GB of a day may have at most */
	/* As the tables of the route say, by their places there. */
	struct param_value params[REQUEST_PARAMS_MAX];
	struct member_value members[REQUEST_MEMBERS_MAX];
};

/* GET as "GET"; 0 for another word. */
enum method method_find(const char *name);

/* The first n names of a set, as in "GET, HEAD, POST". */
void method_list(struct strbuf *out, unsigned methods);

/*
 * A caller of whom nothing is known. He sees no location at all, so what
 * forgets to ask who is there gives nothing away.
 */
void request_forget_caller(struct request *req);

/*
 * Take over the head of a request. uri is path and query as sent. length is
 * the text of Content-Length, NULL or "" for none. id is kept where it is one
 * to 64 of [A-Za-z0-9._-]; another is replaced by a random one. DUM_EINVAL:
 * the path or the query is too long or no path at all.
 */
DUM_MUST_CHECK enum dum_status request_init(struct request *req,
                                            const char *method, const char *uri,
                                            const char *length, const char *id,
                                            struct dum_error *err);
void request_release(struct request *req);

/*
 * Read the body: exactly Content-Length bytes, and no more may follow.
 * DUM_EINVAL: it is shorter or longer, or Content-Length is no number.
 */
DUM_MUST_CHECK enum dum_status request_read_body(struct request *req,
                                                 struct dum_error *err);

/*
 * The same for a body that is larger than memory should hold: into a file in a
 * folder, which has no name and so goes with the request. It is read from its
 * start. Also DUM_EFULL.
 */
DUM_MUST_CHECK enum dum_status request_spool_body(struct request *req,
                                                  const char *folder,
                                                  struct dum_error *err);

/* The body that was read into memory, put into such a file. */
DUM_MUST_CHECK enum dum_status request_move_body(struct request *req,
                                                 const char *folder,
                                                 struct dum_error *err);

#endif
