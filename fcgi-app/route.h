#ifndef DUM_APP_ROUTE_H
#define DUM_APP_ROUTE_H
/*
 * route - the table of the whole HTTP interface (routes.c).
 *
 * A path matches exactly, with {id} for one segment that is a positive number
 * and {file} for one that is a name of plain letters, so the order of rows
 * never matters. What a row leaves out is 0, and 0 is the
 * strictest of everything: a row without .params takes no parameter at all.
 */
#include "access/scope.h"
#include "app.h"

/* Which users may. Each stands for itself and all before it. */
enum access {
	ACCESS_ADMIN,
	ACCESS_EDITOR, /* enters and corrects data */
	ACCESS_VIEWER, /* reads */
	ACCESS_PUBLIC, /* anybody */
};

/* What a body may be. */
enum body_kind {
	BODY_NONE, /* the request must not have one */
	BODY_JSON, /* at most BODY_JSON_MAX bytes */
	BODY_CSV,  /* text/csv, at most BODY_CSV_MAX bytes */
};

enum {
	BODY_JSON_MAX = 64 * 1024,
	BODY_MANY_MAX = 1024 * 1024, /* with ROUTE_MANY */
	BODY_CSV_MAX = 64 * 1024 * 1024,
	/* More than this of a table is put into a file. */
	BODY_CSV_IN_MEMORY = 1024 * 1024,
};

/* What few rows are; none of it is the strictest. */
enum route_flag {
	/* Where one gets a session: no X-CSRF-Token yet; see guard.c. */
	ROUTE_CSRF_FREE = 1 << 0,
	/* The handler answers also where app->db is NULL. */
	ROUTE_WITHOUT_DB = 1 << 1,
	/* A read made of data alone, which the journal covers: it has an ETag
	 * and may be kept (answer_tag.h). */
	ROUTE_TAGGED = 1 << 2,
	/* The body may also be an array of what .members says, at most
	 * BODY_MANY_MAX bytes; the handler reads it (body.h). */
	ROUTE_MANY = 1 << 3,
	/* A read whose handler reads what is newest, statement by statement. */
	ROUTE_NO_READ = 1 << 4,
	/* Also as text/csv, by Accept or the parameter "format"; who gets it
	 * so is entered into the journal (csv_answer.h). */
	ROUTE_CSV = 1 << 5,
	/* A change that heeds If-Match; any other is refused where a client
	 * sends that: it would overwrite what the client wants to keep. */
	ROUTE_MATCH = 1 << 6,
	/* With BODY_JSON: no body at all is an object without members. */
	ROUTE_MAY_BE_EMPTY = 1 << 7,
	/* A read of what the journal covers beside data: its ETag is made of
	 * the answer itself (answer_tag_of()), which is not kept. */
	ROUTE_OWN_TAG = 1 << 8,
};

/*
 * Answers a request; a GET inside of a read of the database, unless its row is
 * ROUTE_WITHOUT_DB or ROUTE_NO_READ. Any status but DUM_OK makes the answer an
 * error, with the text of err.
 */
typedef enum dum_status (*route_fn)(struct app *app, struct request *req,
                                    struct response *res,
                                    struct dum_error *err);

struct route {
	enum method method; /* one; a path may have many rows */
	const char *path;
	enum access access;
	enum scope scope; /* keys that have one of these may; not with
	                   * ACCESS_PUBLIC */
	enum body_kind body;
	unsigned flags; /* of enum route_flag */
	route_fn fn;
	/* What the query and the body may be. They are read before .fn is
	 * called, which finds the values in req->params and req->members. */
	const struct param *params;   /* NULL: no parameter */
	const struct member *members; /* with BODY_JSON, and only then */
};

/* Ends with .path == NULL. */
extern const struct route routes[];

/*
 * The row of a request; HEAD finds the row of GET. NULL: none, and *allowed is
 * the set of methods that the path does have, 0 for an unknown path. *id_out
 * gets the value of {id}, or 0, and file_out that of {file}, or "".
 */
const struct route *route_find(enum method method, const char *path,
                               unsigned *allowed, int64_t *id_out,
                               char file_out[static PATH_FILE_MAX]);

#endif
